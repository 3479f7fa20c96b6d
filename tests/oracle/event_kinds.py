"""What someone has done: profile-metric, profile-metric-funnel and profile-metric-ratio.

Each function answers for one person; only events that exist at `at` are looked at.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from . import filters, windows
from .world import Json, World, different, instant, is_number, same

_DAY = 86_400
COMPLETION_WINDOWS = {
    "HOURS_1": 3_600,
    "DAYS_1": _DAY,
    "DAYS_3": 3 * _DAY,
    "DAYS_5": 5 * _DAY,
    "WEEKS_1": 7 * _DAY,
    "DAYS_30": 30 * _DAY,
    "DAYS_90": 90 * _DAY,
    "DAYS_180": 180 * _DAY,
    "YEARS_1": 365 * _DAY,
}
_ALL_TIME: Json = {"type": "date", "operator": "alltime"}


def metric(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Measure the person's events of one metric and test the result."""
    timeframe = _timeframe(condition)
    events = [
        event
        for event in _existing(world, person, condition, timeframe, at)
        if windows.holds(instant(event["time"]), timeframe, at, world.tz)
    ]
    name = condition.get("measurement_property")
    values = [value for value in (_value(event, name) for event in events) if value is not None]
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


def funnel(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Look for a chain of events through the steps, trying every event for every step."""
    timeframe = _timeframe(condition)
    steps = condition["steps"]
    if not steps[0]["metric_exists"]:
        raise ValueError("the first step of a funnel is always a positive one")
    times = [
        [instant(event["time"]) for event in _existing(world, person, step, timeframe, at)]
        for step in steps
    ]
    limit = _completion_window(condition.get("completion_window_seconds"))
    now = at.astimezone(UTC)

    def reaches_end(step: int, chain: list[datetime], forbidden: list[datetime]) -> bool:
        if step == len(steps):
            if steps[-1]["metric_exists"]:
                return True
            if limit is None:
                return not any(chain[-1] < time for time in forbidden)
            end = chain[0] + limit
            return now >= end and not any(chain[-1] < time < end for time in forbidden)
        if not steps[step]["metric_exists"]:
            return reaches_end(step + 1, chain, forbidden + times[step])
        return any(
            reaches_end(step + 1, [*chain, time], [])
            for time in times[step]
            if may_follow(chain, time, forbidden)
        )

    def may_follow(chain: list[datetime], time: datetime, forbidden: list[datetime]) -> bool:
        if not chain:
            return windows.holds(time, timeframe, at, world.tz)
        return (
            chain[-1] < time
            and (limit is None or time < chain[0] + limit)
            and not any(chain[-1] < other < time for other in forbidden)
        )

    return reaches_end(0, [], [])


def ratio(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Divide the events, or their different values, of one metric by those of another."""
    timeframe = _timeframe(condition)

    def events(side: str) -> list[Json]:
        return [
            event
            for event in _existing(world, person, condition[side], timeframe, at)
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
    values = [_value(event, name) for event in events]
    return different([value for value in values if value is not None])


def _timeframe(condition: Json) -> Json:
    timeframe: Json | None = condition.get("timeframe_filter")
    return _ALL_TIME if timeframe is None else timeframe


def _existing(
    world: World, person: int, selection: Json, timeframe: Json, at: datetime
) -> list[Json]:
    """Return the events of a metric that pass its filters and exist yet for this timeframe."""
    return [
        event
        for event in world.events_of(person, selection["metric_id"])
        if (timeframe["operator"] == "in-the-next" or instant(event["time"]) <= at)
        and all(
            filters.passes(_value(event, test["property"]), test["filter"], at, world.tz)
            for test in selection.get("metric_filters") or []
        )
    ]


def _value(event: Json, name: str | None) -> Any:
    if name is None or name == "$value":
        return event.get("value")
    return (event.get("properties") or {}).get(name)


def _completion_window(given: str | float | None) -> timedelta | None:
    if given is None:
        return None
    seconds = COMPLETION_WINDOWS[given] if isinstance(given, str) else given
    return timedelta(seconds=seconds)
