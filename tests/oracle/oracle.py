"""The tree: AND between groups, OR inside them, a true complement for "not".

Start here: `members` says who is in; `kinds/` says what each condition means. Must stay slow and
obvious.
"""

from __future__ import annotations

from datetime import datetime

from .kinds import KINDS
from .world import Json, World


def members(definition: Json, world: World, at: datetime) -> set[int]:
    """Return the indices into `world.people` of those who meet the definition at aware `at`."""
    return {
        person
        for person in range(len(world.people))
        if meets_definition(definition, world, person, at)
    }


def meets_definition(definition: Json, world: World, person: int, at: datetime) -> bool:
    """Tell whether one person meets every group of a definition."""
    return all(
        any(_meets(member, world, person, at) for member in group["conditions"])
        for group in definition["condition_groups"]
    )


def _meets(member: Json, world: World, person: int, at: datetime) -> bool:
    if "condition_groups" in member:
        return meets_definition(member, world, person, at)
    if "not" in member:
        return not _meets(member["not"], world, person, at)
    kind = KINDS.get(member["type"])
    if kind is None:
        raise ValueError(f"not a condition that can be evaluated: {member['type']!r}")
    return kind.meets(
        member,
        world,
        person,
        at,
        lambda definition, someone: meets_definition(definition, world, someone, at),
    )
