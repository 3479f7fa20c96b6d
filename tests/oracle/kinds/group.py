"""profile-group-membership: lists and segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from .. import draw_filters, pools, windows
from ..dice import Dice
from ..world import Json, World, instant
from .kind import OLD, WEEK, Kind, Row


def meets(
    condition: Json,
    world: World,
    person: int,
    at: datetime,
    in_definition: Callable[[Json, int], bool],
) -> bool:
    """Test lists and segments; `in_definition` tells whether a person meets a definition."""
    timeframe = condition.get("timeframe_filter")

    def belongs(group: str) -> bool:
        if group in world.segments:
            if not in_definition(world.segments[group], person):
                return False
            since = world.entered.get((group, person))
        else:
            rows = [
                row
                for row in world.people[person].get("lists") or []
                if row["name"] == group and _has_joined(row, timeframe, at)
            ]
            if not rows:
                return False
            since = rows[0].get("joined")
        if timeframe is None:
            return True
        return since is not None and windows.holds(instant(since), timeframe, at, world.tz)

    return any(belongs(group) for group in condition["group_ids"]) is condition["is_member"]


def _has_joined(row: Json, timeframe: Json | None, at: datetime) -> bool:
    since = row.get("joined")
    if since is None or (timeframe is not None and timeframe["operator"] == "in-the-next"):
        return True
    return instant(since) <= at


def draw(dice: Dice, at: datetime, zone: str, segments: Sequence[str]) -> Json:
    """Choose a profile-group-membership condition on lists and the given segments."""
    groups = dice.some([*segments, *pools.LISTS], 1, 3)
    inside = not dice.chance(3)
    condition: Json = {"type": "profile-group-membership", "is_member": inside, "group_ids": groups}
    if inside and dice.chance(2):
        operators = draw_filters.GROUP_OPERATORS
        condition["timeframe_filter"] = draw_filters.date(dice, at, zone, operators)
    return condition


def group(*keys: str, inside: bool = True, timeframe: Json | None = None) -> Json:
    condition: Json = {"type": "profile-group-membership", "is_member": inside}
    condition["group_ids"] = list(keys)
    return condition | ({"timeframe_filter": timeframe} if timeframe else {})


MEMBER: Json = {
    "lists": [
        {"name": "New", "joined": "2026-03-09T00:00:00Z"},
        {"name": "Old", "joined": "2025-01-01T00:00:00Z"},
        {"name": "Next", "joined": "2026-03-11T00:00:00Z"},
    ]
}
ROWS = [
    (group("New"), True),
    (group("Other"), False),
    (group("Other", "Old"), True),
    (group("New", timeframe=WEEK), True),
    (group("Old", timeframe=WEEK), False),
    (group("Old", "New", timeframe=OLD), True),
    (group("Next"), False),
    (group("Other", inside=False), True),
    (group("Other", "New", inside=False), False),
    (group("Next", inside=False), True),
]

KIND = Kind(
    "profile-group-membership",
    meets=meets,
    draw=draw,
    facts=frozenset({"identity", "address", "properties", "lists"}),
    rows=[Row(condition, inside, MEMBER) for condition, inside in ROWS],
)
