"""Where a browser goes on after a detour: only to pages of ours that can be visited."""

from __future__ import annotations

import inspect
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme


def return_address(request: HttpRequest) -> str:
    """The page that a form was sent from, as a path; empty if that is not known or not ours."""
    address = request.headers.get("Referer", "")
    allowed = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(address) if allowed else None
    if parts is None or not can_be_visited(parts.path):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def redirect_to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """Ask for sign-in, and then go on to what was asked for, or the page a form was sent from.

    What was sent is not sent again.
    """
    asked = request.get_full_path() if can_be_visited(request.path) else return_address(request)
    return redirect_to_login(asked or reverse("home"))


def can_be_visited(address: str) -> bool:
    """Whether an address without a host answers a GET, and does not only take forms."""
    try:
        view = resolve(unquote(urlsplit(address).path)).func
    except Resolver404:
        return False
    return "GET" in _methods(view)


def _methods(view: Any) -> list[str]:
    """The methods that a view takes: of a class, or by Django's require_http_methods."""
    if hasattr(view, "view_class"):
        return [name.upper() for name in view.view_class.http_method_names]
    while view is not None:
        methods = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if methods is not None:
            return list(methods)
        view = getattr(view, "__wrapped__", None)
    return ["GET"]
