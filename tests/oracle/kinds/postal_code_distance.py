"""profile-postal-code-distance: how far someone is from a postal code."""

from __future__ import annotations

from .. import pools
from ..dice import Dice
from ..places import is_within
from ..world import Json, World
from .kind import Kind, Row
from .location_distance import NEW_YORK, PLACES, draw_reach


def meets(condition: Json, world: World, person: int) -> bool:
    """Test the distance from a postal code's centre; nobody matches if that is unknown."""
    centre = world.places.get((condition["country_code"], condition["postal_code"]))
    return centre is not None and is_within(condition, world, person, centre)


def draw(dice: Dice) -> Json:
    """Choose a profile-postal-code-distance condition."""
    country, code = dice.one(list(pools.PLACES))
    return {
        "type": "profile-postal-code-distance",
        "country_code": country,
        "postal_code": code,
        **draw_reach(dice),
    }


BY_CODE: Json = {
    "type": "profile-postal-code-distance",
    "country_code": "USA",
    "postal_code": "02108",
    "unit": "kilometers",
    "filter": {"type": "numeric", "operator": "less-than", "value": 310},
}
FAR: Json = BY_CODE | {"filter": {"type": "numeric", "operator": "greater-than", "value": 1}}

KIND = Kind(
    "profile-postal-code-distance",
    meets=lambda condition, world, person, _at, _: meets(condition, world, person),
    draw=lambda dice, _at, _zone, _: draw(dice),
    facts=frozenset({"address"}),
    rows=[
        Row(BY_CODE, True, NEW_YORK, PLACES),
        Row(BY_CODE | {"postal_code": "99999"}, False, NEW_YORK, PLACES, is_valid=False),
        Row(FAR, False, {}, PLACES),
    ],
)
