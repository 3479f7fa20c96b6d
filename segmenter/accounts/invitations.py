"""Invitations: offers of a seat that a person accepts with a link.

Only a person with the link can accept: being signed in with the email address is not enough. The
link does not set the password of an existing user, who must sign in first. Everyone who accepts
chooses a new password, so that nobody else has the seat (ADR 15). Only the digest of the link's
secret is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import Account, Role, Seat, User, lock_seats, normal_email
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem
from segmenter.kernel.keys import digest, new_secret

LIFETIME = timedelta(days=7)
RECENT = timedelta(days=7)
"""The team page shows answers to invitations for this time."""
LONGEST_EMAIL = 254
_UNANSWERED = models.Q(accepted=None, declined=None, withdrawn=None)


class Invitation(models.Model):
    """A seat offered to the person with the link, under this email address."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, related_name="invitations"
    )
    """None: an invitation of the operator to create a user without a seat."""
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    invited_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="invitations_made"
    )
    """The owner who got the link; None: the operator, on the command line."""
    digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=now)
    expires = models.DateTimeField()
    accepted = models.DateTimeField(null=True)
    declined = models.DateTimeField(null=True)
    withdrawn = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "email"],
                condition=_UNANSWERED,
                nulls_distinct=False,
                name="one_unanswered_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.account} as {self.role}"

    def state(self, at: datetime) -> str:
        """Return accepted, declined, withdrawn, expired or open."""
        for answer in ("accepted", "declined", "withdrawn"):
            if getattr(self, answer) is not None:
                return answer
        return "expired" if self.expires <= at else "open"

    def end(self, answer: str, *, at: datetime) -> None:
        """Set the time at which it was accepted, declined or withdrawn."""
        setattr(self, answer, at)
        self.save(update_fields=[answer])


@dataclass(frozen=True)
class InvitationLink:
    """An invitation and the secret of its link, which is not stored."""

    invitation: Invitation
    secret: str


def invite(
    *, account: Account | None, email: str, role: Role, by: User | None, at: datetime
) -> InvitationLink:
    """Invite an address, or make a new link for an open invitation: the old one becomes void.

    Raises Invalid for a bad address, Conflict if the address is a member already or `by` (None for
    the operator) is not an owner any more.
    """
    email = _valid_email(email)
    with transaction.atomic():
        if account is None:
            if User.objects.filter(email=email).exists():
                message = _("%(email)s has a sign-in already.") % {"email": email}
                raise Conflict(Problem("/email", "duplicate", message))
        else:
            seats = lock_seats(account)
            _check_owner(seats, by)
            if any(seat.user.email == email for seat in seats):
                message = _("%(email)s is in the team already.") % {"email": email}
                raise Conflict(Problem("/email", "duplicate", message))
        unanswered = Invitation.objects.filter(_UNANSWERED, account=account, email=email)
        invitation = unanswered.select_for_update().first()
        if invitation is None:
            invitation = Invitation(account=account, email=email, created=at)
        invitation.role = role
        return _with_new_link(invitation, by=by, at=at)


def renew_link(*, account: Account, invitation_id: int, by: User, at: datetime) -> InvitationLink:
    """Make a new link; the old one becomes void. Raises NotFound, Conflict if it was answered."""
    with transaction.atomic():
        _check_owner(lock_seats(account), by)
        return _with_new_link(_unanswered(account, invitation_id), by=by, at=at)


def withdraw(*, account: Account, invitation_id: int, at: datetime) -> Invitation:
    """Void an invitation. Raises NotFound, Conflict if it was answered meanwhile."""
    with transaction.atomic():
        invitation = _unanswered(account, invitation_id)
        invitation.end("withdrawn", at=at)
        return invitation


def withdraw_links_of(seat: Seat, *, at: datetime) -> None:
    """Void the invitations of an owner who loses that role: they may have kept a link."""
    unanswered = Invitation.objects.filter(_UNANSWERED, account=seat.account, invited_by=seat.user)
    unanswered.update(withdrawn=at)


