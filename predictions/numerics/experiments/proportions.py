"""Intervals for a rate and for the difference of two rates."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf, sqrt
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A closed interval of numbers."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies in it."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Proportion:
    """How many of some people did something."""

    count: int
    of: int

    @property
    def rate(self) -> float | None:
        """The share of people, 0 to 1; None of nobody."""
        return self.count / self.of if self.of else None


def two_sided_z(confidence: float = CONFIDENCE) -> float:
    """Return the standard normal quantile of a two-sided interval: 1.96 for 95 %."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(tally: Proportion, z: float | None = None) -> Interval:
    """Return Wilson's score interval for a rate (JASA 22, 1927); 0 to 1 of nobody.

    `z` is the number of standard errors; without it the interval holds 95 %.
    """
    count, of = tally.count, tally.of
    z = two_sided_z() if z is None else z
    if not of or isinf(z):
        return Interval(0.0, 1.0)
    middle = (count + z * z / 2) / (of + z * z)
    half = z / (of + z * z) * sqrt(count * (of - count) / of + z * z / 4)
    # At 0 and at all, the end is exact; rounding must not move it.
    low = 0.0 if count == 0 else max(0.0, middle - half)
    high = 1.0 if count == of else min(1.0, middle + half)
    return Interval(low, high)


def newcombe(one: Proportion, other: Proportion, z: float | None = None) -> Interval:
    """Return an interval for `one`'s rate minus `other`'s, from -1 to 1.

    Newcombe's hybrid score interval without continuity correction (method 10 of Statistics in
    Medicine 17, 1998). Of nobody on a side nothing is known: -1 to 1.
    """
    if not one.of or not other.of or (z is not None and isinf(z)):
        return Interval(-1.0, 1.0)
    p, q = one.count / one.of, other.count / other.of
    mine, theirs = wilson(one, z), wilson(other, z)
    down = sqrt((p - mine.low) ** 2 + (theirs.high - q) ** 2)
    up = sqrt((mine.high - p) ** 2 + (q - theirs.low) ** 2)
    return Interval(max(-1.0, p - q - down), min(1.0, p - q + up))
