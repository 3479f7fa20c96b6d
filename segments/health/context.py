"""What the frame of every page shows about segments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from segmenter.accounts.models import Role, Seat
from segments.health.audits import last_difference


def alarm(request: HttpRequest) -> dict[str, Any]:
    """Give templates `alarm`: owners see on every page that the last audit found differences."""
    seat: Seat | None = getattr(request, "seat", None)
    if seat is None or not seat.allows(Role.OWNER):
        return {"alarm": False}
    return {"alarm": SimpleLazyObject(lambda: last_difference(seat.account_id) > 0)}
