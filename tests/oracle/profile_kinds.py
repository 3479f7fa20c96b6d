"""What is known about someone: properties, groups, predictions and samples.

Each function answers for one person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import filters, windows
from .world import Json, World, instant

_FIELDS = frozenset(
    [
        "email",
        "phone_number",
        "external_id",
        "anonymous_id",
        "first_name",
        "last_name",
        "organization",
        "title",
        "locale",
        "image",
        "created",
        "updated",
        "first_active",
        "last_active",
    ]
)
_PATH = re.compile(r"(location|properties)\['((?:[^'\\]|\\.)*)'\]")
BUCKETS = 10_000


def profile_property(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Test one property of the person."""
    value = property_value(world.people[person], condition["property"])
    return filters.passes(value, condition["filter"], at, world.tz)


def property_value(person: Json, path: str) -> Any:
    """Return what a property path names in a person, None when unset."""
    if path in _FIELDS:
        return person.get(path)
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError(f"not a property: {path!r}")
    branch, name = found.groups()
    return (person.get(branch) or {}).get(re.sub(r"\\(.)", r"\1", name))


def group_membership(
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
                if row["name"] == group and _joined(row, timeframe, at)
            ]
            if not rows:
                return False
            since = rows[0].get("joined")
        if timeframe is None:
            return True
        return since is not None and windows.holds(instant(since), timeframe, at, world.tz)

    return any(belongs(group) for group in condition["group_ids"]) is condition["is_member"]


def _joined(row: Json, timeframe: Json | None, at: datetime) -> bool:
    joined = row.get("joined")
    if joined is None or (timeframe is not None and timeframe["operator"] == "in-the-next"):
        return True
    return instant(joined) <= at


def predictive_analytics(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Test a predicted field; a field that could not be computed is unset."""
    known = world.predictions[person] if world.predictions else {}
    dimension = condition["dimension"]
    if dimension == "channel_affinity":
        channel = (known.get(dimension) or {}).get(condition["predicted_channel"]) or {}
        value = channel.get(condition["measurement"])
    else:
        value = known.get(dimension)
    return filters.passes(value, condition["filter"], at, world.tz)


def sample(condition: Json, world: World, person: int) -> bool:
    """Test whether the person's bucket is in the sample's range."""
    seed = condition.get("seed")
    start = _mixed(0 if seed is None else seed)
    bucket = _mixed(int(world.ids[person]) ^ start) % BUCKETS
    first = condition.get("bucket_from") or 0
    return bool(first <= bucket < first + round(condition["percentage"] * BUCKETS / 100))


def _mixed(number: int) -> int:
    """One step of the SplitMix64 generator from a state, in 64-bit arithmetic."""
    full = 2**64
    mixed = (number + 0x9E3779B97F4A7C15) % full
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % full
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % full
    return mixed ^ mixed >> 31
