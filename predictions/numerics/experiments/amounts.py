"""Revenue a person, with intervals: by bootstrap, and for many looks."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from predictions.numerics.arrays import Floats
from predictions.numerics.experiments.many_looks import LEAST, critical_value
from predictions.numerics.experiments.proportions import CONFIDENCE, Interval

RESAMPLES = 2_000
LARGEST = 100
"""So many of the largest amounts are resampled one by one."""
BINS = 400
"""Into so many bins of about equal count the others are put, if there are more."""
LEAST_BUYERS = 20
"""People with an amount that both sides together must have, and LEAST on each if there is no
difference, before anything is concluded from amounts."""


@dataclass(frozen=True)
class Takings:
    """What some people spent: float64[k] of those who spent anything, and how many all are."""

    amounts: Floats
    people: int

    @property
    def mean(self) -> float | None:
        """Revenue a person; None of nobody."""
        return float(self.amounts.sum()) / self.people if self.people else None

    @property
    def variance(self) -> float:
        """The variance between people, those who spent nothing included."""
        if not self.people:
            return 0.0
        mean = float(self.amounts.sum()) / self.people
        return max(0.0, float((self.amounts**2).sum()) / self.people - mean * mean)


def bootstrap_mean(takings: Takings, *, seed: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the percentile bootstrap interval of revenue a person (Efron, 1979); seeded."""
    return _percentiles(_means(takings, np.random.default_rng([seed, 1])), confidence)


def bootstrap_difference(
    one: Takings, other: Takings, *, seed: int, confidence: float = CONFIDENCE
) -> Interval:
    """Return the percentile bootstrap interval of `one`'s revenue a person minus `other`'s.

    Each side is resampled for itself. Of nobody on a side nothing is known: minus to plus infinity.
    """
    if not one.people or not other.people:
        return Interval(-inf, inf)
    mine = _means(one, np.random.default_rng([seed, 1]))
    theirs = _means(other, np.random.default_rng([seed, 2]))
    return _percentiles(mine - theirs, confidence)


def valid_mean_difference(
    one: Takings, other: Takings, *, confidence: float = CONFIDENCE
) -> Interval:
    """Return an interval for the difference of revenue a person that holds over all looks.

    See `many_looks` for how; minus to plus infinity while there are too few who bought.
    """
    everything = Interval(-inf, inf)
    people, smaller = one.people + other.people, min(one.people, other.people)
    buyers = len(one.amounts) + len(other.amounts)
    if not smaller or buyers < LEAST_BUYERS or buyers * smaller / people < LEAST:
        return everything
    pooled = Takings(np.concatenate([one.amounts, other.amounts]), people)
    mean, variance = pooled.mean, pooled.variance
    if not mean or not variance:
        return everything
    time = one.people * other.people / people * mean * mean / variance
    error = sqrt(one.variance / one.people + other.variance / other.people)
    middle = float(one.mean or 0.0) - float(other.mean or 0.0)
    half = critical_value(time, confidence=confidence) * error
    return Interval(middle - half, middle + half)


def _means(takings: Takings, random: np.random.Generator) -> Floats:
    """float64[RESAMPLES]: revenue a person of as many people, drawn with replacement."""
    if not takings.people or not len(takings.amounts):
        return np.zeros(RESAMPLES)
    amounts, counts = _cells(takings.amounts)
    shares = np.append(counts, takings.people - counts.sum()) / takings.people
    draws = random.multinomial(takings.people, shares, size=RESAMPLES)
    means: Floats = draws[:, :-1] @ amounts / takings.people
    return means


def _cells(amounts: Floats) -> tuple[Floats, Floats]:
    """Amounts and how often each occurs; where they are many, neighbours share their mean."""
    values, counts = np.unique(amounts, return_counts=True)
    if len(values) <= LARGEST + BINS:
        return values, counts.astype(np.float64)
    ordered = np.sort(amounts)
    bins = [*np.array_split(ordered[:-LARGEST], BINS), *np.split(ordered[-LARGEST:], LARGEST)]
    means = np.array([float(each.mean()) for each in bins])
    return means, np.array([float(len(each)) for each in bins])


def _percentiles(values: Floats, confidence: float) -> Interval:
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(float(low), float(high))
