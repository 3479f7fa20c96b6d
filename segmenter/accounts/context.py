"""Template variables of every page: the account and the signed-in person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def account(request: HttpRequest) -> dict[str, Any]:
    """Return `account`, `seat` and all of the person's `seats`."""
    seat = getattr(request, "seat", None)
    if seat is None:
        return {}
    return {"account": seat.account, "seat": seat, "seats": request.seats}  # type: ignore[attr-defined]
