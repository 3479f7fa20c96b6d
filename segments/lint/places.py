"""Where conditions stand in a definition, and whether they stand under NOT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from segments.definition.tree import Condition, Node, Not, children


class ConditionPlace(NamedTuple):
    """A condition where it stands."""

    pointer: str
    condition: Condition
    is_wanted: bool
    """Whether matching it helps to match the whole: it stands under no NOT, or under two."""


def places_of(node: Node, pointer: str = "", *, is_wanted: bool = True) -> Iterator[ConditionPlace]:
    """All conditions of a definition, in their order."""
    if isinstance(node, Condition):
        yield ConditionPlace(pointer, node, is_wanted)
    for step, child in children(node):
        is_child_wanted = is_wanted != isinstance(node, Not)
        yield from places_of(child, pointer + step, is_wanted=is_child_wanted)
