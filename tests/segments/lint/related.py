"""Drawing definitions whose conditions concern each other: they are about the same thing."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from tests.oracle import draw_facts, kinds, pools
from tests.oracle.dice import Dice
from tests.oracle.focus import focus_on
from tests.oracle.strategies import KINDS, Case

_SAME = (
    *("metric_id", "timeframe_filter", "metric_filters", "property", "dimension", "consent"),
    *("measurement", "measurement_property", "predicted_channel", "latitude", "longitude", "unit"),
)
"""Fields that make two conditions be about the same thing, or nearly."""


@st.composite
def related_cases(draw: st.DrawFn) -> Case:
    """Draw a case of few conditions of one kind, each used up to three times."""
    dice = Dice(draw)
    zone = dice.one(pools.ZONES)
    at = draw_facts.moment(dice, zone)
    kind = kinds.KINDS[dice.one([*KINDS, *["profile-metric", "profile-property"] * 4])]
    first = kind.draw(dice, at, zone, [])
    pool = [first]
    for _ in range(1 + dice.up_to(2)):
        other = kind.draw(dice, at, zone, [])
        same = [name for name in _SAME if name in first and name in other]
        alike = dict(other)
        for name in same:
            if name == "property" and not _are_custom(first[name], other[name]):
                continue
            if name in ("metric_id", "property", "latitude", "longitude") or dice.chance(2):
                alike[name] = first[name]
        pool.append(alike if _is_valid(alike) else other)

    def member(depth: int) -> dict[str, Any]:
        if depth and dice.chance(4):
            return {"not": member(depth - 1)}
        if depth and dice.chance(6):
            return tree(depth - 1)
        return dice.one(pool)

    def tree(depth: int) -> dict[str, Any]:
        sizes = [1 + dice.up_to(2) for _ in range(1 + dice.up_to(2))]
        return {
            "condition_groups": [
                {"conditions": [member(depth) for _ in range(size)]} for size in sizes
            ]
        }

    definition = tree(2)
    dice.focus = focus_on([definition], zone)
    return Case(draw_facts.facts(dice, at, zone, kind.facts), at, definition)


def _is_valid(condition: dict[str, Any]) -> bool:
    try:
        decode({"condition_groups": [{"conditions": [condition]}]})
    except Invalid:
        return False
    return True


def _are_custom(*paths: str) -> bool:
    """Whether properties are custom ones, so that each may have values of any type."""
    return all(path.startswith("properties[") for path in paths)