def invitations_to_show(account: Account, *, at: datetime) -> list[Invitation]:
    """Return open invitations and recent answers, the newest first."""
    recent = models.Q(accepted__gt=at - RECENT) | models.Q(declined__gt=at - RECENT)
    invitations = Invitation.objects.filter(_UNANSWERED | recent, account=account)
    return list(invitations.select_related("invited_by").order_by("-created", "-pk"))


def find_invitation(link_digest: str, *, at: datetime) -> Invitation | None:
    """Return the open invitation whose link has this digest, or None."""
    open_ones = Invitation.objects.filter(_UNANSWERED, expires__gt=at, digest=link_digest)
    return open_ones.select_related("account", "invited_by").first()


def accept(*, link_digest: str, user: User, password: str, at: datetime) -> Invitation:
    """Give an existing user the seat, and set the password that they chose.

    The person who created the user may know the old password (ADR 15). Raises NotFound if the link
    is void, Conflict if it is for another address.
    """
    with transaction.atomic():
        invitation = _lock_open(link_digest, at)
        if user.email != invitation.email:
            message = _("This invitation is for %(email)s.") % {"email": invitation.email}
            raise Conflict(Problem("", "another", message))
        user.choose_password(password)
        return _seat(invitation, user, at)


def accept_as_new_user(
    *, link_digest: str, name: str, password: str, at: datetime
) -> tuple[Invitation, User]:
    """Create the user with a password that they chose, and give them the seat.

    Raises NotFound if the link is void, Conflict if there is a user with this address by now: a
    link never sets the password of an existing user.
    """
    with transaction.atomic():
        invitation = _lock_open(link_digest, at)
        try:
            with transaction.atomic():
                user = User.objects.create_user(invitation.email, password, name=name.strip())
        except IntegrityError:
            message = _("%(email)s has a sign-in already.") % {"email": invitation.email}
            raise Conflict(Problem("", "duplicate", message)) from None
        return _seat(invitation, user, at), user


def decline(*, link_digest: str, at: datetime) -> Invitation:
    """Decline the seat. Raises NotFound if the link is void."""
    with transaction.atomic():
        invitation = _lock_open(link_digest, at)
        invitation.end("declined", at=at)
        return invitation


def _valid_email(email: str) -> str:
    email = normal_email(email)
    try:
        validate_email(email)
        if len(email) > LONGEST_EMAIL:
            raise ValidationError("too long")
    except ValidationError:
        raise Invalid(Problem("/email", "invalid", _("This is not an email address."))) from None
    return email


def _check_owner(seats: list[Seat], by: User | None) -> None:
    if by is not None and not any(s.user_id == by.pk and s.role == Role.OWNER for s in seats):
        raise Conflict(Problem("", "no_owner", _("Only owners invite people.")))


def _with_new_link(invitation: Invitation, *, by: User | None, at: datetime) -> InvitationLink:
    secret = new_secret()
    invitation.digest = digest(secret)
    invitation.invited_by = by
    invitation.expires = at + LIFETIME
    invitation.save()
    return InvitationLink(invitation, secret)


def _unanswered(account: Account, invitation_id: int) -> Invitation:
    of_account = Invitation.objects.select_for_update().filter(account=account, pk=invitation_id)
    invitation = of_account.first()
    if invitation is None:
        raise NotFound(_("The invitation"))
    if not Invitation.objects.filter(_UNANSWERED, pk=invitation.pk).exists():
        raise Conflict(Problem("", "answered", _("This invitation has been answered.")))
    return invitation


def _lock_open(link_digest: str, at: datetime) -> Invitation:
    open_ones = Invitation.objects.filter(_UNANSWERED, expires__gt=at, digest=link_digest)
    invitation = open_ones.select_for_update().first()
    if invitation is None:
        raise NotFound(_("The invitation"))
    return invitation


def _seat(invitation: Invitation, user: User, at: datetime) -> Invitation:
    if invitation.account is not None:
        Seat.objects.get_or_create(
            user=user, account=invitation.account, defaults={"role": invitation.role}
        )
    invitation.end("accepted", at=at)
    return invitation
