"""The size limit of a request's body, decided before it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from segmenter.accounts.middleware import CurrentAccount
from segmenter.accounts.models import Role, Seat

View = TypeVar("View", bound=Callable[..., Any])
_OVERHEAD = 100_000
"""Bytes of a form around its file."""


def takes_files(view: View) -> View:
    """Mark a view that takes bodies as large as an import, from people who may import."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def body_limit(environ: dict[str, Any]) -> int:
    """Return the largest body (bytes) of this request, by its view and the person's role."""
    request = WSGIRequest(environ)
    usual: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return usual
    if request.method != "POST" or not getattr(view, "takes_files", False):
        return usual
    _seat(request)
    seat: Seat | None = request.seat  # type: ignore[attr-defined]
    may = seat is not None and seat.allows(Role.MARKETER)
    return settings.IMPORT_BODY_LIMIT + _OVERHEAD if may else usual


def _empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


_seat = SessionMiddleware(AuthenticationMiddleware(CurrentAccount(_empty)))
"""Puts `request.seat`, as for a page."""
