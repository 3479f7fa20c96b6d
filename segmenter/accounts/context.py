"""What every page's template knows of the account and the signed-in person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def account(request: HttpRequest) -> dict[str, Any]:
    """Give templates `account`, `seat` and the person's other `seats`."""
    seat = getattr(request, "seat", None)
    if seat is None:
        return {}
    return {"account": seat.account, "seat": seat, "seats": request.seats}  # type: ignore[attr-defined]
