"""Who sits in an account: adding, changing and removing people. An account is never ownerless."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import Account, Role, Seat, User
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem


@dataclass(frozen=True)
class Added:
    """A new seat, and the password made for its user; None if the user signs in elsewhere too."""

    seat: Seat
    password: str | None


def add_to_team(*, account: Account, email: str, name: str, role: Role) -> Added:
    """Give someone a seat. Raises Invalid for a bad email, Conflict if they have one."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(Problem("/email", "invalid", _("This is not an email address."))) from None
    with transaction.atomic():
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User.objects.create_user(email, name=name.strip())
        seat, is_new = Seat.objects.get_or_create(
            user=user, account=account, defaults={"role": role}
        )
        if not is_new:
            message = _("%(email)s is in the team already.") % {"email": email}
            raise Conflict(Problem("/email", "duplicate", message))
        return Added(seat, _give_password(seat) if _sits_only_here(seat) else None)


def new_password(*, account: Account, seat_id: int) -> Added:
    """Give a team member another password, once. Raises Conflict if they sit elsewhere too."""
    with transaction.atomic():
        seat = _seat(account, seat_id)
        if not _sits_only_here(seat):
            message = _("%(user)s has other accounts too and changes the password alone.")
            raise Conflict(Problem("", "elsewhere", message % {"user": seat.user}))
        return Added(seat, _give_password(seat))


def change_role(*, account: Account, seat_id: int, role: Role) -> Seat:
    """Raises Conflict for the last owner, NotFound for a seat of another account."""
    with transaction.atomic():
        seat = _seat(account, seat_id)
        if role is not Role.OWNER:
            _keep_an_owner(seat)
        seat.role = role
        seat.save(update_fields=["role"])
        return seat


def remove_from_team(*, account: Account, seat_id: int) -> User:
    """Take a seat away; the user stays known. Raises Conflict for the last owner, NotFound."""
    with transaction.atomic():
        seat = _seat(account, seat_id)
        _keep_an_owner(seat)
        seat.delete()
        return seat.user


def _seat(account: Account, seat_id: int) -> Seat:
    """Lock the account's seats, so that two owners cannot remove each other at once."""
    seats = Seat.objects.select_for_update(of=("self",)).filter(account=account).order_by("pk")
    found = next((s for s in seats.select_related("user", "account") if s.pk == seat_id), None)
    if found is None:
        raise NotFound(_("The person"))
    return found


def _keep_an_owner(seat: Seat) -> None:
    others = Seat.objects.filter(account=seat.account, role=Role.OWNER).exclude(pk=seat.pk)
    if seat.role == Role.OWNER and not others.exists():
        raise Conflict(Problem("", "last_owner", _("An account needs at least one owner.")))


def _sits_only_here(seat: Seat) -> bool:
    return not Seat.objects.filter(user=seat.user).exclude(pk=seat.pk).exists()


def _give_password(seat: Seat) -> str:
    password = "-".join(secrets.token_hex(3) for _part in range(4))
    validate_password(password, seat.user)
    seat.user.set_password(password)
    seat.user.save(update_fields=["password"])
    return password
