"""Short forms of conditions for the benchmarks."""

from __future__ import annotations

from typing import Any

ALL_TIME = {"type": "date", "operator": "alltime"}


def did(
    metric: str, operator: str, value: float, days: int | None, unit: str = "day", **more: Any
) -> dict[str, Any]:
    """Who did something so often in the last days (None: over all time)."""
    last = {"type": "date", "operator": "in-the-last", "unit": unit, "quantity": days}
    return {
        "type": "profile-metric",
        "metric": metric,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": operator, "value": value},
        "timeframe_filter": ALL_TIME if days is None else last,
        **more,
    }


def has(name: str, operator: str, value: Any, type_: str = "string") -> dict[str, Any]:
    condition = {"type": type_, "operator": operator, "value": value}
    return {"type": "profile-property", "property": name, "filter": condition}


def near(kilometers: float) -> dict[str, Any]:
    return {
        "type": "profile-location-distance",
        "latitude": 42.36,
        "longitude": -71.06,
        "label": "Boston",
        "unit": "kilometers",
        "filter": {"type": "numeric", "operator": "less-than", "value": kilometers},
    }


def all_of(*groups: list[Any]) -> dict[str, Any]:
    return {"condition_groups": [{"conditions": group} for group in groups]}
