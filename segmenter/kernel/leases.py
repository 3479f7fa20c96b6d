"""Leases in rows: a worker writes heartbeats, and is replaced when its heartbeat is stale."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q


def stale(field: str, at: datetime, lease: timedelta) -> Q:
    """Rows whose heartbeat in `field` differs from `at` by at least the lease.

    Also in the future: then the clock went back, and no worker writes such a time any more.
    """
    return Q(**{f"{field}__lte": at - lease}) | Q(**{f"{field}__gte": at + lease})
