"""What has changed about people since a mirror's snapshot: who, in what, and the new events.

A tail is never written into; a longer one is made from it and what came since.
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
from profiles.columns.ascending import Ints, distinct, found_in, united
from profiles.columns.column import Column, Floats, Instants, from_python
from profiles.columns.packed_rows import fetch
from profiles.facts import FactKey, FactKind

NOBODY: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Late:
    """k events of one metric, by their ids ascending: whose, when (microseconds), and the rest.

    `texts` are the properties as JSON.
    """

    ids: Ints
    profiles: Ints
    times: Instants
    values: Floats
    texts: pa.StringArray

    def of(self, people: Ints) -> Late:
        """The events of some people, int64[] ascending ids."""
        _, among = found_in(people, self.profiles)
        return self.take(np.flatnonzero(among))

    def take(self, places: Ints) -> Late:
        return Late(
            self.ids[places],
            self.profiles[places],
            self.times[places],
            self.values[places],
            self.texts.take(pa.array(places)),
        )

    def after(self, other: Late) -> Late:
        """These and those, each once."""
        ids = np.concatenate([other.ids, self.ids])
        _, places = np.unique(ids, return_index=True)
        both = Late(
            ids,
            np.concatenate([other.profiles, self.profiles]),
            np.concatenate([other.times, self.times]),
            np.concatenate([other.values, self.values]),
            pa.concat_arrays([other.texts, self.texts]),
        )
        return both.take(places)

    @cached_property
    def said(self) -> list[dict[str, Any]]:
        """The properties of each event."""
        return [json.loads(text) for text in self.texts.to_pylist()]

    def column(self, name: str) -> Column:
        """A property of the events."""
        return from_python(properties.get(name) for properties in self.said)


@dataclass(frozen=True, eq=False)
class Tail:
    """Changes that a snapshot did not see and a later one does. Ids of people are ascending."""

    snapshot: str
    """The later one (pg_snapshot)."""
    people: Ints = field(default_factory=NOBODY.copy)
    """Who has changed."""
    moved: Ints = field(default_factory=NOBODY.copy)
    """Of them, who was made, merged or erased: what was known of them before says nothing."""
    alive: Ints = field(default_factory=NOBODY.copy)
    """Of those, who is there."""
    touched: Mapping[str, Ints] = field(default_factory=dict)
    """Fact to whom it changed for; without facts about events."""
    late: Mapping[int, Late] = field(default_factory=dict)
    """Metric's id to events that came since; some of them may have been there before."""

    def __len__(self) -> int:
        return len(self.people)

    @property
    def events(self) -> int:
        return sum(len(late.ids) for late in self.late.values())

    def says_the_same(self, other: Tail) -> bool:
        """Whether nothing came between the two, one of which was made from the other."""
        return self.people is other.people

    def fresh(self, fact: str) -> Ints:
        """Whose fact has to be read anew."""
        return united([self.touched.get(fact, NOBODY), self.moved])


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
"""Late events that a process is ready to hold."""


class Outgrown(Exception):
    """So much has changed that the mirror says too little to be worth it."""


def lengthened(account_id: int, tail: Tail) -> tuple[Tail, bool]:
    """The tail up to now; and whether others may have it, too.

    They may not if it holds what this very transaction did. Where nothing came, only its snapshot
    is another: what was passed over once (predictions, say) is not looked at again. Raises
    Outgrown.
    """
    snapshot, touched, first, own = _changes(account_id, tail.snapshot)
    if not touched and first is None:
        return replace(tail, snapshot=snapshot), True
    if first is not None and tail.events + _count(account_id, first) > MOST_EVENTS:
        raise Outgrown
    people = united([tail.people, *touched.values()])
    moved = united([tail.moved, touched.get(facts.EXISTS, NOBODY)])
    return Tail(
        snapshot=snapshot,
        people=people,
        moved=moved,
        alive=_alive(account_id, moved) if facts.EXISTS in touched else tail.alive,
        touched=_merged(tail.touched, touched),
        late=tail.late if first is None else _late(account_id, tail.late, people, first),
    ), not own


def _changes(account_id: int, since: str) -> tuple[str, dict[str, Ints], int | None, bool]:
    """What has changed since a snapshot up to the present one, which comes first: fact to whom it
    changed for; the least id of new events; whether any is our own.
    """
    touched: dict[str, Ints] = {}
    snapshot, first, own = since, None, False
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGES.format(since=sql.SQL(SINCE)), {"account": account_id, "snapshot": since}
        )
        for fact, packed, from_event, is_own, present in cursor.fetchall():
            if fact is None:
                snapshot, first, own = present, from_event, is_own
            else:
                ids = np.frombuffer(packed, dtype=">i8").astype(np.int64)
                touched[fact] = distinct(ids)
    return snapshot, touched, first, own


def _count(account_id: int, first: int) -> int:
    """How many events there are from an id on, up to one more than anybody would hold."""
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
        found: int = cursor.fetchone()[0]
        return found


def _merged(held: Mapping[str, Ints], new: Mapping[str, Ints]) -> dict[str, Ints]:
    merged = dict(held)
    for fact, ids in new.items():
        if FactKey.parse(fact).kind != FactKind.METRIC:
            merged[fact] = united([held[fact], ids]) if fact in held else ids
    return merged


def _alive(account_id: int, ids: Ints) -> Ints:
    query = sql.SQL(
        "SELECT id FROM profiles_profile WHERE account_id = {} AND id = ANY({}::bigint[])"
    ).format(sql.Literal(account_id), sql.Literal(ids.tolist()))
    return np.sort(fetch(query, ["int"])[0])


def _late(account_id: int, held: Mapping[int, Late], people: Ints, first: int) -> dict[int, Late]:
    """The late events with those since an id, of the people who have changed."""
    query = _EVENTS.format(account=sql.Literal(account_id), first=sql.Literal(first))
    ids, profiles, metrics, times, values, texts = fetch(
        query, ["int", "int", "int", "time", "float", "text"]
    )
    everything = Late(ids, profiles, times, values, texts)
    late = dict(held)
    _, known = found_in(people, profiles)
    for metric in np.unique(metrics[known]).tolist():
        places = np.flatnonzero(known & (metrics == metric))
        new = everything.take(places[np.argsort(ids[places])])
        late[metric] = new.after(late[metric]) if metric in late else new
    return late
