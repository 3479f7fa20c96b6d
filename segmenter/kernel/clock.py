"""The only module that reads the time. Functions below a view or a task get `at` as an argument.

The time is PostgreSQL's, so that all hosts agree. Between two queries a steady clock, which cannot
be set, measures the time passed. A host's own clock counts only while there is no database.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import Error, connection

FRESH = 1.0
"""Seconds after which the database is queried again."""
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Cannot be set, is the same for all processes of a machine, and continues during sleep."""


class _Reading(NamedTuple):
    at: float
    """When the database was queried, by the steady clock."""
    origin: datetime | None
    """The database's time at 0 of the steady clock; None if it never answered."""


_reading = _Reading(-FRESH, None)


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    if not 0 <= _steady() - _reading.at < FRESH:
        _ask()
    return _by_reading()


def database_now() -> datetime:
    """Return the current instant like `now`, but always query the database.

    For decisions about what is in the future. Inside a transaction it is the present time, too.
    """
    _ask()
    return _by_reading()


def last_known_now() -> datetime:
    """Return the current instant from the database's last answer, however old.

    For loops that must not wait; another thread of the process queries from time to time.
    """
    return _by_reading()


def elapsed() -> float:
    """Return seconds of a monotonic clock, for measuring durations."""
    return time.monotonic()


def _steady() -> float:
    return time.clock_gettime(_STEADY)


def _by_reading() -> datetime:
    origin = _reading.origin
    return datetime.now(UTC) if origin is None else origin + timedelta(seconds=_steady())


def _ask() -> None:
    """Query the database. Without an answer the last one is used for FRESH seconds more."""
    global _reading  # replaced as a whole, so that no lock is needed
    before, origin = _steady(), _reading.origin
    try:
        answer = _database_time()
    except Error:
        _reading = _Reading(_steady(), origin)
        return
    after = _steady()
    # The answer was right at some time between the two; a better estimate stays.
    earliest, latest = (answer - timedelta(seconds=steady) for steady in (after, before))
    _reading = _Reading(after, min(max(origin or earliest, earliest), latest))


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        answer: datetime = cursor.fetchone()[0]
        return answer.astimezone(UTC)
