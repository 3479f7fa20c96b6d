"""Writing events into their table, many at once. Part of ingest; nothing else writes them.

Rows of people who are known go by COPY into a table of the session's own and from there to where
they belong, unless they are there. Those of people whom the batch made cannot be there: they go by
COPY straight in, which is half the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from profiles.copying import NULL, copy_rows, json_field, text_field, time_field
from profiles.records import EventRecord

Row = tuple[int, EventRecord]
"""A profile's id and what the person did."""
_SAID = ("time", "value", "unique_id", "properties")

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


def distinct(rows: Iterable[Row]) -> list[Row]:
    """Return the rows without those whose unique_id an earlier one has, of person and metric."""
    found: dict[tuple[int, str, str], Row] = {}
    for row in rows:
        id_, event = row
        found.setdefault((id_, event.metric, event.unique_id), row)
    return list(found.values())


def bounds(rows: Iterable[Row], at: datetime) -> dict[int, tuple[datetime, datetime]]:
    """Return the first and the last time until `at` at which each person did something."""
    found: dict[int, tuple[datetime, datetime]] = {}
    for id_, event in rows:
        time = event.time
        if time > at:
            continue
        first, last = found.get(id_, (time, time))
        found[id_] = (min(first, time), max(last, time))
    return found


def next_event_id() -> int:
    """Return an id that no event stored from now on is below."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM profiles_event_id_seq")
        found: int = cursor.fetchone()[0]
        return found


def insert_events(
    account_id: int,
    rows: Iterable[Row],
    metrics: Mapping[str, tuple[int, str]],
    at: datetime,
    *,
    new: Set[int],
) -> list[Stored]:
    """Insert what is not there yet; inside the transaction that holds the people locked.

    `rows` are distinct, `metrics` maps names to (id, key). `new` are the people whom this very
    transaction made, with the bounds of their activity. Returns those for whom anything is new.
    """
    of_new: list[Row] = []
    of_known: list[Row] = []
    for row in rows:
        (of_new if row[0] in new else of_known).append(row)
    return [
        *_insert_of_new(account_id, of_new, metrics, at),
        *_insert_of_known(account_id, of_known, metrics, at),
    ]


def _insert_of_new(
    account_id: int, rows: Sequence[Row], metrics: Mapping[str, tuple[int, str]], at: datetime
) -> Iterator[Stored]:
    if rows:
        columns = ("account_id", "received", "profile_id", "metric_id", *_SAID)
        before = f"{account_id}\t{time_field(at)}\t"
        copy_rows("profiles_event", columns, (before + line for line in _lines(rows, metrics)))
    for (id_, metric), events in Counter((id_, event.metric) for id_, event in rows).items():
        yield Stored(id_, metrics[metric][0], events, False, False)


def _insert_of_known(
    account_id: int, rows: Sequence[Row], metrics: Mapping[str, tuple[int, str]], at: datetime
) -> list[Stored]:
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        cursor.execute("DELETE FROM incoming_event")
        copy_rows("incoming_event", ("person", "metric", *_SAID), _lines(rows, metrics))
        cursor.execute(_STORE, {"account": account_id, "at": at})
        return [Stored(*row) for row in cursor.fetchall()]


def _lines(rows: Iterable[Row], metrics: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """The rows in COPY's form: person, metric, and what was said."""
    for id_, event in rows:
        value = NULL if event.value is None else repr(event.value)
        yield (
            f"{id_}\t{metrics[event.metric][0]}\t{time_field(event.time)}\t{value}"
            f"\t{text_field(event.unique_id)}\t{json_field(event.properties)}"
        )
