"""profile-sample: a share of all people, by their ids."""

from __future__ import annotations

from ..dice import Dice
from ..world import Json, World
from .kind import Kind, Row

BUCKETS = 10_000


def meets(condition: Json, world: World, person: int) -> bool:
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


def draw(dice: Dice) -> Json:
    """Choose a profile-sample condition whose range of buckets ends at 10,000 at most."""
    percentage = dice.one([50, 25, 75, 10, 33.33, 12.5, 1, 100])
    condition: Json = {"type": "profile-sample", "percentage": percentage}
    if dice.chance(2):
        condition["seed"] = dice.one([0, 1, 7, 20_261_122])
    if dice.chance(2):
        starts = [s for s in (0, 2_500, 5_000, 9_000) if s + percentage * 100 <= 10_000]
        condition["bucket_from"] = dice.one(starts)
    return condition


# SplitMix64 from seed 0 is published to give 0xe220a8397b1dcdaf (7535 modulo 10,000), then
# 0x6e789e6aa1b965f4 (5700), its state growing by 0x9e3779b97f4a7c15 before each number.
FIRST, SECOND, STEP = 0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x9E3779B97F4A7C15
ROWS: list[tuple[int, Json, bool]] = [
    (FIRST, {"percentage": 75.35}, False),
    (FIRST, {"percentage": 75.36}, True),
    (FIRST, {"percentage": 100}, True),
    (FIRST ^ STEP, {"percentage": 57}, False),
    (FIRST ^ STEP, {"percentage": 57.01, "seed": 0}, True),
    (FIRST ^ STEP, {"percentage": 1, "bucket_from": 5_700}, True),
    (FIRST ^ STEP, {"percentage": 1, "bucket_from": 5_701}, False),
    (FIRST ^ STEP, {"percentage": 10, "bucket_from": 4_700}, False),
    (SECOND, {"percentage": 1, "bucket_from": 7_500, "seed": STEP}, True),
]

KIND = Kind(
    "profile-sample",
    meets=lambda condition, world, person, _at, _: meets(condition, world, person),
    draw=lambda dice, _at, _zone, _: draw(dice),
    facts=frozenset(),
    rows=[
        Row(
            {"type": "profile-sample", **fields},
            inside,
            world={"ids": [str(person)]},
            is_valid=fields.get("seed", 0) <= 2**53,
        )
        for person, fields, inside in ROWS
        if person < 2**63  # the ids of a database
    ],
)
