"""Looking daily: how often a difference is seen where there is none, and whether one is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf

import numpy as np
import pytest

from predictions.numerics.experiments.amounts import Takings, valid_mean_difference
from predictions.numerics.experiments.many_looks import (
    LEAST,
    critical_value,
    time_of,
    valid_difference,
)
from predictions.numerics.experiments.proportions import Proportion, newcombe
from tests.draws import draws

TESTS = draws(3_000, nightly=10_000)
DAYS = 30
Looks = Iterator[tuple[np.ndarray, int, np.ndarray, int]]


def cohort(random: np.random.Generator, n: int, m: int, p: float, q: float) -> Looks:
    """People drawn once; those who will do it do so over the days, most of them early."""
    one, other = np.zeros(TESTS, dtype=int), np.zeros(TESTS, dtype=int)
    before = 0.0
    for day in range(1, DAYS + 1):
        share = 1 - 0.8**day if day < DAYS else 1.0
        step = [(share - before) * r / (1 - before * r) for r in (p, q)]
        one = one + random.binomial(n - one, step[0])
        other = other + random.binomial(m - other, step[1])
        before = share
        yield one, n, other, m


def stream(random: np.random.Generator, n: int, m: int, p: float, q: float) -> Looks:
    """New people every day, who do it at once or never."""
    one, other = np.zeros(TESTS, dtype=int), np.zeros(TESTS, dtype=int)
    for day in range(1, DAYS + 1):
        one = one + random.binomial(n // DAYS, p, size=TESTS)
        other = other + random.binomial(m // DAYS, q, size=TESTS)
        yield one, n // DAYS * day, other, m // DAYS * day


def alarms(
    looks: Looks, interval: Callable[[Proportion, Proportion], object], truth: float = 0
) -> float:
    """In which share of the tests some look's interval does not hold the truth."""
    alarm = np.zeros(TESTS, dtype=bool)
    for one, n, other, m in looks:
        for test in np.flatnonzero(~alarm).tolist():
            bounds = interval(Proportion(int(one[test]), n), Proportion(int(other[test]), m))
            alarm[test] = not bounds.holds(truth)  # type: ignore[attr-defined]
    return float(alarm.mean())


SETTINGS = [
    (cohort, 1_000, 1_000, 0.4),
    (cohort, 1_000, 1_000, 0.1),
    (cohort, 9_000, 1_000, 0.1),
    (cohort, 5_000, 500, 0.02),
    (cohort, 20_000, 20_000, 0.001),
    (cohort, 600, 400, 0.97),
    (stream, 1_500, 1_500, 0.3),
    (stream, 9_000, 900, 0.05),
]


@pytest.mark.parametrize(("looks", "n", "m", "p"), SETTINGS)
def test_a_daily_look_gives_at_most_5_false_alarms_in_100_tests(
    looks: Callable[..., Looks], n: int, m: int, p: float
) -> None:
    assert alarms(looks(np.random.default_rng(1), n, m, p, p), valid_difference) <= 0.05


def test_the_usual_interval_gives_many_more() -> None:
    assert alarms(cohort(np.random.default_rng(1), 1_000, 1_000, 0.4, 0.4), newcombe) > 0.15


def test_it_holds_a_true_difference_at_all_looks_together() -> None:
    looks = stream(np.random.default_rng(2), 6_000, 6_000, 0.12, 0.10)
    assert alarms(looks, valid_difference, truth=0.02) <= 0.05


def test_a_difference_is_seen_when_there_is_one() -> None:
    looks = cohort(np.random.default_rng(3), 3_000, 3_000, 0.14, 0.10)
    assert alarms(looks, valid_difference) > 0.9


def test_with_few_people_nothing_is_concluded() -> None:
    assert valid_difference(Proportion(4, 100), Proportion(0, 100)) == (-1, 1)
    assert valid_difference(Proportion(100, 100), Proportion(97, 100)) == (-1, 1)
    assert valid_difference(Proportion(0, 0), Proportion(0, 0)) == (-1, 1)
    assert time_of(Proportion(9, 100), Proportion(0, 100)) == 0
    assert time_of(Proportion(10, 100), Proportion(0, 100)) > 0
    assert LEAST == 5
    assert critical_value(0) == inf


def test_the_interval_for_many_looks_is_wider_than_the_usual_one() -> None:
    for k in range(10, 990, 7):
        one, other = Proportion(k, 1_000), Proportion(k // 2, 900)
        usual, valid = newcombe(one, other), valid_difference(one, other)
        assert valid.low < usual.low
        assert usual.high < valid.high


PRICES = np.array([19.0, 29.0, 49.0, 79.0, 149.0])


def test_revenue_looked_at_daily_gives_at_most_5_false_alarms_in_100_tests() -> None:
    random = np.random.default_rng(4)
    tests, people = 1_000, 1_000
    false = 0
    for _test in range(tests):
        sides = [[np.array([])], [np.array([])]]
        alarm = False
        for _day in range(DAYS):
            for side in sides:
                side.append(random.choice(PRICES, random.poisson(people * 0.004)))
            one, other = (Takings(np.concatenate(side), people) for side in sides)
            alarm |= not valid_mean_difference(one, other).holds(0)
        false += alarm
    assert false <= 0.05 * tests


def test_revenue_that_doubles_is_seen() -> None:
    random = np.random.default_rng(5)
    one = Takings(random.choice(PRICES, 400), 2_000)
    other = Takings(random.choice(PRICES, 200), 2_000)
    assert valid_mean_difference(one, other).low > 0
    few = Takings(PRICES, 2_000)
    assert valid_mean_difference(few, few) == (-inf, inf)
    nothing = Takings(np.zeros(30), 2_000)
    assert valid_mean_difference(nothing, nothing) == (-inf, inf)
