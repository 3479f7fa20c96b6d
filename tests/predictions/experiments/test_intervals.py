"""Intervals and power against statsmodels and scipy, and by how often they hold in drawn tests."""

from __future__ import annotations

import os
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import proportion

from predictions.numerics.experiments.amounts import (
    BINS,
    LARGEST,
    Takings,
    bootstrap_difference,
    bootstrap_mean,
)
from predictions.numerics.experiments.power import people_needed, smallest_rise
from predictions.numerics.experiments.proportions import Proportion, newcombe, wilson

TESTS = 10_000
NIGHTLY = os.environ.get("SEGMENTER_NIGHTLY") == "1"
PRICES = np.array([19.0, 29.0, 49.0, 79.0, 149.0])


@st.composite
def tallies(draw: st.DrawFn) -> Proportion:
    of = draw(st.integers(1, 50_000))
    return Proportion(draw(st.integers(0, of)), of)


@given(tallies())
def test_wilson_is_what_statsmodels_says(tally: Proportion) -> None:
    theirs = proportion.proportion_confint(tally.count, tally.of, method="wilson")
    assert wilson(tally) == pytest.approx(theirs, abs=1e-12)
    assert wilson(tally).holds(tally.count / tally.of)


@given(tallies(), tallies())
def test_newcombe_is_what_statsmodels_says(one: Proportion, other: Proportion) -> None:
    theirs = proportion.confint_proportions_2indep(
        one.count, one.of, other.count, other.of, compare="diff", method="newcomb"
    )
    assert newcombe(one, other) == pytest.approx(theirs, abs=1e-9)


def test_newcombe_gives_the_interval_of_his_paper() -> None:
    # Table II (a), method 10: 56/70 - 48/80.
    assert newcombe(Proportion(56, 70), Proportion(48, 80)) == pytest.approx(
        (0.0524, 0.3339), abs=5e-5
    )


def test_of_nobody_nothing_is_known() -> None:
    assert Proportion(0, 0).rate is None
    assert wilson(Proportion(0, 0)) == (0, 1)
    assert newcombe(Proportion(0, 0), Proportion(1, 2)) == (-1, 1)
    nobody, somebody = Takings(np.array([]), 0), Takings(np.array([5.0]), 10)
    assert nobody.mean is None
    assert bootstrap_difference(nobody, somebody, seed=1) == (-inf, inf)


def test_an_interval_without_limit_of_errors_is_everything() -> None:
    assert wilson(Proportion(3, 10), inf) == (0, 1)
    assert newcombe(Proportion(3, 10), Proportion(4, 10), inf) == (-1, 1)


@pytest.mark.parametrize(("p", "n"), [(0.05, 2_000), (0.2, 500), (0.5, 400)])
def test_wilson_holds_in_95_of_100_drawn_tests(p: float, n: int) -> None:
    random = np.random.default_rng(1)
    counts = random.binomial(n, p, size=TESTS).tolist()
    assert 0.94 <= np.mean([wilson(Proportion(k, n)).holds(p) for k in counts]) <= 0.96


@pytest.mark.parametrize(
    ("p", "n", "q", "m"),
    [(0.1, 2_000, 0.12, 2_000), (0.2, 900, 0.2, 300), (0.03, 4_000, 0.02, 4_000)],
)
def test_newcombe_holds_in_95_of_100_drawn_tests(p: float, n: int, q: float, m: int) -> None:
    random = np.random.default_rng(2)
    pairs = zip(random.binomial(n, p, TESTS), random.binomial(m, q, TESTS), strict=True)
    hits = [newcombe(Proportion(int(k), n), Proportion(int(j), m)).holds(p - q) for k, j in pairs]
    assert 0.94 <= np.mean(hits) <= 0.96


def drawn_takings(random: np.random.Generator, people: int, share: float) -> Takings:
    buyers = random.binomial(people, share)
    return Takings(random.choice(PRICES, buyers), people)


def test_the_bootstrap_holds_in_95_of_100_drawn_tests() -> None:
    random = np.random.default_rng(3)
    truth = (0.10 - 0.08) * PRICES.mean()
    hits = []
    for test in range(TESTS if NIGHTLY else 2_000):
        one, other = drawn_takings(random, 2_000, 0.10), drawn_takings(random, 2_000, 0.08)
        hits.append(bootstrap_difference(one, other, seed=test).holds(truth))
    assert 0.94 <= np.mean(hits) <= 0.96


@pytest.mark.skipif(not NIGHTLY, reason="minutes: make nightly")
def test_the_bootstrap_holds_for_amounts_that_differ_for_everybody() -> None:
    random = np.random.default_rng(4)
    truth = 0.10 * np.exp(4 + 0.6**2 / 2)
    hits = []
    for test in range(TESTS):
        takings = Takings(random.lognormal(4, 0.6, random.binomial(2_000, 0.10)), 2_000)
        hits.append(bootstrap_mean(takings, seed=test).holds(truth))
    assert 0.94 <= np.mean(hits) <= 0.96


def test_the_bootstrap_is_about_what_scipy_says() -> None:
    random = np.random.default_rng(5)
    takings = Takings(random.lognormal(4, 0.6, 150), 1_000)
    everyone = np.append(takings.amounts, np.zeros(850))
    theirs = stats.bootstrap(
        (everyone,), np.mean, method="percentile", n_resamples=2_000, rng=random
    ).confidence_interval
    width = theirs.high - theirs.low
    assert bootstrap_mean(takings, seed=1) == pytest.approx(theirs, abs=0.05 * width)


def test_bins_of_many_amounts_keep_the_interval() -> None:
    amounts = np.random.default_rng(6).lognormal(4, 1.0, 3 * (BINS + LARGEST))
    takings = Takings(amounts, 20_000)
    low, high = bootstrap_mean(takings, seed=1)
    half = stats.norm.ppf(0.975) * sqrt(takings.variance / takings.people)
    assert takings.mean is not None
    assert (low, high) == pytest.approx((takings.mean - half, takings.mean + half), rel=0.02)


def test_the_same_seed_gives_the_same_bootstrap() -> None:
    takings = Takings(np.random.default_rng(8).lognormal(4, 0.6, 50), 200)
    assert bootstrap_mean(takings, seed=7) == bootstrap_mean(takings, seed=7)
    assert bootstrap_mean(takings, seed=7) != bootstrap_mean(takings, seed=8)


def test_ten_against_twelve_percent_need_3841_each() -> None:
    assert people_needed(0.10, 0.12) == 3_841
    assert people_needed(0.12, 0.10) == 3_841
    assert people_needed(0.1, 0.1) is None


@given(st.floats(0.001, 0.998), st.floats(0.001, 0.998))
def test_so_many_people_have_the_power_that_statsmodels_says(p: float, q: float) -> None:
    needed = people_needed(p, q)
    if needed is None or not 100 <= needed <= 10**7:
        return
    power = [
        proportion.power_proportions_2indep(p - q, q, n, alternative="two-sided").power
        for n in (needed - 1, needed)
    ]
    # Theirs counts a significant difference of the wrong sign as found, too: 1 in 1,000,000.
    assert power[0] < 0.8 + 2e-6
    assert power[1] > 0.8 - 1e-9


def test_what_people_can_tell_is_what_they_are_needed_for() -> None:
    rise = smallest_rise(0.10, 3_841)
    assert rise is not None
    assert rise == pytest.approx(0.12, abs=1e-5)
    needed = people_needed(0.10, rise)
    assert needed is not None
    assert needed <= 3_841
    assert smallest_rise(0.5, 3) is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        people_needed(0.1, 1.2)
