"""Definitions, conditions and filters as JSON. Pure: knows nothing of the product.

Conditions name metrics and lists; `segments.engine.queries.resolve_names` puts their keys in.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def both(*conditions: Json) -> Json:
    """A definition of groups of one condition each: all must hold."""
    return {"condition_groups": [{"conditions": [condition]} for condition in conditions]}


def either(*conditions: Json) -> Json:
    """A definition of one group: one of the conditions must hold."""
    return {"condition_groups": [{"conditions": list(conditions)}]}


# --- filters ---


IS_SET: Json = {"type": "existence", "operator": "is-set"}


def number(operator: str, value: float) -> Json:
    return {"type": "numeric", "operator": operator, "value": value}


def text(operator: str, value: Any, **more: Any) -> Json:
    return {"type": "string", "operator": operator, "value": value, **more}


def when(operator: str, *numbers: int, unit: str = "day") -> Json:
    """A date filter of one quantity, of a start and an end, or of none."""
    filter_: Json = {"type": "date", "operator": operator}
    if len(numbers) == 1:
        return filter_ | {"unit": unit, "quantity": numbers[0]}
    if len(numbers) == 2:
        return filter_ | {"unit": unit, "start": numbers[0], "end": numbers[1]}
    return filter_


def last(quantity: int, unit: str = "day") -> Json:
    return when("in-the-last", quantity, unit=unit)


ALL_TIME = when("alltime")


# --- conditions ---


def times(
    metric: str, operator: str, value: float, timeframe: Json = ALL_TIME, **more: Any
) -> Json:
    """Did something a number of times."""
    return {
        "type": "profile-metric",
        "metric": metric,
        "measurement": "count",
        "measurement_filter": number(operator, value),
        "timeframe_filter": timeframe,
        **more,
    }


def at_least(metric: str, least: int, timeframe: Json = ALL_TIME, **more: Any) -> Json:
    """Did something at least `least` times."""
    return times(metric, "greater-than-or-equal", least, timeframe, **more)


def once(metric: str, timeframe: Json = ALL_TIME, **more: Any) -> Json:
    """Did something at least once."""
    return at_least(metric, 1, timeframe, **more)


def never(metric: str, timeframe: Json = ALL_TIME, **more: Any) -> Json:
    """Did something zero times."""
    return times(metric, "equals", 0, timeframe, **more)


def about(path: str, filter_: Json) -> Json:
    """A property of a person passes a filter."""
    return {"type": "profile-property", "property": path, "filter": filter_}


def of_country(country: str) -> Json:
    return about("location['country']", text("equals", country))


def in_group(*groups: str, inside: bool = True, timeframe: Json | None = None) -> Json:
    """Is on a list or in a segment, or on none of them."""
    condition: Json = {
        "type": "profile-group-membership",
        "is_member": inside,
        "groups": list(groups),
    }
    return condition if timeframe is None else condition | {"timeframe_filter": timeframe}
