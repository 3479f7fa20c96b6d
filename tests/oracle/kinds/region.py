"""profile-region: someone's country is in a region."""

from __future__ import annotations

from ..dice import Dice
from ..places import REGIONS, alpha2, location_of
from ..world import Json, World
from .kind import Kind, Row


def meets(condition: Json, world: World, person: int) -> bool:
    """Test the person's country; someone without one is neither in nor outside."""
    country = location_of(world, person).get("country")
    if country is None:
        return False
    inside = alpha2(country) in REGIONS[condition["region"]]
    return inside is condition["in_region"]


def draw(dice: Dice) -> Json:
    """Choose a profile-region condition."""
    regions = ["european_union", "united_states", "european_economic_area", "united_kingdom"]
    return {
        "type": "profile-region",
        "in_region": not dice.chance(2),
        "region": dice.one(regions),
    }


EU, EEA, UK, US = "european_union", "european_economic_area", "united_kingdom", "united_states"
ROWS: list[tuple[str, str, bool]] = [
        ("Sweden", EU, True), ("SE", EU, True), ("SWE", EU, True), ("Norway", EU, False),
        ("Norway", EEA, True), ("PL", EEA, True), ("CH", EEA, False), ("GB", EU, False),
        ("United Kingdom", UK, True), ("IE", UK, False), ("United States", US, True),
        ("USA", US, True), ("PR", US, False), ("Canada", US, False), ("Atlantis", EU, False),
]  # fmt: skip

KIND = Kind(
    "profile-region",
    meets=lambda condition, world, person, _at, _: meets(condition, world, person),
    draw=lambda dice, _at, _zone, _: draw(dice),
    facts=frozenset({"address"}),
    rows=[
        Row(
            {"type": "profile-region", "in_region": in_region, "region": region},
            inside is in_region,
            {"location": {"country": country}},
        )
        for country, region, inside in ROWS
        for in_region in (True, False)
    ],
)
