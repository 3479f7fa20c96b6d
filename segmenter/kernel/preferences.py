"""A client's preferences: the header Prefer (RFC 7240)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

APPLIED = "Preference-Applied"
MOST = 20
"""Most preferences of a request that are read."""


def preference(request: HttpRequest, name: str) -> str | None:
    """Return the value of a preference, in lower case; "" if it has none, None if it is absent.

    The first one counts, as the RFC says.
    """
    for item in request.META.get("HTTP_PREFER", "").split(",", MOST)[:MOST]:
        key, _, value = item.partition(";")[0].partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"').lower()
    return None


def confirm_preference(response: HttpResponse, name: str, value: str) -> HttpResponse:
    """Set the header that confirms a preference, and return the response."""
    response[APPLIED] = f"{name}={value}"
    return response
