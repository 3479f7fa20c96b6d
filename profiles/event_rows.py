"""Writing events into their table, many at once. Part of ingest; nothing else writes them.

Rows go by COPY into a table of the session's own and from there to where they belong: half the
work of sending them as parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from profiles.checks import dump
from profiles.records import EventRecord

_INCOMING = """CREATE TEMPORARY TABLE IF NOT EXISTS incoming_event (
    person bigint, metric bigint, time timestamptz, value float8, unique_id text, properties jsonb
) ON COMMIT DELETE ROWS"""

_STORE = """WITH stored AS (
    INSERT INTO profiles_event
        (account_id, profile_id, metric_id, time, value, unique_id, properties, received)
    SELECT %(account)s, person, metric, time, value, unique_id, properties, %(at)s
    FROM incoming_event ORDER BY person, metric, unique_id
    ON CONFLICT (account_id, profile_id, metric_id, unique_id) DO NOTHING
    RETURNING profile_id, metric_id, time
), active AS (
    SELECT profile_id, min(time) AS first, max(time) AS last
    FROM stored WHERE time <= %(at)s GROUP BY profile_id
), marked AS (
    UPDATE profiles_profile p
    SET first_active = least(p.first_active, active.first),
        last_active = greatest(p.last_active, active.last)
    FROM active WHERE p.id = active.profile_id AND p.account_id = %(account)s
    AND (p.first_active IS NULL OR active.first < p.first_active OR active.last > p.last_active)
    RETURNING p.id, p.first_active = active.first AS first, p.last_active = active.last AS last
)
SELECT profile_id, metric_id, count(*), coalesce(bool_or(first), false),
    coalesce(bool_or(last), false)
FROM stored LEFT JOIN marked ON marked.id = profile_id GROUP BY profile_id, metric_id"""


class Stored(NamedTuple):
    """New events of one person and metric, and whether they moved a bound of the activity."""

    profile_id: int
    metric_id: int
    events: int
    is_first: bool
    is_last: bool


def insert_events(
    account_id: int,
    rows: Sequence[tuple[int, EventRecord]],
    metrics: Mapping[str, tuple[int, str]],
    at: datetime,
) -> list[Stored]:
    """Insert what is not there yet; inside the transaction that holds the people locked.

    `rows` are pairs of a profile's id and an event, `metrics` maps names to (id, key). Returns
    those for whom anything is new.
    """
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        cursor.execute("DELETE FROM incoming_event")
        with cursor.copy("COPY incoming_event FROM STDIN") as copy:
            copy.write("".join(_lines(rows, metrics)))
        cursor.execute(_STORE, {"account": account_id, "at": at})
        return [Stored(*row) for row in cursor.fetchall()]


def _lines(
    rows: Iterable[tuple[int, EventRecord]], metrics: Mapping[str, tuple[int, str]]
) -> Iterable[str]:
    """The rows in COPY's text form."""
    for person, event in rows:
        value = "\\N" if event.value is None else repr(event.value)
        properties = dump(event.properties).replace("\\", "\\\\") if event.properties else "{}"
        yield (
            f"{person}\t{metrics[event.metric][0]}\t{event.time.isoformat()}\t{value}"
            f"\t{event.unique_id.translate(_ESCAPED)}\t{properties}\n"
        )


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
