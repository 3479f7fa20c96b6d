"""The team of an account: changes roles and removes people. An account always has an owner.

People are added by `invitations`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from segmenter.accounts.invitations import withdraw_links_of
from segmenter.accounts.models import Account, Role, Seat, User, lock_seats
from segmenter.kernel.errors import Conflict, NotFound, Problem


def change_role(*, account: Account, seat_id: int, role: Role, at: datetime) -> Seat:
    """Raises Conflict for the last owner, NotFound for a seat of another account."""
    with transaction.atomic():
        seat = _seat(account, seat_id)
        if role is not Role.OWNER:
            _keep_an_owner(seat)
            withdraw_links_of(seat, at=at)
        seat.role = role
        seat.save(update_fields=["role"])
        return seat


def remove_from_team(*, account: Account, seat_id: int, at: datetime) -> User:
    """Delete a seat, not the user. Raises Conflict for the last owner, NotFound."""
    with transaction.atomic():
        seat = _seat(account, seat_id)
        _keep_an_owner(seat)
        withdraw_links_of(seat, at=at)
        seat.delete()
        return seat.user


def _seat(account: Account, seat_id: int) -> Seat:
    match = next((seat for seat in lock_seats(account) if seat.pk == seat_id), None)
    if match is None:
        raise NotFound(_("The person"))
    return match


def _keep_an_owner(seat: Seat) -> None:
    others = Seat.objects.filter(account=seat.account, role=Role.OWNER).exclude(pk=seat.pk)
    if seat.role == Role.OWNER and not others.exists():
        raise Conflict(Problem("", "last_owner", _("An account needs at least one owner.")))
