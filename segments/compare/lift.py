"""How much more common something is in a segment than among everyone, and whether by chance.

Pure: counts in, figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from predictions.numerics.experiments.proportions import Interval, two_sided_z

FALSE_DISCOVERIES = 0.05
"""Of the differences that are shown, at most this share is expected to be chance."""
PRIOR = 100
"""Weight of the prior of `strength`, in people."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """How many of a segment and of everyone have something in common; the segment is a part."""

    inside: int
    size: int
    everyone: int
    total: int

    @property
    def here(self) -> float:
        return self.inside / self.size

    @property
    def overall(self) -> float:
        return self.everyone / self.total

    @property
    def lift(self) -> float:
        """The share in the segment divided by the share of everyone."""
        return self.here / self.overall

    @property
    def interval(self) -> Interval:
        """An interval of 95 % for the lift.

        Katz's interval for the ratio of the segment's share and that of all others (Biometrics 34,
        1978), with half a person added to each count (Walter, Biometrika 62, 1975). The lift is an
        ascending function of that ratio.
        """
        others, rest = self.everyone - self.inside, self.total - self.size
        if not rest:
            return Interval(1.0, 1.0)
        a, n, b, m = self.inside + 0.5, self.size + 0.5, others + 0.5, rest + 0.5
        middle = np.log((a / n) / (b / m))
        half = two_sided_z() * np.sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0))
        part = self.size / self.total
        ends = [np.exp(middle + sign * half) for sign in (-1, 1)]
        low, high = (float(ratio / (part * ratio + 1 - part)) for ratio in ends)
        return Interval(min(low, self.lift), max(high, self.lift))


def chance(shares: Sequence[Share]) -> Floats:
    """float64[k]: adjusted p-values of the hypothesis that a segment is drawn at random.

    Fisher's exact test of one side (the hypergeometric distribution), adjusted for k tests by
    Benjamini and Hochberg (JRSS B 57, 1995).
    """
    if not shares:
        return np.zeros(0)
    inside, size, everyone, total = _columns(shares)
    return np.asarray(
        stats.false_discovery_control(
            np.clip(stats.hypergeom.sf(inside - 1, total, everyone, size), 0.0, 1.0)
        )
    )


def strength(shares: Sequence[Share]) -> Floats:
    """float64[k]: by which differences are ranked, the greatest first.

    The log-odds ratio to all others with an informative prior, in standard errors (Monroe,
    Colaresi and Quinn, Political Analysis 16, 2008): large if many people differ and if they
    differ much. The prior is PRIOR people with the shares of everyone.
    """
    if not shares:
        return np.zeros(0)
    inside, size, everyone, total = (each.astype(np.float64) for each in _columns(shares))
    prior = PRIOR * everyone / total
    yes, no = inside + prior, size - inside + PRIOR - prior
    other_yes = everyone - inside + prior
    other_no = (total - size) - (everyone - inside) + PRIOR - prior
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(yes / no) - np.log(other_yes / other_no)
        z = odds / np.sqrt(1 / yes + 1 / no + 1 / other_yes + 1 / other_no)
    return np.nan_to_num(z, nan=0.0, posinf=0.0, neginf=0.0)


def _columns(shares: Sequence[Share]) -> tuple[Ints, Ints, Ints, Ints]:
    rows = np.array([(s.inside, s.size, s.everyone, s.total) for s in shares], dtype=np.int64)
    return rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]
