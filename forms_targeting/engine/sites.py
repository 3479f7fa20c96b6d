"""The site of an account: its settings, its domains, and the number of its last change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import F
from django.http import HttpRequest

from forms_targeting.models import Site
from segmenter.accounts.models import Account
from segmenter.kernel.keys import new_secret
from segmenter.kernel.secrets import encrypt, secret_columns

_KEY = re.compile(r"[A-Za-z0-9]{6}", re.ASCII)

secret_columns.add("identity secrets of sites", ("forms_targeting_site", "identity_secret"))


def site_of(account: Account, *, at: datetime) -> Site:
    """Return the account's site; the first call makes it."""
    site, _created = Site.objects.get_or_create(
        account=account,
        defaults={"identity_secret": encrypt(new_secret()), "created": at, "updated": at},
    )
    return site


def find_site(site_key: str, *, at: datetime) -> Site | None:
    """Return the site of an account's public key with its account, or None. One query."""
    if not _KEY.fullmatch(site_key):
        return None
    site = Site.objects.select_related("account").filter(account__site_key=site_key).first()
    if site is None and (account := Account.objects.filter(site_key=site_key).first()):
        return site_of(account, at=at)
    return site


def note_change(account: Account, *, at: datetime) -> None:
    """Make every process read the account's forms and settings again; in the same transaction."""
    site = site_of(account, at=at)
    Site.objects.filter(pk=site.pk).update(revision=F("revision") + 1, updated=at)


def origin_of(request: HttpRequest) -> str:
    """Return the origin of the page that sends a request, or "" where no browser page does."""
    return request.headers.get("Origin", "")


def is_own_origin(origin: str, domains: Sequence[str]) -> bool:
    """Whether an origin, such as "https://shop.example", is one of the shop's domains.

    "example.com" is that host on its usual port, "example.com:8080" on that port, "*.example.com"
    every host below it.
    """
    try:
        parts = urlsplit(origin)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or parts.path or parts.query:
        return False
    usual = {"http": 80, "https": 443}[parts.scheme]
    address = host if port in (None, usual) else f"{host}:{port}"
    return any(_matches(address, domain.lower()) for domain in domains)


def _matches(address: str, domain: str) -> bool:
    if domain.startswith("*."):
        return address.endswith(domain[1:]) and len(address) > len(domain) - 1
    return address == domain
