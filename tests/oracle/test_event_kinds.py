"""What someone has done: one person's events, one condition, in or out."""

from __future__ import annotations

from typing import Any

import pytest

from .oracle import members
from .strategies import alone
from .world import World, instant

AT = "2026-03-10T08:00:00Z"
ALL: dict[str, Any] = {"type": "date", "operator": "alltime"}
WEEK: dict[str, Any] = {"type": "date", "operator": "in-the-last", "quantity": 7, "unit": "day"}
SOON: dict[str, Any] = {"type": "date", "operator": "in-the-next", "quantity": 7, "unit": "day"}


def did(*events: str | tuple[str, Any] | tuple[str, Any, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one person's events: "Metric 03-09T12:00", with a value and properties if given."""
    found = []
    for event in events:
        text, value, properties = (event, None, {}) if isinstance(event, str) else (*event, {})[:3]
        metric, time = text.split()
        found.append(
            {
                "metric": metric,
                "time": f"2026-{time}:00Z" if len(time) == 11 else f"2026-{time}Z",
                "value": value,
                "properties": properties,
                "profile": {"external_id": "p0"},
            }
        )
    return found


def matches(condition: dict[str, Any], events: list[dict[str, Any]], at: str = AT) -> bool:
    world = World(people=[{"external_id": "p0"}], events=events)
    return members(alone(condition), world, instant(at)) == {0}


def bought(
    operator: str, value: float, measurement: str = "count", timeframe: Any = ALL, **extra: Any
) -> dict[str, Any]:
    return {
        "type": "profile-metric",
        "metric_id": "Buy",
        "measurement": measurement,
        "measurement_filter": {"type": "numeric", "operator": operator, "value": value},
        "timeframe_filter": timeframe,
        **extra,
    }


def where(prop: str, **filter_: Any) -> dict[str, Any]:
    return {"metric_filters": [{"property": prop, "filter": filter_}]}


RED = where("Colour", type="string", operator="equals", value="red")
NOT_RED = where("Colour", type="string", operator="not-equals", value="red")
ORDERS = did(("Buy 03-01T10:00", 10), ("Buy 03-05T10:00", 20.5), ("Buy 03-09T10:00", None))
COLOURS = did(
    ("Buy 03-01T10:00", 1, {"Colour": "red", "Sent": "2026-03-08", "n": 5}),
    ("Buy 03-02T10:00", 2, {"Colour": "blue", "n": 5.0}),
    ("Buy 03-03T10:00", 3, {"Colour": None, "n": "5"}),
    ("Buy 03-04T10:00", 4, {"n": True}),
    ("Buy 03-05T10:00", 5, {"n": 1}),
)

METRIC_ROWS: list[tuple[dict[str, Any], list[dict[str, Any]], bool]] = [
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


@pytest.mark.parametrize(("condition", "events", "expected"), METRIC_ROWS)
def test_metric(condition: dict[str, Any], events: list[dict[str, Any]], expected: bool) -> None:
    assert matches(condition, events) is expected


def steps(text: str, window: Any = None, timeframe: Any = ALL) -> dict[str, Any]:
    """Return a funnel: "A B" did A, then B; "A !B" did A, and then not B."""
    return {
        "type": "profile-metric-funnel",
        "timeframe_filter": timeframe,
        "completion_window_seconds": window,
        "steps": [
            {"metric_exists": not step.startswith("!"), "metric_id": step.lstrip("!")}
            for step in text.split()
        ],
    }


FUNNEL_ROWS: list[tuple[dict[str, Any], list[dict[str, Any]], bool]] = [
    (steps("A B"), did("A 03-01T10:00", "B 03-01T11:00"), True),
    (steps("A B"), did("B 03-01T10:00", "A 03-01T11:00"), False),
    (steps("A B"), did("A 03-01T10:00", "B 03-01T10:00"), False),
    (steps("A A"), did("A 03-01T10:00"), False),
    (steps("A A"), did("A 03-01T10:00", "A 03-01T10:01"), True),
    (steps("A B C"), did("A 03-01T10:00", "C 03-01T11:00", "B 03-01T12:00"), False),
    (steps("A B"), did("A 03-10T07:00", "B 03-10T09:00"), False),
    # The completion window is counted from the first event, its end no longer inside.
    (steps("A B", "HOURS_1"), did("A 03-01T10:00", "B 03-01T10:59:59"), True),
    (steps("A B", "HOURS_1"), did("A 03-01T10:00", "B 03-01T11:00"), False),
    (steps("A B", 1800), did("A 03-01T10:00", "B 03-01T10:29"), True),
    (steps("A B", 1800), did("A 03-01T10:00", "B 03-01T10:30"), False),
    (steps("A B C", "HOURS_1"), did("A 03-01T10:00", "B 03-01T10:50", "C 03-01T11:10"), False),
    (steps("A B", "HOURS_1"), did("A 03-01T08:00", "A 03-01T10:30", "B 03-01T11:00"), True),
    # Only the first event has to be inside the timeframe.
    (steps("A B", None, WEEK), did("A 03-01T10:00", "B 03-09T10:00"), False),
    (steps("A B", None, WEEK), did("A 03-03T00:00", "B 03-09T10:00"), True),
    (steps("A B", None, {"type": "date", "operator": "at-least", "quantity": 7, "unit": "day"}),
        did("A 03-01T10:00", "B 03-09T10:00"), True),
    # Nothing forbidden strictly between the neighbours.
    (steps("A !C B"), did("A 03-01T10:00", "C 03-01T10:30", "B 03-01T11:00"), False),
    (steps("A !C B"), did("A 03-01T10:00", "B 03-01T11:00", "C 03-01T11:30"), True),
    (steps("A !C B"), did("A 03-01T10:00", "C 03-01T11:00", "B 03-01T11:00"), True),
    (steps("A !C B"), did("A 03-01T09:00", "C 03-01T09:30", "A 03-01T10:00", "B 03-01T11:00"),
        True),
    (steps("A !A B"), did("A 03-01T09:00", "A 03-01T10:00", "B 03-01T11:00"), True),
    # A negative last step: until the window's end, which must have passed.
    (steps("A !B"), did("A 03-01T10:00"), True),
    (steps("A !B"), did("A 03-01T10:00", "B 03-02T10:00"), False),
    (steps("A !B"), did("A 03-01T10:00", "B 03-02T10:00", "A 03-03T10:00"), True),
    (steps("A !B"), did("A 03-01T10:00", "B 03-12T10:00"), True),
    (steps("A !A"), did("A 03-01T10:00"), True),
    (steps("A !B", "DAYS_1"), did("A 03-01T10:00", "B 03-02T09:59:59"), False),
    (steps("A !B", "DAYS_1"), did("A 03-01T10:00", "B 03-02T10:00"), True),
    (steps("A !B", "DAYS_1"), did("A 03-09T08:00"), True),
    (steps("A !B", "DAYS_1"), did("A 03-09T08:00:01"), False),
    (steps("A !B", "DAYS_1"), did("A 03-09T12:00"), False),
    (steps("A B !C", "DAYS_1"), did("A 03-01T10:00", "B 03-01T12:00", "C 03-02T09:00"), False),
    (steps("A B !C", "DAYS_1"), did("A 03-01T10:00", "B 03-01T12:00", "C 03-02T11:00"), True),
    (steps("A B !C", "DAYS_1"), did("A 03-01T10:00", "B 03-01T12:00", "C 03-01T11:00"), True),
    (steps("A !B", "YEARS_1"), did("A 01-01T00:00"), False),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "events", "expected"), FUNNEL_ROWS)
def test_funnel(condition: dict[str, Any], events: list[dict[str, Any]], expected: bool) -> None:
    assert matches(condition, events) is expected


def test_funnel_steps_have_filters_of_their_own() -> None:
    condition = steps("A A")
    condition["steps"][1] |= where("Colour", type="string", operator="equals", value="red")
    first = ("A 03-01T10:00", None, {"Colour": "red"})
    assert not matches(condition, did(first, "A 03-01T11:00"))
    assert matches(condition, did(first, ("A 03-01T11:00", None, {"Colour": "red"})))


def test_a_funnel_cannot_begin_with_what_did_not_happen() -> None:
    with pytest.raises(ValueError, match="first step"):
        matches(steps("!A B"), did("B 03-01T10:00"))


def opened(operator: str, value: float, **extra: Any) -> dict[str, Any]:
    return {
        "type": "profile-metric-ratio",
        "numerator": {"metric_id": "Open"},
        "denominator": {"metric_id": "Mail"},
        "timeframe_filter": ALL,
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
RATIO_ROWS: list[tuple[dict[str, Any], list[dict[str, Any]], bool]] = [
    (opened("equals", 1.5), MAIL, True),
    (opened("equals", 0.5, distinct_by="c"), MAIL, True),
    (opened("equals", 1, distinct_by="c", timeframe_filter=WEEK), MAIL, True),
    (opened("equals", 3, timeframe_filter=WEEK), MAIL, True),
    (opened("less-than", 1), did("Open 03-01T10:00"), False),
    (opened("equals", 0), did("Mail 03-01T10:00"), True),
    (opened("equals", 0, distinct_by="c"), did("Mail 03-01T10:00"), False),
    (opened("equals", 0), [], False),
    (opened("equals", 0), did("Mail 03-12T10:00"), False),
    (opened("equals", 1, denominator={"metric_id": "Mail", **where(
        "c", type="string", operator="equals", value="b")}, distinct_by="c"), MAIL, True),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "events", "expected"), RATIO_ROWS)
def test_ratio(condition: dict[str, Any], events: list[dict[str, Any]], expected: bool) -> None:
    assert matches(condition, events) is expected
