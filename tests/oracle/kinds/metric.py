"""profile-metric: a measure of what someone has done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import draw_filters, filters, pools, windows
from ..dice import Dice
from ..world import Json, World, different, instant, is_number
from .events import (
    EVENT_FIELDS,
    NOT_RED,
    RED,
    did,
    draw_timeframe,
    existing_events,
    metric_filters,
    timeframe_of,
    value_of,
    where,
)
from .kind import ALL_TIME, SOON, WEEK, Kind, Row

_MEASUREMENTS = ["count", "count", "sum", "average", "minimum", "maximum", "distinct"]
_COUNTS = [0, 1, 2, 3]


def meets(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Measure the person's events of one metric and test the result."""
    timeframe = timeframe_of(condition)
    events = [
        event
        for event in existing_events(world, person, condition, timeframe, at)
        if windows.holds(instant(event["time"]), timeframe, at, world.tz)
    ]
    name = condition.get("measurement_property")
    values = [value for value in (value_of(event, name) for event in events) if value is not None]
    result = _measure(condition["measurement"], len(events), values)
    if result is None:
        return False
    test = condition["measurement_filter"]
    if condition["measurement"] in ("count", "distinct"):
        return filters.compare(result, test)
    return filters.compare(
        round(result, 4),
        {key: round(part, 4) if is_number(part) else part for key, part in test.items()},
    )


def _measure(measurement: str, count: int, values: list[Any]) -> float | None:
    if measurement == "count":
        return count
    if measurement == "distinct":
        return len(different(values))
    numbers = [value for value in values if is_number(value)]
    if measurement == "sum":
        return float(sum(numbers))
    if not numbers:
        return None
    if measurement == "average":
        return float(sum(numbers) / len(numbers))
    if measurement == "minimum":
        return float(min(numbers))
    if measurement == "maximum":
        return float(max(numbers))
    raise ValueError(f"not a measurement: {measurement!r}")


