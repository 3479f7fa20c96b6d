"""What the kinds about events share: which events exist, and how their parts are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .. import draw_filters, filters, pools
from ..dice import Dice
from ..world import Json, World, instant
from .kind import ALL_TIME

EVENT_FIELDS = [*pools.EVENT_PROPERTIES, "$value"]


def draw_timeframe(dice: Dice, at: datetime, zone: str, operators: Sequence[str]) -> Json:
    """Choose a date filter, or all time one time in three."""
    return ALL_TIME if dice.chance(3) else draw_filters.date(dice, at, zone, operators)


def metric_filters(dice: Dice, at: datetime, zone: str, most: int = 2, sides: int = 3) -> Json:
    """Choose the part of a condition that selects events by their properties."""
    if not dice.chance(sides):
        return {}
    return {
        "metric_filters": [
            {"property": name, "filter": draw_filters.suited(dice, name, at, zone)}
            for name in dice.some(EVENT_FIELDS, 1, most)
        ]
    }


def timeframe_of(condition: Json) -> Json:
    timeframe: Json | None = condition.get("timeframe_filter")
    return ALL_TIME if timeframe is None else timeframe


def existing_events(
    world: World, person: int, selection: Json, timeframe: Json, at: datetime
) -> list[Json]:
    """Return the events of a metric that pass its filters and exist yet for this timeframe."""
    return [
        event
        for event in world.events_of(person, selection["metric_id"])
        if (timeframe["operator"] == "in-the-next" or instant(event["time"]) <= at)
        and all(
            filters.passes(value_of(event, test["property"]), test["filter"], at, world.tz)
            for test in selection.get("metric_filters") or []
        )
    ]


def value_of(event: Json, name: str | None) -> Any:
    if name is None or name == "$value":
        return event.get("value")
    return (event.get("properties") or {}).get(name)


def did(*events: str | tuple[str, Any] | tuple[str, Any, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one person's events: "Metric 03-09T12:00", with a value and properties if given."""
    performed = []
    for event in events:
        text, value, properties = (event, None, {}) if isinstance(event, str) else (*event, {})[:3]
        metric, time = text.split()
        performed.append(
            {
                "metric": metric,
                "time": f"2026-{time}:00Z" if len(time) == 11 else f"2026-{time}Z",
                "value": value,
                "properties": properties,
                "profile": {"external_id": "p0"},
            }
        )
    return performed


def where(prop: str, **filter_: Any) -> dict[str, Any]:
    return {"metric_filters": [{"property": prop, "filter": filter_}]}


RED = where("Colour", type="string", operator="equals", value="red")
NOT_RED = where("Colour", type="string", operator="not-equals", value="red")
