"""Addresses in mails and on hosted pages: of this server, and back to the shop's own pages."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest

from forms_targeting.engine.sites import is_own_origin
from forms_targeting.models import Site
from profiles.visitor_tokens import visitor_token

TOKEN_PARAMETER = "_kx"  # the name of a parameter, no password
"""By which a visitor token arrives in a link, as in Klaviyo's e-mails."""


def server_address(request: HttpRequest) -> str:
    """Return the address under which people outside reach this server, without a slash."""
    return settings.SEGMENTER_PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def address_in_shop(site: Site, page: str, profile_id: int, *, at: datetime) -> str:
    """Return a page's address with a token that proves the visitor.

    "" unless the page is on one of the shop's own domains: a token is for nobody else.
    """
    try:
        parts = urlsplit(page)
    except ValueError:
        return ""
    if "@" in parts.netloc or not is_own_origin(f"{parts.scheme}://{parts.netloc}", site.domains):
        return ""
    others = parse_qsl(parts.query, keep_blank_values=True)
    query = [(name, value) for name, value in others if name != TOKEN_PARAMETER]
    query.append((TOKEN_PARAMETER, visitor_token(site.account, profile_id, at=at)))
    return urlunsplit(parts._replace(query=urlencode(query)))
