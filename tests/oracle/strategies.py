"""Hypothesis strategies for whole cases: a world, a moment and a definition to evaluate there.

`cases()` draws any tree, `cases("profile-metric")` a single condition of that kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hypothesis import strategies as st

from tests.builders.definitions import either

from . import draw_facts, kinds, pools
from .dice import Dice
from .focus import focus_on
from .oracle import members
from .world import Json, World

KINDS = tuple(kinds.KINDS)
DEPTH = 4
# What segments are made of where only membership in them is of interest.
_QUICK = ("profile-property", "profile-group-membership", "profile-region")


@dataclass(frozen=True)
class Case:
    """One question to both implementations: who in `world` meets `definition` at `at` (UTC)?"""

    world: World
    at: datetime
    definition: Json


@st.composite
def condition(
    draw: st.DrawFn, kind: str, at: datetime, zone: str, segments: Sequence[str] = ()
) -> Json:
    """Draw a condition of one kind, its literals near `at`; it may refer to `segments`."""
    return kinds.KINDS[kind].draw(Dice(draw), at, zone, segments)


@st.composite
def definitions(
    draw: st.DrawFn, at: datetime, zone: str, segments: Sequence[str] = (), depth: int = DEPTH
) -> Json:
    """Draw a tree of groups, nested definitions and negations, `depth` levels at most."""
    return _tree(Dice(draw), at, zone, segments, depth)


@st.composite
def worlds(draw: st.DrawFn, at: datetime, zone: str) -> World:
    """Draw an account's facts with up to two segments, the second may build on the first."""
    dice = Dice(draw)
    segments = _segments(dice, at, zone)
    dice.focus = focus_on(segments.values(), zone)
    return _world(dice, at, zone, segments, draw_facts.EVERYTHING)


@st.composite
def cases(draw: st.DrawFn, kind: str | None = None) -> Case:
    """Draw a world, a moment, and a tree or, given a kind, a single condition of it."""
    dice = Dice(draw)
    zone = dice.one(pools.ZONES)
    at = draw_facts.moment(dice, zone)
    names = KINDS if kind is None else _QUICK
    segments: dict[str, Json] = {}
    if kind in (None, "profile-group-membership"):
        segments = _segments(dice, at, zone, names)
    if kind is None:
        definition = _tree(dice, at, zone, list(segments), DEPTH)
    else:
        definition = either(kinds.KINDS[kind].draw(dice, at, zone, list(segments)))
    dice.focus = focus_on([definition, *segments.values()], zone)
    parts = draw_facts.EVERYTHING if kind is None else kinds.KINDS[kind].facts
    return Case(_world(dice, at, zone, segments, parts), at, definition)


def _tree(
    dice: Dice,
    at: datetime,
    zone: str,
    segments: Sequence[str],
    depth: int,
    names: Sequence[str] = KINDS,
) -> Json:
    # Nested trees have two places at most: a whole tree stays under a hundred conditions.
    if depth == DEPTH:
        sizes = [1 + dice.up_to(1) for _ in range(1 + dice.up_to(2))]
    else:
        sizes = dice.one([[1], [2], [1, 1]])

    def member(depth_left: int) -> Json:
        if depth_left > 1 and dice.chance(5):
            return {"not": member(depth_left - 1)}
        if depth_left > 1 and dice.chance(5):
            return _tree(dice, at, zone, segments, depth_left - 1, names)
        return kinds.KINDS[dice.one(names)].draw(dice, at, zone, segments)

    return {
        "condition_groups": [{"conditions": [member(depth) for _ in range(size)]} for size in sizes]
    }


def _segments(dice: Dice, at: datetime, zone: str, names: Sequence[str] = KINDS) -> dict[str, Json]:
    """Choose up to two segments, the second of which may build on the first."""
    trees: dict[str, Json] = {}
    for key in pools.SEGMENTS[: dice.up_to(len(pools.SEGMENTS))]:
        trees[key] = _tree(dice, at, zone, list(trees), 2, names)
    return trees


def _world(
    dice: Dice, at: datetime, zone: str, segments: dict[str, Json], parts: frozenset[str]
) -> World:
    world = replace(draw_facts.facts(dice, at, zone, parts), segments=segments)
    for key, definition in segments.items():
        entered = {
            (key, who): draw_facts.iso(draw_facts.instant_near(dice, at, zone, future=False))
            for who in sorted(members(definition, world, at))
        }
        world = replace(world, entered={**world.entered, **entered})
    return world
