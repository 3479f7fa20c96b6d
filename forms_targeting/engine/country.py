"""The visitor's country, as the proxy in front of the server tells it in a header."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from profiles.places.countries import country_name


def country_of(request: HttpRequest) -> str:
    """Return the code (ISO 3166-1 alpha-2) of the visitor's country, "" if it is unknown.

    Proxies write XX or T1 for what they do not know. Without SEGMENTER_COUNTRY_HEADER it is always
    unknown, since then anybody could write the header.
    """
    name: str = settings.SEGMENTER_COUNTRY_HEADER
    code = request.headers.get(name, "").strip().upper() if name else ""
    return code if len(code) == 2 and country_name(code) else ""
