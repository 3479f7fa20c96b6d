"""The changes since a mirror's snapshot: which people, which facts, and new events.

A tail is immutable; `extend` makes a longer one from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import psycopg.sql as sql
import pyarrow as pa
from django.db import connection

from profiles import facts
from profiles.changes import SINCE
from profiles.columns.ascending import Ints, distinct, positions_in, union
from profiles.columns.column import Column, Floats, Instants, from_python
from profiles.columns.packed_rows import fetch
from profiles.facts import FactKey, FactKind

NOBODY: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class LateEvents:
    """k events of one metric, ordered by id: profiles, times (microseconds), and the rest.

    `texts` are the properties as JSON.
    """

    ids: Ints
    profiles: Ints
    times: Instants
    values: Floats
    texts: pa.StringArray

    def of(self, people: Ints) -> LateEvents:
        """The events of some people, int64[] ascending ids."""
        _, among = positions_in(people, self.profiles)
        return self.take(np.flatnonzero(among))

    def take(self, places: Ints) -> LateEvents:
        return LateEvents(
            self.ids[places],
            self.profiles[places],
            self.times[places],
            self.values[places],
            self.texts.take(pa.array(places)),
        )

    def after(self, other: LateEvents) -> LateEvents:
        """The events of both, each once."""
        ids = np.concatenate([other.ids, self.ids])
        _, places = np.unique(ids, return_index=True)
        both = LateEvents(
            ids,
            np.concatenate([other.profiles, self.profiles]),
            np.concatenate([other.times, self.times]),
            np.concatenate([other.values, self.values]),
            pa.concat_arrays([other.texts, self.texts]),
        )
        return both.take(places)

    @cached_property
    def properties(self) -> list[dict[str, Any]]:
        """The properties of each event."""
        return [json.loads(text) for text in self.texts.to_pylist()]

    def column(self, name: str) -> Column:
        """A property of the events."""
        return from_python(properties.get(name) for properties in self.properties)


@dataclass(frozen=True, eq=False)
class Tail:
    """Changes that are visible at a later snapshot, but not at the mirror's. Ids are ascending."""

    snapshot: str
    """The later one (pg_snapshot)."""
    people: Ints = field(default_factory=NOBODY.copy)
    """All people with a change."""
    full_reads: Ints = field(default_factory=NOBODY.copy)
    """Of them, those who were created, merged or erased: all their facts are read from rows."""
    alive: Ints = field(default_factory=NOBODY.copy)
    """Of those, the ones who exist."""
    changes: Mapping[str, Ints] = field(default_factory=dict)
    """Fact to the people for whom it changed; without facts about events."""
    late: Mapping[int, LateEvents] = field(default_factory=dict)
    """Metric id to events that came since; some of them may be in the mirror, too."""

    def __len__(self) -> int:
        return len(self.people)

    @property
    def events(self) -> int:
        return sum(len(late.ids) for late in self.late.values())

    def is_unchanged_from(self, other: Tail) -> bool:
        """Whether there are no changes between the two; one was made from the other."""
        return self.people is other.people

    def fresh(self, fact: str) -> Ints:
        """The people whose fact has to be read from rows."""
        return union([self.changes.get(fact, NOBODY), self.full_reads])


_CHANGES = sql.SQL(
    """WITH since AS MATERIALIZED (
        SELECT profile_id, facts, from_event,
               transaction = pg_current_xact_id_if_assigned()::text::bigint AS own {since}
               AND cause NOT IN ('time', 'segment', 'prediction')
    )
    SELECT fact, string_agg(int8send(profile_id), ''::bytea), NULL::bigint, false, NULL
    FROM since, unnest(facts) AS fact GROUP BY fact
    UNION ALL
    SELECT NULL, NULL, min(from_event), coalesce(bool_or(own), false), pg_current_snapshot()::text
    FROM since"""
)
_EVENTS = sql.SQL(
    "SELECT id, profile_id, metric_id, time, coalesce(value, 'NaN'), properties::text"
    " FROM profiles_event WHERE account_id = {account} AND id >= {first}"
)


