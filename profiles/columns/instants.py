"""Instants as microseconds since 1970 in UTC, and parsing of ISO 8601 texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

NO_INSTANT: Final = -(2**63)
FIRST: Final = -(2**63) + 1
"""Before every instant."""
LAST: Final = 2**63 - 1
"""After every instant."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?"
)


def to_micros(moment: datetime) -> int:
    """Return an aware datetime as microseconds since 1970-01-01T00:00Z."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(micros: int, zone: ZoneInfo) -> datetime:
    """Return microseconds since 1970 as an aware datetime in the zone."""
    return (_EPOCH + timedelta(microseconds=micros)).astimezone(zone)


def parse_iso(text: str) -> datetime | None:
    """Read an ISO 8601 date or date-time (extended form); naive where the text names no zone."""
    if not _ISO.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def parse_instant(text: str, zone: ZoneInfo) -> int | None:
    """Read an ISO 8601 date or date-time as microseconds; what names no zone is in `zone`."""
    moment = parse_iso(text)
    if moment is None:
        return None
    try:
        return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except OverflowError:
        return None
