"""A source of columns from plain facts in memory, so that worlds need no database.

Metric names serve as metric keys, list names and segment keys as group keys.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from profiles.columns.column import Column, from_instants, from_numbers, from_python, unset
from profiles.columns.events import Events
from profiles.columns.instants import NO_INSTANT, to_micros
from profiles.columns.population import Population
from profiles.columns.row_reader import GroupRows
from profiles.ingest.parse import FILE_TIMES, read_event, read_profile
from profiles.places import locate
from tests.oracle.world import World


class Memory:
    """A population.Source over a World. `in_segment(key, person)` says since when, or None."""

    account_id = 0
    as_of = datetime(2000, 1, 1, tzinfo=UTC)
    in_files = False
    rows = None

    def __init__(
        self, world: World, in_segment: Callable[[str, int], datetime | None] = lambda k, p: None
    ) -> None:
        self.world = world
        self.zone = ZoneInfo(world.zone)
        self.in_segment = in_segment
        self.ids = np.array(
            [int(i) for i in world.ids] or range(1, len(world.people) + 1), dtype=np.int64
        )
        self.people = [read_profile(person) for person in world.people]

    def attribute(self, name: str) -> Column:
        if name in {"created", "updated", "first_active", "last_active"}:
            times = [person.created if name == "created" else None for person in self.people]
            return from_instants(_micros(times))
        if name in {"latitude", "longitude"}:
            return from_numbers(
                np.array([p.fields.get(name, np.nan) for p in self.people], dtype=np.float64)
            )
        return from_python(p.identifiers.get(name, p.fields.get(name)) for p in self.people)

    def profile_property(self, name: str) -> Column:
        return from_python(person.properties.get(name) for person in self.people)

    def events(self, metric: str) -> Events:
        by_unique_id: dict[tuple[int, str], Any] = {}
        for number, raw in enumerate(self.world.events):
            event = read_event(
                {"unique_id": f"row {number}", **raw}, FILE_TIMES, ZoneInfo(self.world.zone)
            )
            person = self._person(raw["profile"])
            if event.metric == metric and person is not None:
                by_unique_id.setdefault((person, event.unique_id), event)
        rows = sorted(by_unique_id.items(), key=lambda row: row[1].time)
        return Events(
            n=len(self.ids),
            profiles=np.array([person for (person, _), _ in rows], dtype=np.int32),
            times=_micros([event.time for _, event in rows]),
            values=np.array(
                [np.nan if e.value is None else e.value for _, e in rows], dtype=np.float64
            ),
            property_column=lambda name: from_python(e.properties.get(name) for _, e in rows),
        )

    def _person(self, identifiers: dict[str, Any]) -> int | None:
        own_identifiers = read_profile(identifiers).identifiers
        for number, person in enumerate(self.people):
            if any(
                v is not None and person.identifiers.get(k) == v for k, v in own_identifiers.items()
            ):
                return number
        return None

    def consent(self, channel: str, field: str) -> Column:
        rows = [
            next((c for c in person.consents if c.channel == channel), None)
            for person in self.people
        ]
        if field == "recorded":
            key = {"whatsapp_marketing": "marketing", "whatsapp_transactional": "transactional"}
            texts = [
                person.get("subscriptions", {})
                .get("whatsapp", {})
                .get(key.get(channel, ""), {})
                .get("last_updated")
                for person in self.world.people
            ]
            return from_instants(_micros([_time(text) for text in texts]))
        values = [None if row is None else getattr(row, field) for row in rows]
        return from_instants(_micros(values)) if field == "status_date" else from_python(values)

    def suppression(self, channel: str, reason: str) -> Column:
        dates = [
            next((d for c, r, d in person.suppressions if (c, r) == (channel, reason)), None)
            for person in self.people
        ]
        return from_instants(_micros(dates))

    def list_members(self, key: str) -> GroupRows | None:
        if key in self.world.segments:
            since: dict[int, datetime | None] = {
                p: t for p in range(len(self.ids)) if (t := self.in_segment(key, p))
            }
        else:
            since = {
                p: joined_at
                for p, person in enumerate(self.people)
                for name, joined_at in person.lists
                if name == key
            }
        return GroupRows(
            np.array(sorted(since), dtype=np.int32),
            _micros([since[person] for person in sorted(since)]),
        )

    def coordinates(self) -> tuple[Any, Any]:
        points = [
            locate(
                {
                    name: person.fields.get(name)
                    for name in (
                        "address1",
                        "city",
                        "region",
                        "country",
                        "zip",
                        "latitude",
                        "longitude",
                    )
                }
            )
            or (np.nan, np.nan)
            for person in self.people
        ]
        both = np.array(points, dtype=np.float64).reshape(-1, 2)
        return both[:, 0], both[:, 1]


def _micros(times: list[datetime | None]) -> Any:
    return np.array([NO_INSTANT if t is None else to_micros(t) for t in times], dtype=np.int64)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _predicted(source: Memory, dimension: str) -> Column:
    name, _, rest = dimension.partition(":")
    rows = [p.get(name) for p in source.world.predictions or [{} for _ in source.ids]]
    if rest:
        channel, _, measurement = rest.partition(":")
        rows = [(row or {}).get(channel, {}).get(measurement) for row in rows]
    if name.startswith("expected_date"):
        return from_instants(_micros([_time(row) for row in rows]))
    return from_python(rows) if rows else unset(0)


class InMemory(Population):
    """People of a world, with the predictions that it holds."""

    def __init__(self, source: Memory) -> None:
        super().__init__(source)
        self._world = source

    def prediction(self, dimension: str) -> Column:
        return _predicted(self._world, dimension)


def population(world: World, **options: Any) -> Population:
    """The world's people as columns."""
    return InMemory(Memory(world, **options))
