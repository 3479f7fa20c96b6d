"""What the oracle knows of one condition kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..dice import Dice
from ..world import Json, World, instant

AT = instant("2026-03-10T08:00:00Z")
"""The time at which all rows are evaluated."""
ALL_TIME: Json = {"type": "date", "operator": "alltime"}
WEEK: Json = {"type": "date", "operator": "in-the-last", "quantity": 7, "unit": "day"}
OLD: Json = {"type": "date", "operator": "at-least", "quantity": 7, "unit": "day"}
SOON: Json = {"type": "date", "operator": "in-the-next", "quantity": 7, "unit": "day"}
IS_SET: Json = {"type": "existence", "operator": "is-set"}

InDefinition = Callable[[Json, int], bool]
Meets = Callable[[Json, World, int, datetime, InDefinition], bool]
Draw = Callable[[Dice, datetime, str, Sequence[str]], Json]


@dataclass(frozen=True)
class Row:
    """One answer worked out by hand: does a person with these facts meet the condition at AT?"""

    condition: Json
    inside: bool
    person: Json = field(default_factory=dict)
    world: dict[str, Any] = field(default_factory=dict)
    is_valid: bool = True
    """False for a condition that the grammar refuses: only the oracle is asked."""


@dataclass(frozen=True)
class Kind:
    """A condition's `type`, what it means, how one is drawn, of what facts, and rows by hand.

    `meets(condition, world, person, at, in_definition)` answers for one person, by index; the last
    tells whether another person, or this one, meets a definition. `draw(dice, at, zone, segments)`
    chooses a condition whose literals are near `at`; it may refer to `segments`.
    """

    name: str
    meets: Meets
    draw: Draw
    facts: frozenset[str]
    rows: Sequence[Row]


def text(operator: str, value: Any) -> Json:
    """A filter of text."""
    return {"type": "string", "operator": operator, "value": value}
