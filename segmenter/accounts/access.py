"""The decorator that restricts a page to people with a role in the current account."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from segmenter.accounts.models import Role, Seat
from segmenter.accounts.return_address import redirect_to_sign_in

P = ParamSpec("P")


class SeatRequest(HttpRequest):
    """A request of a signed-in person in an account (what `page` guarantees)."""

    seat: Seat
    seats: list[Seat]
    htmx: Any


def page(
    role: Role = Role.VIEWER,
) -> Callable[
    [Callable[Concatenate[SeatRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Require sign-in, and a role of at least `role` in the current account."""

    def wrap(
        view: Callable[Concatenate[SeatRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            seat: Seat | None = getattr(request, "seat", None)
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request"):
                    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
                return redirect_to_sign_in(request)
            if seat is None or not seat.allows(role):
                raise PermissionDenied
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        update_wrapper(guarded, view)
        return guarded

    return wrap
