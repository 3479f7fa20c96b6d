"""profile-metric-ratio: the events of one metric by those of another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import draw_filters, filters, pools, windows
from ..dice import Dice
from ..world import Json, World, different, instant, same
from .events import (
    did,
    draw_timeframe,
    existing_events,
    metric_filters,
    timeframe_of,
    value_of,
    where,
)
from .kind import ALL_TIME, WEEK, Kind, Row

_SHARES = [0, 0.25, 0.5, 0.75, 1]


def meets(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Divide the events, or their different values, of one metric by those of another."""
    timeframe = timeframe_of(condition)

    def events(side: str) -> list[Json]:
        return [
            event
            for event in existing_events(world, person, condition[side], timeframe, at)
            if windows.holds(instant(event["time"]), timeframe, at, world.tz)
        ]

    above, below = events("numerator"), events("denominator")
    name = condition.get("distinct_by")
    if name is None:
        parts, whole = len(above), len(below)
    else:
        all_values = _set_values(below, name)
        parts = sum(
            any(same(value, other) for other in all_values) for value in _set_values(above, name)
        )
        whole = len(all_values)
    return whole > 0 and filters.compare(parts / whole, condition["filter"])


def _set_values(events: list[Json], name: str) -> list[Any]:
    values = [value_of(event, name) for event in events]
    return different([value for value in values if value is not None])


def draw(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-metric-ratio condition."""

    def side() -> Json:
        selection = metric_filters(dice, at, zone, most=1)
        return {"metric_id": dice.one(pools.METRICS[:1] + pools.METRICS), **selection}

    condition: Json = {
        "type": "profile-metric-ratio",
        "numerator": side(),
        "denominator": side(),
        "timeframe_filter": draw_timeframe(dice, at, zone, draw_filters.DATE5_OPERATORS),
        "filter": draw_filters.number(dice, _SHARES, ranges=False),
    }
    if dice.chance(2):
        condition["distinct_by"] = dice.one(["Campaign", "Name", "Items"])
    return condition


def open_ratio(operator: str, value: float, **extra: Any) -> dict[str, Any]:
    return {
        "type": "profile-metric-ratio",
        "numerator": {"metric_id": "Open"},
        "denominator": {"metric_id": "Mail"},
        "timeframe_filter": ALL_TIME,
        "filter": {"type": "numeric", "operator": operator, "value": value},
        **extra,
    }


MAIL = did(
    ("Mail 03-01T10:00", None, {"c": "a"}),
    ("Mail 03-05T10:00", None, {"c": "b"}),
    ("Open 03-05T11:00", None, {"c": "b"}),
    ("Open 03-05T12:00", None, {"c": "b"}),
    ("Open 03-06T12:00", None, {"c": "z"}),
)
ROWS: list[tuple[dict[str, Any], list[dict[str, Any]], bool]] = [
    (open_ratio("equals", 1.5), MAIL, True),
    (open_ratio("equals", 0.5, distinct_by="c"), MAIL, True),
    (open_ratio("equals", 1, distinct_by="c", timeframe_filter=WEEK), MAIL, True),
    (open_ratio("equals", 3, timeframe_filter=WEEK), MAIL, True),
    (open_ratio("less-than", 1), did("Open 03-01T10:00"), False),
    (open_ratio("equals", 0), did("Mail 03-01T10:00"), True),
    (open_ratio("equals", 0, distinct_by="c"), did("Mail 03-01T10:00"), False),
    (open_ratio("equals", 0), [], False),
    (open_ratio("equals", 0), did("Mail 03-12T10:00"), False),
    (open_ratio("equals", 1, denominator={"metric_id": "Mail", **where(
        "c", type="string", operator="equals", value="b")}, distinct_by="c"), MAIL, True),
]  # fmt: skip

KIND = Kind(
    "profile-metric-ratio",
    meets=lambda condition, world, person, at, _: meets(condition, world, person, at),
    draw=lambda dice, at, zone, _: draw(dice, at, zone),
    facts=frozenset({"events"}),
    rows=[Row(condition, inside, world={"events": events}) for condition, events, inside in ROWS],
)
