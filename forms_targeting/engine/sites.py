"""The site of an account: its settings, its domains, and the number of its last change."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from copy import copy
from datetime import datetime
from urllib.parse import urlsplit

from cachetools import LRUCache
from django.db import connection
from django.db.models import F
from django.http import HttpRequest

from forms_targeting.models import Site
from segmenter.accounts.models import Account
from segmenter.kernel.keys import new_secret
from segmenter.kernel.secrets import encrypt, secret_columns

MOST_SITES = 1_000
"""Sites that a process keeps: those of the latest requests."""
_KEY = re.compile(r"[A-Za-z0-9]{6}", re.ASCII)
_sites: LRUCache[str, tuple[tuple[object, ...], Site]] = LRUCache(MOST_SITES)
"""Public key to the versions of the rows, and the site with its account."""
_lock = threading.Lock()

secret_columns.add("identity secrets of sites", ("forms_targeting_site", "identity_secret"))


def site_of(account: Account, *, at: datetime) -> Site:
    """Return the account's site; the first call makes it."""
    site, _created = Site.objects.get_or_create(
        account=account,
        defaults={"identity_secret": encrypt(new_secret()), "created": at, "updated": at},
    )
    return site


def find_site(site_key: str, *, at: datetime) -> Site | None:
    """Return the site of an account's public key with its account, or None. One query.

    A process keeps what it read as long as both rows are the same versions in the database; that
    takes a fifth of the time of reading them. The caller gets a copy of its own.
    """
    if not _KEY.fullmatch(site_key):
        return None
    version = _versions_of_rows(site_key)
    if version is None:
        account = Account.objects.filter(site_key=site_key).first()
        return site_of(account, at=at) if account else None
    with _lock:
        entry = _sites.get(site_key)
    if entry is None or entry[0] != version:
        site = Site.objects.select_related("account").filter(account__site_key=site_key).first()
        if site is None:
            return None
        entry = version, site
        with _lock:
            _sites[site_key] = entry
    return copy(entry[1])


def _versions_of_rows(site_key: str) -> tuple[object, ...] | None:
    """What identifies the present versions of a site's and its account's rows; None without one.

    Every update writes a new version of a row: with another transaction's number or in another
    place.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, s.xmin::text, s.ctid::text, a.id, a.xmin::text, a.ctid::text"
            " FROM accounts_account a JOIN forms_targeting_site s ON s.account_id = a.id"
            " WHERE a.site_key = %s",
            [site_key],
        )
        return cursor.fetchone()


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
