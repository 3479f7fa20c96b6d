"""Writes events in bulk. Only ingest writes them.

Rows are written by COPY into the table itself. The people are locked, so no other transaction
stores their events meanwhile: existing events are looked up first and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from profiles.ingest.copy_rows import NULL, copy_rows, json_field, text_field, time_field
from profiles.ingest.parse import EventRecord
from segmenter.kernel.keys import new_key

Row = tuple[int, EventRecord]
"""A profile's id and an event."""
Key = tuple[int, str, str]
"""Identifies an event: profile id, metric name, unique_id."""
_COLUMNS = (
    *("account_id", "received", "profile_id", "metric_id"),
    *("time", "value", "unique_id", "properties"),
)

_EXISTING = """SELECT place - 1
    FROM unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[],
                string_to_array(%s, %s)) WITH ORDINALITY AS t(person, metric, unique_id, place)
    JOIN profiles_event e ON e.account_id = %s AND e.profile_id = t.person
        AND e.metric_id = t.metric AND e.unique_id = t.unique_id COLLATE "C"
"""

_MOVE_BOUNDS = """UPDATE profiles_profile p
    SET first_active = least(p.first_active, active.first),
        last_active = greatest(p.last_active, active.last)
    FROM unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::timestamptz[],
                string_to_array(%s, ',')::timestamptz[]) AS active(id, first, last)
    WHERE p.id = active.id AND p.account_id = %s
    AND (p.first_active IS NULL OR active.first < p.first_active OR active.last > p.last_active)
    RETURNING p.id, p.first_active = active.first, p.last_active = active.last"""


class NewEvents(NamedTuple):
    """New events of one person and metric, and whether they changed first or last activity."""

    profile_id: int
    metric_id: int
    events: int
    is_first: bool
    is_last: bool


def distinct_events(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, only the first of each person, metric and unique_id."""
    by_key: dict[Key, Row] = {}
    for row in rows:
        id_, event = row
        by_key.setdefault((id_, event.metric, event.unique_id), row)
    return list(by_key.values())


def activity_bounds(rows: Iterable[Row], at: datetime) -> dict[int, tuple[datetime, datetime]]:
    """Return the first and last time of each person's events until `at`."""
    by_person: dict[int, tuple[datetime, datetime]] = {}
    for id_, event in rows:
        time = event.time
        if time > at:
            continue
        first, last = by_person.get(id_, (time, time))
        by_person[id_] = (min(first, time), max(last, time))
    return by_person


def next_event_id() -> int:
    """Return a lower bound of the ids of events that are stored from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM profiles_event_id_seq")
        last_value: int = cursor.fetchone()[0]
        return last_value


def insert_events(
    account_id: int,
    rows: Sequence[Row],
    metrics: Mapping[str, tuple[int, str]],
    at: datetime,
    *,
    new: Set[int],
) -> list[NewEvents]:
    """Insert the events that do not exist yet; in the transaction that has locked the people.

    `rows` are distinct, `metrics` maps names to (id, key). `new` are the people that this
    transaction created, with their times of activity. Returns the new events by person and metric.
    """
    of_existing = [row for row in rows if row[0] not in new]
    existing = _existing(account_id, of_existing, metrics)
    fresh = [row for row in rows if _key(row) not in existing] if existing else rows
    _copy(account_id, fresh, metrics, at)
    active = activity_bounds((row for row in fresh if row[0] not in new), at)
    first, last = _move_bounds(account_id, active)
    counts = Counter((id_, event.metric) for id_, event in fresh)
    return [
        NewEvents(id_, metrics[metric][0], events, id_ in first, id_ in last)
        for (id_, metric), events in counts.items()
    ]


def _key(row: Row) -> Key:
    id_, event = row
    return id_, event.metric, event.unique_id


def _existing(
    account_id: int, rows: Sequence[Row], metrics: Mapping[str, tuple[int, str]]
) -> set[Key]:
    """The keys of rows that are stored already."""
    if not rows:
        return set()
    between = f"\x1f{new_key()}\x1f"  # occurs in no unique_id
    with connection.cursor() as cursor:
        cursor.execute(
            _EXISTING,
            [
                ",".join(str(id_) for id_, _ in rows),
                ",".join(str(metrics[event.metric][0]) for _, event in rows),
                between.join(event.unique_id for _, event in rows) + between,  # one may be empty
                between,
                account_id,
            ],
        )
        return {_key(rows[place]) for (place,) in cursor.fetchall()}


def _move_bounds(
    account_id: int, active: Mapping[int, tuple[datetime, datetime]]
) -> tuple[set[int], set[int]]:
    """Update first and last activity; return the people whose first and whose last one changed."""
    if not active:
        return set(), set()
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE_BOUNDS,
            [
                ",".join(map(str, active)),
                ",".join(time_field(first) for first, _ in active.values()),
                ",".join(time_field(last) for _, last in active.values()),
                account_id,
            ],
        )
        changes = cursor.fetchall()
    return {id_ for id_, first, _ in changes if first}, {id_ for id_, _, last in changes if last}


def _copy(
    account_id: int, rows: Sequence[Row], metrics: Mapping[str, tuple[int, str]], at: datetime
) -> None:
    """Insert rows in the order of the index."""
    if rows:
        prefix = f"{account_id}\t{time_field(at)}\t"
        sorted_rows = sorted(rows, key=_key)
        copy_rows(
            "profiles_event", _COLUMNS, (prefix + line for line in _lines(sorted_rows, metrics))
        )


def _lines(rows: Iterable[Row], metrics: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """The rows in COPY's text format, without the first two columns."""
    for id_, event in rows:
        value = NULL if event.value is None else repr(event.value)
        yield (
            f"{id_}\t{metrics[event.metric][0]}\t{time_field(event.time)}\t{value}"
            f"\t{text_field(event.unique_id)}\t{json_field(event.properties)}"
        )
