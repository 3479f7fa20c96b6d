"""Binds each request of a page to the person's current account."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from segmenter.accounts.models import Seat
from segmenter.kernel.jsonapi import PREFIXES

SESSION_KEY = "account"


class CurrentAccount:
    """Puts `request.seat` (or None) and `request.seats`; pages show times in the account's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.seats, request.seat = [], None  # type: ignore[attr-defined]
        if request.path.startswith((*PREFIXES, "/static/", "/healthz")):
            return self._get_response(request)
        if request.user.is_authenticated:
            seats = list(
                Seat.objects.filter(user_id=request.user.pk)
                .select_related("account", "user")
                .order_by("account__name")
            )
            account_id = request.session.get(SESSION_KEY)
            request.seats = seats  # type: ignore[attr-defined]
            request.seat = next(  # type: ignore[attr-defined]
                (s for s in seats if s.account_id == account_id),
                min(seats, key=lambda seat: seat.pk, default=None),
            )
        if request.seat is None:  # type: ignore[attr-defined]
            return self._get_response(request)
        with timezone.override(request.seat.account.zone):  # type: ignore[attr-defined]
            return self._get_response(request)
