"""profile-metric-funnel: events one after another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .. import draw_filters, pools, windows
from ..dice import Dice
from ..windows import COMPLETION_WINDOWS
from ..world import Json, World, instant
from .events import did, draw_timeframe, existing_events, metric_filters, timeframe_of
from .kind import ALL_TIME, WEEK, Kind, Row


def meets(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Look for a chain of events through the steps, trying every event for every step."""
    timeframe = timeframe_of(condition)
    steps = condition["steps"]
    if not steps[0]["metric_exists"]:
        raise ValueError("the first step of a funnel is always a positive one")
    times = [
        [instant(event["time"]) for event in existing_events(world, person, step, timeframe, at)]
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


def _completion_window(window: str | float | None) -> timedelta | None:
    if window is None:
        return None
    seconds = COMPLETION_WINDOWS[window] if isinstance(window, str) else window
    return timedelta(seconds=seconds)


def draw(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-metric-funnel condition of two to four steps."""
    exists = [True, *(not dice.chance(3) for _ in range(1 + dice.up_to(2)))]
    windows: list[str | int | None] = [None, "HOURS_1", "DAYS_1", "DAYS_3", 1_800, 7_200] * 3
    return {
        "type": "profile-metric-funnel",
        "timeframe_filter": draw_timeframe(dice, at, zone, draw_filters.RANGE_OPERATORS),
        "completion_window_seconds": dice.one([*windows, *COMPLETION_WINDOWS]),
        "steps": [
            {
                "metric_exists": positive,
                "metric_id": dice.one(pools.METRICS[:1] + pools.METRICS),
                **metric_filters(dice, at, zone, most=1, sides=6),
            }
            for positive in exists
        ],
    }


def steps(text: str, window: Any = None, timeframe: Any = ALL_TIME) -> dict[str, Any]:
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


ROWS: list[tuple[dict[str, Any], list[dict[str, Any]], bool]] = [
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

KIND = Kind(
    "profile-metric-funnel",
    meets=lambda condition, world, person, at, _: meets(condition, world, person, at),
    draw=lambda dice, at, zone, _: draw(dice, at, zone),
    facts=frozenset({"events"}),
    rows=[Row(condition, inside, world={"events": events}) for condition, events, inside in ROWS],
)
