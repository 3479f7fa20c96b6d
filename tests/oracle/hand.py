"""The hand-worked tables as whole cases that any implementation must answer.

Every expected answer was worked out from the grammar and the calendar; nothing here computes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.builders.definitions import either

from . import golden_windows, test_filters, test_oracle
from .kinds import KINDS
from .kinds.kind import AT
from .strategies import Case
from .world import Json, World, instant

_NOT_FOR_EVENTS = ("anniversary", "anniversary-month", "calendar-month")


def hand_cases() -> Iterator[tuple[str, Case, set[int]]]:
    """Yield (name, case, indices of the people who match) for every row of every table."""
    yield from _windows()
    yield from _values()
    for kind in KINDS.values():
        for number, answer in enumerate(kind.rows):
            if not answer.is_valid:
                continue
            name = f"{kind.name} {number}"
            yield _one(name, answer.person, answer.condition, answer.inside, AT, **answer.world)
    for row, (definition, members) in enumerate(test_oracle.TREE_ROWS):
        yield f"tree {row}", Case(test_oracle.WORLD, test_oracle.AT, definition), members


def _one(
    name: str, person: Json, condition: Json, inside: bool, at: datetime, **world: Any
) -> tuple[str, Case, set[int]]:
    people = [{"external_id": "p0", "created": "2000-01-01T00:00:00Z", **person}]
    case = Case(World(people=people, **{"ids": ["1000"], **world}), at, either(condition))
    return name, case, {0} if inside else set()


def _windows() -> Iterator[tuple[str, Case, set[int]]]:
    for row, (zone, at, filter_, moment, inside) in enumerate(golden_windows.ROWS):
        now = instant(at)
        by_date = {"type": "profile-property", "property": "properties['Day']", "filter": filter_}
        person = {"properties": {"Day": moment}}
        yield _one(f"window {row}, property", person, by_date, inside, now, zone=zone)
        future = filter_["operator"] != "in-the-next" and instant(moment) > now
        if filter_["operator"] not in _NOT_FOR_EVENTS and not future:
            by_event = {
                "type": "profile-metric",
                "metric_id": "Buy",
                "measurement": "count",
                "measurement_filter": {"type": "numeric", "operator": "equals", "value": 1},
                "timeframe_filter": filter_,
            }
            events: list[Json] = [
                {"metric": "Buy", "time": moment, "value": None, "properties": {}}
            ]
            events[0]["profile"] = {"external_id": "p0"}
            yield _one(f"window {row}, event", {}, by_event, inside, now, zone=zone, events=events)


def _values() -> Iterator[tuple[str, Case, set[int]]]:
    for row, (value, filter_, inside) in enumerate(test_filters.ROWS):
        condition = {"type": "profile-property", "property": "properties['x']", "filter": filter_}
        yield _one(
            f"filter {row}", {"properties": {"x": value}}, condition, inside, test_filters.AT
        )
