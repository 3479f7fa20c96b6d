"""Hypothesis strategies for whole cases: a world, a moment and a definition to evaluate there.

`cases()` draws any tree, `cases("profile-metric")` a single condition of that kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hypothesis import strategies as st

from . import draw_conditions, draw_facts, pools
from .dice import Dice
from .oracle import members
from .world import Json, World

KINDS = tuple(draw_conditions.KINDS)
DEPTH = 4
_EVENTS, _ADDRESS = frozenset({"events"}), frozenset({"address"})
_PARTS = {
    "profile-metric": _EVENTS,
    "profile-metric-funnel": _EVENTS,
    "profile-metric-ratio": _EVENTS,
    "profile-property": frozenset({"identity", "address", "properties"}),
    "profile-group-membership": frozenset({"identity", "address", "properties", "lists"}),
    "profile-marketing-consent": frozenset({"identity", "consent"}),
    "profile-permissions": frozenset({"consent"}),
    "profile-region": _ADDRESS,
    "profile-postal-code-distance": _ADDRESS,
    "profile-location-distance": _ADDRESS,
    "profile-predictive-analytics": frozenset({"predictions"}),
    "profile-sample": frozenset[str](),
}


# What segments are made of where only membership in them is of interest.
_QUICK = ("profile-property", "profile-group-membership", "profile-region")


@dataclass(frozen=True)
class Case:
    """One question to both implementations: who in `world` meets `definition` at `at` (UTC)?"""

    world: World
    at: datetime
    definition: Json


def alone(member: Json) -> Json:
    """Wrap one member of a group in a definition of its own."""
    return {"condition_groups": [{"conditions": [member]}]}


@st.composite
def condition(
    draw: st.DrawFn, kind: str, at: datetime, zone: str, segments: Sequence[str] = ()
) -> Json:
    """Draw a condition of one kind, its literals near `at`; it may refer to `segments`."""
    return draw_conditions.KINDS[kind](Dice(draw), at, zone, segments)


@st.composite
def definitions(
    draw: st.DrawFn, at: datetime, zone: str, segments: Sequence[str] = (), depth: int = DEPTH
) -> Json:
    """Draw a tree of groups, nested definitions and negations, `depth` levels at most."""
    return _tree(Dice(draw), at, zone, segments, depth)


@st.composite
def worlds(draw: st.DrawFn, at: datetime, zone: str) -> World:
    """Draw an account's facts with up to two segments, the second may build on the first."""
    return _world(Dice(draw), at, zone)


@st.composite
def cases(draw: st.DrawFn, kind: str | None = None) -> Case:
    """Draw a world, a moment, and a tree or, given a kind, a single condition of it."""
    dice = Dice(draw)
    zone = dice.one(pools.ZONES)
    at = draw_facts.moment(dice, zone)
    if kind is None:
        world = _world(dice, at, zone)
        return Case(world, at, _tree(dice, at, zone, list(world.segments), DEPTH))
    world = draw_facts.facts(dice, at, zone, _PARTS[kind])
    if kind == "profile-group-membership":
        world = _with_segments(dice, at, zone, world, _QUICK)
    keys = list(world.segments)
    return Case(world, at, alone(draw_conditions.KINDS[kind](dice, at, zone, keys)))


def _tree(
    dice: Dice,
    at: datetime,
    zone: str,
    segments: Sequence[str],
    depth: int,
    kinds: Sequence[str] = KINDS,
) -> Json:
    # Nested trees have two places at most: a whole tree stays under a hundred conditions.
    if depth == DEPTH:
        sizes = [1 + dice.up_to(1) for _ in range(1 + dice.up_to(2))]
    else:
        sizes = dice.one([[1], [2], [1, 1]])

    def member(left: int) -> Json:
        if left > 1 and dice.chance(5):
            return {"not": member(left - 1)}
        if left > 1 and dice.chance(5):
            return _tree(dice, at, zone, segments, left - 1, kinds)
        return draw_conditions.KINDS[dice.one(kinds)](dice, at, zone, segments)

    return {
        "condition_groups": [{"conditions": [member(depth) for _ in range(size)]} for size in sizes]
    }


def _world(dice: Dice, at: datetime, zone: str) -> World:
    return _with_segments(dice, at, zone, draw_facts.facts(dice, at, zone), KINDS)


def _with_segments(
    dice: Dice, at: datetime, zone: str, world: World, kinds: Sequence[str]
) -> World:
    for key in pools.SEGMENTS[: dice.up_to(len(pools.SEGMENTS))]:
        definition = _tree(dice, at, zone, list(world.segments), 2, kinds)
        entered = {
            (key, who): draw_facts.iso(draw_facts.instant_near(dice, at, zone, future=False))
            for who in sorted(members(definition, world, at))
        }
        world = replace(
            world,
            segments={**world.segments, key: definition},
            entered={**world.entered, **entered},
        )
    return world
