"""Which variant of a form is submitted more often, and how sure that is. Pure.

A display is one try. What is concluded comes from intervals that hold however often one looks, for
all pairs of variants together (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from predictions.numerics.experiments.many_looks import time_of, valid_difference
from predictions.numerics.experiments.proportions import Interval, Proportion, newcombe, wilson

ALPHA = 0.05
MOST_FACTOR = 1_000.0
"""A difference that so many times the views would not show is as good as none."""


class VariantFinding(StrEnum):
    """What can be said of the best variant, however often somebody looks."""

    BETTER = "better"
    """Than every other."""
    WAIT = "wait"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class VariantContrast:
    """The best variant's rate minus another's."""

    letter: str
    """Of the other one."""
    value: float
    interval: Interval
    """Of 95 % for one look."""
    valid: Interval
    """For all looks and all pairs together."""

    @property
    def is_certain(self) -> bool:
        return self.valid.low > 0


@dataclass(frozen=True)
class VariantResult:
    """How the variants compare."""

    tallies: Mapping[str, Proportion]
    """Letter to submissions of views."""
    best: str
    contrasts: list[VariantContrast]
    """With each other variant, the closest first."""
    finding: VariantFinding
    more_views: int | None
    """About how many more views in all would decide, if the rates stay; None if none would."""

    def interval(self, letter: str) -> Interval:
        return wilson(self.tallies[letter])


def compare_variants(tallies: Mapping[str, Proportion]) -> VariantResult | None:
    """Compare variants by their rates; None while fewer than two were seen."""
    seen_tallies = {letter: tally for letter, tally in tallies.items() if tally.of}
    if len(seen_tallies) < 2:
        return None
    n = len(seen_tallies)
    confidence = 1 - ALPHA / (n * (n - 1) / 2)
    best = max(sorted(seen_tallies), key=lambda letter: seen_tallies[letter].rate or 0.0)
    contrasts = [
        _contrast(seen_tallies[best], tally, letter, confidence)
        for letter, tally in seen_tallies.items()
        if letter != best
    ]
    contrasts.sort(key=lambda contrast: (contrast.value, contrast.letter))
    if all(contrast.is_certain for contrast in contrasts):
        return VariantResult(seen_tallies, best, contrasts, VariantFinding.BETTER, 0)
    others = [seen_tallies[contrast.letter] for contrast in contrasts]
    few = any(not time_of(seen_tallies[best], tally) for tally in others)
    finding = VariantFinding.TOO_FEW if few else VariantFinding.WAIT
    factor = _factor(seen_tallies[best], others, confidence)
    views = sum(tally.of for tally in seen_tallies.values())
    more = None if factor is None else ceil((factor - 1) * views)
    return VariantResult(seen_tallies, best, contrasts, finding, more)


def _contrast(
    best: Proportion, other: Proportion, letter: str, confidence: float
) -> VariantContrast:
    assert best.rate is not None
    assert other.rate is not None
    return VariantContrast(
        letter,
        best.rate - other.rate,
        newcombe(best, other),
        valid_difference(best, other, confidence=confidence),
    )


def _factor(best: Proportion, others: list[Proportion], confidence: float) -> float | None:
    """How many times the present views decide, if the rates stay; by bisection, to 1 %."""

    def decides(factor: float) -> bool:
        grown = _times(best, factor)
        return all(
            valid_difference(grown, _times(other, factor), confidence=confidence).low > 0
            for other in others
        )

    low, high = 1.0, 2.0
    while not decides(high):
        low, high = high, 2 * high
        if high > MOST_FACTOR:
            return None
    while high / low > 1.01:
        middle = (low + high) / 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high


def _times(tally: Proportion, factor: float) -> Proportion:
    return Proportion(round(tally.count * factor), round(tally.of * factor))
