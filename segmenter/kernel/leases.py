"""Leases in rows: whoever works writes a heartbeat, and who has been silent is replaced."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q


def silent(field: str, at: datetime, lease: timedelta) -> Q:
    """Rows whose heartbeat in `field` is as far from `at` as the lease lasts.

    Also ahead of it: then the clock went back, and no worker writes such a time any more.
    """
    return Q(**{f"{field}__lte": at - lease}) | Q(**{f"{field}__gte": at + lease})
