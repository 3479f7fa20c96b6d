"""URLs of one-time links, for the browser and the terminal.

The secret is the fragment (after #) of the URL. Browsers do not send fragments, so it is in no
access log, no proxy's log and no Referer.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

NO_ADDRESS = "(put your installation's address before it; SEGMENTER_ORIGINS would name it)"
_HERE = ("localhost", "127.0.0.1", "::1")


def link_path(route: str, secret: str) -> str:
    """Return the link without the host of the installation."""
    return f"{reverse(route)}#{secret}"


def link_for_terminal(route: str, secret: str) -> str:
    """Return the whole link if the settings name the host; else its path and a note."""
    base = _base_address()
    path = link_path(route, secret)
    return f"{base}{path}" if base else f"{path}\n{NO_ADDRESS}"


def _base_address() -> str:
    """Return https://segments.example.com from SEGMENTER_ORIGINS or SEGMENTER_HOSTS, or ""."""
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        parts = urlsplit(origin)
        if parts.hostname and "*" not in origin:
            return f"{parts.scheme}://{parts.netloc}"
    if settings.INSECURE_LOCAL:
        return ""  # the port is unknown here
    names = [h for h in settings.ALLOWED_HOSTS if not h.startswith((".", "*", "["))]
    name = next((h for h in names if h not in _HERE and h != "testserver"), None)
    return f"https://{name}" if name else ""