def draw(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-metric condition."""
    measurement = dice.one(_MEASUREMENTS)
    choices = _COUNTS if measurement in ("count", "distinct") else pools.LIMITS
    condition: Json = {
        "type": "profile-metric",
        "metric_id": dice.one(pools.METRICS[:1] + pools.METRICS),
        "measurement": measurement,
        "measurement_filter": draw_filters.number(dice, choices, ranges=False),
        "timeframe_filter": draw_timeframe(dice, at, zone, draw_filters.DATE5_OPERATORS),
        **metric_filters(dice, at, zone),
    }
    if measurement != "count" and dice.chance(2):
        condition["measurement_property"] = dice.one(EVENT_FIELDS)
    return condition


def bought(
    operator: str, value: float, measurement: str = "count", timeframe: Any = ALL_TIME, **extra: Any
) -> dict[str, Any]:
    return {
        "type": "profile-metric",
        "metric_id": "Buy",
        "measurement": measurement,
        "measurement_filter": {"type": "numeric", "operator": operator, "value": value},
        "timeframe_filter": timeframe,
        **extra,
    }


ORDERS = did(("Buy 03-01T10:00", 10), ("Buy 03-05T10:00", 20.5), ("Buy 03-09T10:00", None))
COLOURS = did(
    ("Buy 03-01T10:00", 1, {"Colour": "red", "Sent": "2026-03-08", "n": 5}),
    ("Buy 03-02T10:00", 2, {"Colour": "blue", "n": 5.0}),
    ("Buy 03-03T10:00", 3, {"Colour": None, "n": "5"}),
    ("Buy 03-04T10:00", 4, {"n": True}),
    ("Buy 03-05T10:00", 5, {"n": 1}),
)
ROWS: list[tuple[dict[str, Any], list[dict[str, Any]], bool]] = [
    (bought("greater-than-or-equal", 1), ORDERS, True),
    (bought("equals", 3), ORDERS, True),
    (bought("equals", 2, timeframe=WEEK), ORDERS, True),
    (bought("equals", 0), did("View 03-01T10:00"), True),
    (bought("equals", 0), [], True),
    (bought("less-than", 2), [], True),
    (bought("not-equals", 1), [], True),
    (bought("greater-than", 0), did("View 03-01T10:00"), False),
    # Only numbers are summed; without any, sum is 0 and the rest match nothing.
    (bought("equals", 30.5, "sum"), ORDERS, True),
    (bought("equals", 15.25, "average"), ORDERS, True),
    (bought("equals", 10, "minimum"), ORDERS, True),
    (bought("equals", 20.5, "maximum"), ORDERS, True),
    (bought("equals", 0, "sum"), did("Buy 03-01T10:00"), True),
    (bought("less-than", 5, "average"), did("Buy 03-01T10:00"), False),
    (bought("not-equals", 5, "minimum"), [], False),
    (bought("not-equals", 5, "maximum"), [], False),
    (bought("equals", 0, "distinct"), [], True),
    # Money is rounded to four decimals on both sides.
    (bought("equals", 0.3, "sum"), did(("Buy 03-01T10:00", 0.1), ("Buy 03-01T11:00", 0.2)), True),
    (bought("equals", 10, "sum"), did(("Buy 03-01T10:00", 10.00004)), True),
    (bought("equals", 10, "sum"), did(("Buy 03-01T10:00", 10.00006)), False),
    (bought("equals", 10.00004, "sum"), did(("Buy 03-01T10:00", 10)), True),
    (bought("equals", 0.3333, "average"), did(
        ("Buy 03-01T10:00", 1), ("Buy 03-01T11:00", 0), ("Buy 03-01T12:00", 0)), True),
    # Distinct: 5 and 5.0 are one value, "5", true and 1 are others.
    (bought("equals", 4, "distinct", measurement_property="n"), COLOURS, True),
    (bought("equals", 5, "distinct"), COLOURS, True),
    (bought("equals", 11, "sum", measurement_property="n"), COLOURS, True),
    (bought("equals", 1, "minimum", measurement_property="n"), COLOURS, True),
    (bought("equals", 15, "sum", measurement_property="$value"), COLOURS, True),
    # Filters inside hold for the same event.
    (bought("equals", 1, **RED), COLOURS, True),
    (bought("equals", 1, **NOT_RED), COLOURS, True),
    (bought("equals", 4, metric_filters=[{"property": "Colour", "filter": {
        "type": "string", "operator": "not-equals", "value": "red", "include_unset": True}}]),
        COLOURS, True),
    (bought("equals", 2, **where("$value", type="numeric", operator="greater-than", value=3)),
        COLOURS, True),
    (bought("equals", 1, metric_filters=[
        RED["metric_filters"][0],
        {"property": "$value", "filter": {"type": "numeric", "operator": "equals", "value": 2}},
    ]), COLOURS, False),
    (bought("equals", 1, **where("Sent", type="date", operator="in-the-last", quantity=3,
        unit="day")), COLOURS, True),
    (bought("equals", 3, **where("Colour", type="existence", operator="not-set")), COLOURS, True),
    # The future does not exist yet, but for in-the-next.
    (bought("equals", 1), did("Buy 03-10T08:00", "Buy 03-10T08:00:01"), True),
    (bought("equals", 0, timeframe={"type": "date", "operator": "after", "date": "2026-03-10"}),
        did("Buy 03-12T08:00"), True),
    (bought("equals", 1, timeframe={
        "type": "date", "operator": "between", "start": 0, "end": 1, "unit": "day"}),
        did("Buy 03-10T07:00", "Buy 03-10T09:00"), True),
    (bought("equals", 2, timeframe=SOON), did("Buy 03-10T08:00", "Buy 03-12T08:00"), True),
    # A repeated unique_id counts once, identical events without one do not.
    (bought("equals", 2), did("Buy 03-01T10:00") * 2, True),
    (bought("equals", 1), [event | {"unique_id": "u"} for event in did("Buy 03-01T10:00") * 2],
        True),
]  # fmt: skip

KIND = Kind(
    "profile-metric",
    meets=lambda condition, world, person, at, _: meets(condition, world, person, at),
    draw=lambda dice, at, zone, _: draw(dice, at, zone),
    facts=frozenset({"events"}),
    rows=[Row(condition, inside, world={"events": events}) for condition, events, inside in ROWS],
)
