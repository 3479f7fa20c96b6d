"""Definitions as JSON for the templates of ready-made segments.

Conditions name their metrics ("metric"); `proposal` puts the account's keys in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from segments.definition.paths import write_path

Json = dict[str, Any]

ORDER = "Placed Order"
PRODUCT = "Ordered Product"
VIEW = "Viewed Product"
VISIT = "Active on Site"
CART = "Added to Cart"
CHECKOUT = "Started Checkout"
EMAIL = "Received Email"
OPEN = "Opened Email"
CLICK = "Clicked Email"
BOUNCE = "Bounced Email"
FORM = "Submitted Form"


def every(*groups: Json | list[Json]) -> Json:
    """A definition of which each group must hold. A list is a group joined by OR."""
    return {
        "condition_groups": [
            {"conditions": group if isinstance(group, list) else [group]} for group in groups
        ]
    }


# --- times ---------------------------------------------------------------------------------------


def last(quantity: int, unit: str = "day") -> Json:
    return {"type": "date", "operator": "in-the-last", "quantity": quantity, "unit": unit}


def following(quantity: int, unit: str = "day") -> Json:
    return {"type": "date", "operator": "in-the-next", "quantity": quantity, "unit": unit}


def before_last(quantity: int, unit: str = "day") -> Json:
    """At least so long ago."""
    return {"type": "date", "operator": "at-least", "quantity": quantity, "unit": unit}


def ago(nearest: int, farthest: int, unit: str = "month") -> Json:
    return {"type": "date", "operator": "between", "start": nearest, "end": farthest, "unit": unit}


def period(first: str, final: str) -> Json:
    return {"type": "date", "operator": "between-static", "start": first, "end": final}


EVER: Json = {"type": "date", "operator": "alltime"}


# --- tests of values -----------------------------------------------------------------------------


def at_least(value: float) -> Json:
    return _number("greater-than-or-equal", value)


def at_most(value: float) -> Json:
    return _number("less-than-or-equal", value)


def less_than(value: float) -> Json:
    return _number("less-than", value)


def more_than(value: float) -> Json:
    return _number("greater-than", value)


def equal(value: float) -> Json:
    return _number("equals", value)


def between(least: float, most: float) -> Json:
    return {"type": "numeric", "operator": "between", "start": least, "end": most}


def _number(operator: str, value: float) -> Json:
    return {"type": "numeric", "operator": operator, "value": value}


def contains(value: str) -> Json:
    """The text is a part of it, in any case."""
    return {"type": "string", "operator": "contains", "value": value, "ignore_case": True}


def equals(value: str) -> Json:
    return {"type": "string", "operator": "equals", "value": value}


def one_of(values: Sequence[str]) -> Json:
    return _texts("in", values)


def none_of(values: Sequence[str]) -> Json:
    return _texts("not-in", values)


def _texts(operator: str, values: Sequence[str]) -> Json:
    """A test of several texts; one text is tested by itself, which reads better."""
    if len(values) == 1:
        single = {"in": "equals", "not-in": "not-equals"}
        return {"type": "string", "operator": single[operator], "value": values[0]}
    return {"type": "string", "operator": operator, "value": list(values)}


def has_item(value: str) -> Json:
    return {"type": "list", "operator": "contains-any", "value": [value]}


IS_SET: Json = {"type": "existence", "operator": "is-set"}
IS_TRUE: Json = {"type": "boolean", "operator": "equals", "value": True}
IS_NOT_TRUE: Json = {"type": "boolean", "operator": "equals", "value": False, "include_unset": True}


# --- conditions ----------------------------------------------------------------------------------


def did(metric: str, times: Json | None = None, when: Json = EVER, **where: Json) -> Json:
    """Did something (at least once), where properties of the event pass tests.

    A name in `where` has underscores for spaces: `Campaign_Name`.
    """
    condition: Json = {
        "type": "profile-metric",
        "metric": metric,
        "measurement": "count",
        "measurement_filter": times or at_least(1),
        "timeframe_filter": when,
    }
    if where:
        condition["metric_filters"] = tests_of(**where)
    return condition


def tests_of(**where: Json) -> list[Json]:
    return [
        {"property": name.replace("_", " "), "filter": filter_} for name, filter_ in where.items()
    ]


def never(metric: str, when: Json = EVER, **where: Json) -> Json:
    return did(metric, equal(0), when, **where)


def amount(measurement: str, metric: str, test: Json, when: Json = EVER) -> Json:
    """The sum or the average of the events' values passes a test."""
    return did(metric, test, when) | {"measurement": measurement}


def average_order(test: Json) -> Json:
    return amount("average", ORDER, test)


def location(part: str, test: Json) -> Json:
    return {"type": "profile-property", "property": f"location['{part}']", "filter": test}


def own(name: str, test: Json) -> Json:
    """A custom property passes a test."""
    return {"type": "profile-property", "property": write_path(name), "filter": test}


def own_value(
    name: str,
    value: str,
    types: frozenset[str],
    *,
    by: Callable[[str], Json] = equals,
    is_list: bool = False,
) -> list[Json]:
    """A custom property equals (or contains) a text, or is a list with it, by the property's types.

    `is_list` says what a property is that nobody has had yet.
    """
    holds_lists = "list" in types or (is_list and not types)
    tests = [has_item(value)] if holds_lists else []
    if types - {"list"} or not tests:
        tests.append(by(value))
    return [own(name, test) for test in tests]


def is_older_than(quantity: int, unit: str) -> Json:
    """The profile was created at least so long ago."""
    test = before_last(quantity, unit)
    return {"type": "profile-property", "property": "created", "filter": test}


def predicted(dimension: str, test: Json) -> Json:
    return {"type": "profile-predictive-analytics", "dimension": dimension, "filter": test}


def in_european_union(*, inside: bool) -> Json:
    return {"type": "profile-region", "in_region": inside, "region": "european_union"}


# --- what personas share -------------------------------------------------------------------------


def engaged(times: int, months: int | None) -> list[Json]:
    """Opened or clicked so often, in the last months or over all time: a group joined by OR."""
    when = EVER if months is None else last(months, "month")
    return [did(metric, at_least(times), when) for metric in (OPEN, CLICK)]


def not_engaged(months: int) -> list[Json]:
    """Neither opened nor clicked in the last months: two groups."""
    return [never(metric, last(months, "month")) for metric in (OPEN, CLICK)]
