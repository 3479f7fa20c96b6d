"""The only place that asks what time it is. Everything below a view or a task is given `at`.

The time is PostgreSQL's, so that all hosts agree: between two questions a clock that nobody can
set tells how much has passed. A host's own clock counts only while the database cannot be asked.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import Error, connection

FRESH = 1.0
"""Seconds for which the database's answer is gone on from before it is asked again."""
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Cannot be set, is the same for all processes of a machine, and goes on while it sleeps."""


class _Reading(NamedTuple):
    asked: float
    """By the steady clock."""
    origin: datetime | None
    """When the steady clock was at 0, by the database; None if it has never answered."""


_reading = _Reading(-FRESH, None)


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    if not 0 <= _steady() - _reading.asked < FRESH:
        _ask()
    return _by_reading()


def database_now() -> datetime:
    """Return the current instant as `now` does, but ask the database whatever was asked before.

    For whoever decides by it what is in the future; inside a transaction it is still the present.
    """
    _ask()
    return _by_reading()


def last_known_now() -> datetime:
    """Return the current instant by what the database answered last, however long ago.

    For loops that nothing may hold up; some thread of their process asks now and then.
    """
    return _by_reading()


def elapsed() -> float:
    """Return seconds since whenever, which never go back: for measuring how long things take."""
    return time.monotonic()


def _steady() -> float:
    return time.clock_gettime(_STEADY)


def _by_reading() -> datetime:
    origin = _reading.origin
    return datetime.now(UTC) if origin is None else origin + timedelta(seconds=_steady())


def _ask() -> None:
    """Ask the database. Without an answer it goes on from the last one for as long again."""
    global _reading  # of the process; replaced whole, so no lock is needed
    before, origin = _steady(), _reading.origin
    try:
        answer = _database_time()
    except Error:
        _reading = _Reading(_steady(), origin)
        return
    after = _steady()
    # The answer was true at some time between the two; what is known better already stays.
    earliest, latest = (answer - timedelta(seconds=steady) for steady in (after, before))
    _reading = _Reading(after, min(max(origin or earliest, earliest), latest))


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        answer: datetime = cursor.fetchone()[0]
        return answer.astimezone(UTC)
