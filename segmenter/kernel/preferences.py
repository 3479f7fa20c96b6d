"""What a client prefers of several right ways to answer: the header Prefer (RFC 7240)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

APPLIED = "Preference-Applied"
MOST = 20
"""Preferences of a request that are looked at."""


def preference(request: HttpRequest, name: str) -> str | None:
    """Return the value of a preference, in lower case; "" if it has none, None if it is not there.

    The first counts where one is given twice, as the RFC says.
    """
    for one in request.META.get("HTTP_PREFER", "").split(",", MOST)[:MOST]:
        given, _, value = one.partition(";")[0].partition("=")
        if given.strip().lower() == name:
            return value.strip().strip('"').lower()
    return None


def applied(response: HttpResponse, name: str, value: str) -> HttpResponse:
    """The response, which says that a preference was followed."""
    response[APPLIED] = f"{name}={value}"
    return response
