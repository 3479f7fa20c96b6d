"""Writing events into their table, many at once. Part of ingest; nothing else writes them.

All rows go by COPY straight to where they belong. The people are locked, so nobody else stores
events of theirs meanwhile: what is there already is looked up before and left out.
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
"""A profile's id and what the person did."""
Key = tuple[int, str, str]
"""What an event is known by: a profile's id, the metric's name, the unique_id."""
_COLUMNS = (
    *("account_id", "received", "profile_id", "metric_id"),
    *("time", "value", "unique_id", "properties"),
)

_THERE = """SELECT place - 1
    FROM unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::bigint[],
                string_to_array(%s, %s)) WITH ORDINALITY AS t(person, metric, unique_id, place)
    JOIN profiles_event e ON e.account_id = %s AND e.profile_id = t.person
        AND e.metric_id = t.metric AND e.unique_id = t.unique_id COLLATE "C"
"""

_MARK = """UPDATE profiles_profile p
    SET first_active = least(p.first_active, active.first),
        last_active = greatest(p.last_active, active.last)
    FROM unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, ',')::timestamptz[],
                string_to_array(%s, ',')::timestamptz[]) AS active(id, first, last)
    WHERE p.id = active.id AND p.account_id = %s
    AND (p.first_active IS NULL OR active.first < p.first_active OR active.last > p.last_active)
    RETURNING p.id, p.first_active = active.first, p.last_active = active.last"""


class StoredEvents(NamedTuple):
    """New events of one person and metric, and whether they moved a bound of the activity."""

    profile_id: int
    metric_id: int
    events: int
    is_first: bool
    is_last: bool


def distinct(rows: Iterable[Row]) -> list[Row]:
    """Return the rows without those whose unique_id an earlier one has, of person and metric."""
    found: dict[Key, Row] = {}
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
    rows: Sequence[Row],
    metrics: Mapping[str, tuple[int, str]],
    at: datetime,
    *,
    new: Set[int],
) -> list[StoredEvents]:
    """Insert what is not there yet; inside the transaction that holds the people locked.

    `rows` are distinct, `metrics` maps names to (id, key). `new` are the people whom this very
    transaction made, with the bounds of their activity. Returns those for whom anything is new.
    """
    known = [row for row in rows if row[0] not in new]
    there = _there(account_id, known, metrics)
    fresh = [row for row in rows if _key(row) not in there] if there else rows
    _copy(account_id, fresh, metrics, at)
    active = bounds((row for row in fresh if row[0] not in new), at)
    first, last = _mark(account_id, active)
    counted = Counter((id_, event.metric) for id_, event in fresh)
    return [
        StoredEvents(id_, metrics[metric][0], events, id_ in first, id_ in last)
        for (id_, metric), events in counted.items()
    ]


def _key(row: Row) -> Key:
    id_, event = row
    return id_, event.metric, event.unique_id


def _there(
    account_id: int, rows: Sequence[Row], metrics: Mapping[str, tuple[int, str]]
) -> set[Key]:
    """What rows are known by that are stored already."""
    if not rows:
        return set()
    between = f"\x1f{new_key()}\x1f"  # no unique_id can be made to hold it
    with connection.cursor() as cursor:
        cursor.execute(
            _THERE,
            [
                ",".join(str(id_) for id_, _ in rows),
                ",".join(str(metrics[event.metric][0]) for _, event in rows),
                between.join(event.unique_id for _, event in rows) + between,  # one may be empty
                between,
                account_id,
            ],
        )
        return {_key(rows[place]) for (place,) in cursor.fetchall()}


def _mark(
    account_id: int, active: Mapping[int, tuple[datetime, datetime]]
) -> tuple[set[int], set[int]]:
    """Move the bounds of people's activity; return whose first and whose last one moved."""
    if not active:
        return set(), set()
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK,
            [
                ",".join(map(str, active)),
                ",".join(time_field(first) for first, _ in active.values()),
                ",".join(time_field(last) for _, last in active.values()),
                account_id,
            ],
        )
        moved = cursor.fetchall()
    return {id_ for id_, first, _ in moved if first}, {id_ for id_, _, last in moved if last}


def _copy(
    account_id: int, rows: Sequence[Row], metrics: Mapping[str, tuple[int, str]], at: datetime
) -> None:
    """Store rows, those of neighbours in the index one after the other."""
    if rows:
        before = f"{account_id}\t{time_field(at)}\t"
        ordered = sorted(rows, key=_key)
        copy_rows("profiles_event", _COLUMNS, (before + line for line in _lines(ordered, metrics)))


def _lines(rows: Iterable[Row], metrics: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """The rows in COPY's form: person, metric, and what was said."""
    for id_, event in rows:
        value = NULL if event.value is None else repr(event.value)
        yield (
            f"{id_}\t{metrics[event.metric][0]}\t{time_field(event.time)}\t{value}"
            f"\t{text_field(event.unique_id)}\t{json_field(event.properties)}"
        )
