"""Where and how a visitor did something, as it is kept with what they stated."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest

from segmenter.accounts.throttle import address_of

MOST_ADDRESS = 2_000
"""Characters of a page's address that are kept."""
MOST_AGENT = 500


@dataclass(frozen=True)
class Circumstances:
    """What is known about a request of a visitor beside what they entered."""

    page: str
    """Address of the page, with its query."""
    address: str | None
    """IP address, by the rule of the trusted proxies."""
    user_agent: str
    language: str
    """Code of the language that the visitor saw."""


def circumstances_of(request: HttpRequest, *, page: str, language: str) -> Circumstances:
    """Return the circumstances of a request."""
    return Circumstances(
        page=short_text(page, MOST_ADDRESS),
        address=ip_address_of(request),
        user_agent=short_text(request.headers.get("User-Agent", ""), MOST_AGENT),
        language=language,
    )


def ip_address_of(request: HttpRequest) -> str | None:
    """Return the visitor's IP address; None if what a proxy says is none."""
    try:
        return str(ip_address(address_of(request)))
    except ValueError:
        return None


def short_text(value: Any, most: int) -> str:
    """Return a text, cut, without what cannot be kept; "" for every other value."""
    if not isinstance(value, str):
        return ""
    return "".join(c for c in value[:most] if c >= " " and not "\ud800" <= c <= "\udfff").strip()
