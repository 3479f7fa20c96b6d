"""The URL to return to after sign-in or a form: only pages of ours that answer GET."""

from __future__ import annotations

import inspect
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme


def return_address(request: HttpRequest) -> str:
    """The path of the page from which a form was sent; "" if it is unknown or not ours."""
    address = request.headers.get("Referer", "")
    allowed = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(address) if allowed else None
    if parts is None or not can_be_visited(parts.path):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def redirect_to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to sign-in, then to the requested page, or the page from which a form was sent.

    The form itself is not sent again.
    """
    target = request.get_full_path() if can_be_visited(request.path) else return_address(request)
    return redirect_to_login(target or reverse("home"))


def can_be_visited(address: str) -> bool:
    """Whether a URL without a host answers GET."""
    try:
        view = resolve(unquote(urlsplit(address).path)).func
    except Resolver404:
        return False
    return "GET" in _methods(view)


def _methods(view: Any) -> list[str]:
    """The methods that a view supports: of a class, or by Django's require_http_methods."""
    if hasattr(view, "view_class"):
        names = view.view_class.http_method_names
        return [name.upper() for name in names if hasattr(view.view_class, name)]
    while view is not None:
        methods = inspect.getclosurevars(view).nonlocals.get("request_method_list")
        if methods is not None:
            return list(methods)
        view = getattr(view, "__wrapped__", None)
    return ["GET"]
