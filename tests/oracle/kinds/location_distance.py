"""profile-location-distance: how far someone is from a point."""

from __future__ import annotations

from .. import pools
from ..dice import Dice
from ..places import is_within
from ..world import Json, World
from .kind import Kind, Row


def meets(condition: Json, world: World, person: int) -> bool:
    """Test the distance from a point given in degrees."""
    centre = (condition["latitude"], condition["longitude"])
    return is_within(condition, world, person, centre)


def draw_reach(dice: Dice) -> Json:
    return {
        "unit": dice.one(["kilometers", "miles"]),
        "filter": {
            "type": "numeric",
            "operator": dice.one(["less-than", "greater-than"]),
            "value": dice.one(pools.DISTANCES),
        },
    }


def draw(dice: Dice) -> Json:
    """Choose a profile-location-distance condition."""
    label = dice.one(list(pools.POINTS))
    latitude, longitude = pools.POINTS[label]
    return {
        "type": "profile-location-distance",
        "latitude": latitude,
        "longitude": longitude,
        "label": label,
        **draw_reach(dice),
    }


def near(operator: str, value: float, unit: str = "kilometers") -> Json:
    return {
        "type": "profile-location-distance",
        "latitude": 42.3601,
        "longitude": -71.0589,
        "unit": unit,
        "filter": {"type": "numeric", "operator": operator, "value": value},
    }


PLACES = {"places": pools.PLACES, "cities": pools.CITIES}
NEW_YORK = {"location": {"latitude": 40.7128, "longitude": -74.0060}}
ROWS: list[tuple[Json, Json, bool]] = [
    # Boston to New York City is 306 km, or 190 miles.
    (near("less-than", 310), NEW_YORK, True),
    (near("less-than", 300), NEW_YORK, False),
    (near("greater-than", 300), NEW_YORK, True),
    (near("less-than", 195, "miles"), NEW_YORK, True),
    (near("less-than", 185, "miles"), NEW_YORK, False),
    (near("less-than", 310), {"location": {"country": "US", "zip": "10001"}}, True),
    (near("less-than", 310), {"location": {"country": "USA", "city": "New York City"}}, True),
    (near("greater-than", 1), {"location": {"country": "United States"}}, False),
    (near("less-than", 20_000), {}, False),
]

KIND = Kind(
    "profile-location-distance",
    meets=lambda condition, world, person, _at, _: meets(condition, world, person),
    draw=lambda dice, _at, _zone, _: draw(dice),
    facts=frozenset({"address"}),
    rows=[Row(condition, inside, person, PLACES) for condition, person, inside in ROWS],
)
