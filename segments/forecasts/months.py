"""When the months of a forecast end. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

QUIET = timedelta(hours=3)
"""So long after midnight a day is taken as over, as predictions do."""


def last_full_day(at: datetime, zone: ZoneInfo) -> date:
    """Return the last day whose orders have come in, in the account's zone."""
    return (at.astimezone(zone).replace(tzinfo=None) - QUIET).date() - timedelta(days=1)


def last_day_of_month(edges: Sequence[int], day: date, month: int) -> date | None:
    """Return the last day of a month (from 0) of a forecast as of `day`; None after the last."""
    if month + 1 >= len(edges):
        return None
    return day + timedelta(days=edges[month + 1])


def months_over(edges: Sequence[int], day: date, until: date) -> int:
    """Return how many months have ended by the end of a day."""
    return sum(day + timedelta(days=edge) <= until for edge in edges[1:])
