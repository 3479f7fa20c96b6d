"""How many people a test needs to tell two rates apart, and what so many people can tell."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

ALPHA = 0.05
POWER = 0.8


def people_needed(
    rate: float, other: float, *, alpha: float = ALPHA, power: float = POWER
) -> int | None:
    """Return how many people each of two groups needs to tell two rates apart; None if equal.

    Two-sided test of two proportions with the pooled variance under the null and no continuity
    correction (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition,
    2003, formula 4.14). 10 % against 12 % need 3,841 each. Raises ValueError for a rate outside 0
    to 1.
    """
    if not (0 <= rate <= 1 and 0 <= other <= 1):
        raise ValueError("A rate lies between 0 and 1.")
    if rate == other:
        return None
    middle = (rate + other) / 2
    z_alpha, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    under_null = z_alpha * sqrt(2 * middle * (1 - middle))
    under_difference = z_power * sqrt(rate * (1 - rate) + other * (1 - other))
    return max(1, ceil(((under_null + under_difference) / (rate - other)) ** 2))


def smallest_rise(
    rate: float, people: int, *, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """Return the smallest higher rate that groups of so many people tell from a rate.

    None if not even 100 % can be told from it. By bisection, to 1e-9.
    """
    needed = people_needed(rate, 1.0, alpha=alpha, power=power)
    if needed is None or needed > people:
        return None
    low, high = rate, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        needed = people_needed(rate, middle, alpha=alpha, power=power)
        if needed is None or needed > people:
            low = middle
        else:
            high = middle
    return high