MOST_EVENTS = 1_000_000
"""Late events that a process keeps in memory at most."""


class TailTooLong(Exception):
    """There are too many late events for the mirror to be of use."""


def extend(account_id: int, tail: Tail) -> tuple[Tail, bool]:
    """The tail up to now, and whether it may be cached for other transactions.

    It may not if it contains changes of the present transaction. Without changes only the snapshot
    is renewed, so that changes that were skipped once (predictions, for example) are not read
    again. Raises TailTooLong.
    """
    snapshot, changes, first, own = _changes(account_id, tail.snapshot)
    if not changes and first is None:
        return replace(tail, snapshot=snapshot), True
    if first is not None and tail.events + _count(account_id, first) > MOST_EVENTS:
        raise TailTooLong
    people = union([tail.people, *changes.values()])
    full_reads = union([tail.full_reads, changes.get(facts.EXISTS, NOBODY)])
    return Tail(
        snapshot=snapshot,
        people=people,
        full_reads=full_reads,
        alive=_alive(account_id, full_reads) if facts.EXISTS in changes else tail.alive,
        changes=_merge_facts(tail.changes, changes),
        late=tail.late if first is None else _late(account_id, tail.late, people, first),
    ), not own


def _changes(account_id: int, since: str) -> tuple[str, dict[str, Ints], int | None, bool]:
    """The present snapshot, and the changes since another one.

    Returns the snapshot; fact to the people for whom it changed; the least id of new events;
    whether any change is of the present transaction.
    """
    changes: dict[str, Ints] = {}
    snapshot, first, own = since, None, False
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGES.format(since=sql.SQL(SINCE)), {"account": account_id, "snapshot": since}
        )
        for fact, packed_ids, from_event, is_own, present in cursor.fetchall():
            if fact is None:
                snapshot, first, own = present, from_event, is_own
            else:
                ids = np.frombuffer(packed_ids, dtype=">i8").astype(np.int64)
                changes[fact] = distinct(ids)
    return snapshot, changes, first, own


def _count(account_id: int, first: int) -> int:
    """The number of events from an id on, counted up to MOST_EVENTS + 1."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value - %s FROM profiles_event_id_seq", [first])
        most: int = cursor.fetchone()[0]
        if most <= MOST_EVENTS:
            return most  # of all accounts together
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM profiles_event"
            " WHERE account_id = %s AND id >= %s LIMIT %s) AS late",
            [account_id, first, MOST_EVENTS + 1],
        )
        count: int = cursor.fetchone()[0]
        return count


def _merge_facts(old: Mapping[str, Ints], new: Mapping[str, Ints]) -> dict[str, Ints]:
    merged = dict(old)
    for fact, ids in new.items():
        if FactKey.parse(fact).kind != FactKind.METRIC:
            merged[fact] = union([old[fact], ids]) if fact in old else ids
    return merged


def _alive(account_id: int, ids: Ints) -> Ints:
    query = sql.SQL(
        "SELECT id FROM profiles_profile WHERE account_id = {} AND id = ANY({}::bigint[])"
    ).format(sql.Literal(account_id), sql.Literal(ids.tolist()))
    return np.sort(fetch(query, ["int"])[0])


def _late(
    account_id: int, old: Mapping[int, LateEvents], people: Ints, first: int
) -> dict[int, LateEvents]:
    """The late events with those since an id, for the people who have changed."""
    query = _EVENTS.format(account=sql.Literal(account_id), first=sql.Literal(first))
    ids, profiles, metrics, times, values, texts = fetch(
        query, ["int", "int", "int", "time", "float", "text"]
    )
    everything = LateEvents(ids, profiles, times, values, texts)
    late = dict(old)
    _, present = positions_in(people, profiles)
    for metric in np.unique(metrics[present]).tolist():
        places = np.flatnonzero(present & (metrics == metric))
        new = everything.take(places[np.argsort(ids[places])])
        late[metric] = new.after(late[metric]) if metric in late else new
    return late
