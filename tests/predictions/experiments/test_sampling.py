"""Samples are exact, disjoint, proportional and repeatable, whatever the order of rows."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from predictions.numerics.experiments.hashing import hashes, mix
from predictions.numerics.experiments.sampling import apportion, draw, sample_size

PEOPLE = st.lists(st.integers(1, 2**62), unique=True, max_size=60)


@pytest.mark.parametrize(
    ("people", "percent", "least", "size"),
    [
        (10_000, 50, 1_000, 5_000),
        (1_500, 50, 1_000, 1_000),
        (700, 50, 1_000, 700),
        (0, 50, 1_000, 0),
        (101, 50, 0, 51),
        (1_000, "0.05", 0, 1),
        (1_000, "33.3", 0, 333),
        (7, 100, 0, 7),
    ],
)
def test_a_share_or_so_many_whichever_is_more(
    people: int, percent: float | str, least: int, size: int
) -> None:
    assert sample_size(people, percent=Fraction(str(percent)), least=least) == size


def test_a_number_is_never_more_than_there_are() -> None:
    assert sample_size(50, number=20) == 20
    assert sample_size(50, number=80) == 50
    assert sample_size(50, number=20, least=30) == 30
    with pytest.raises(ValueError, match="number or a percentage"):
        sample_size(50)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_shares_add_up_and_stay_within_one_of_their_quota(total: int, weights: list[int]) -> None:
    if not sum(weights):
        return
    shares = apportion(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


def test_the_largest_remainders_get_what_is_left() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(100, [53, 24, 23]) == [53, 24, 23]
    assert apportion(7, [10, 20, 40]) == [1, 2, 4]
    assert apportion(1, [10, 20, 19]) == [0, 1, 0]
    assert apportion(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="no weight"):
        apportion(1, [0, 0])


@given(PEOPLE, st.integers(0, 2**53), st.data())
def test_groups_are_exact_disjoint_and_do_not_depend_on_the_order_of_rows(
    people: list[int], seed: int, data: st.DataObject
) -> None:
    n = len(people)
    first = data.draw(st.integers(0, n))
    sizes = [first, data.draw(st.integers(0, n - first))]
    kinds = dict(
        zip(people, data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), strict=True)
    )
    order = data.draw(st.permutations(people))
    for stratified in (False, True):
        samples = [
            draw(
                np.array(row, dtype=np.int64),
                sizes,
                seed=seed,
                strata=np.array([c * kinds[p] for p in row], dtype=np.int64)
                if stratified
                else None,
            )
            for row, c in ((people, 1), (order, -7))  # also other numbers for the same strata
        ]
        groups = [group.tolist() for group in samples[0]]
        assert groups == [group.tolist() for group in samples[1]]
        assert [len(group) for group in groups] == sizes
        everybody = [person for group in groups for person in group]
        assert len(set(everybody)) == sum(sizes)
        assert set(everybody) <= set(people)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(0, 2**53), st.data())
def test_each_group_holds_each_stratum_in_proportion(
    counts: list[int], seed: int, data: st.DataObject
) -> None:
    strata = np.repeat(np.arange(len(counts)), counts)
    n = len(strata)
    size = data.draw(st.integers(0, n))
    (group,) = draw(np.arange(n), [size], seed=seed, strata=strata)
    there = np.bincount(strata[group], minlength=len(counts))
    for size_in, count in zip(there.tolist(), counts, strict=True):
        assert abs(size_in - Fraction(size * count, n)) < 1


def test_the_first_sample_is_what_it_was_when_this_was_written() -> None:
    assert draw(np.arange(1, 101), [5, 3], seed=7)[0].tolist() == [18, 48, 49, 94, 96]
    assert hashes(np.array([1]), 0).tolist() == [627405149472732430]


def test_the_hash_is_that_of_the_published_generator() -> None:
    # What Java's SplittableRandom and xoshiro's authors' splitmix64.c give for seed 0.
    outputs = mix(np.array([0, 0x9E3779B97F4A7C15], dtype=np.uint64))
    assert outputs.tolist() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


def test_more_than_there_are_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        draw(np.arange(3), [2, 2], seed=1)


def test_everybody_is_drawn_equally_often_and_pairs_are_independent() -> None:
    times = np.zeros(200)
    both = 0
    for seed in range(2_000):
        (group,) = draw(np.arange(200), [50], seed=seed)
        times[group] += 1
        both += {3, 4} <= set(group.tolist())
    assert stats.chisquare(times).pvalue > 0.001
    assert stats.binomtest(both, 2_000, 50 / 200 * 49 / 199).pvalue > 0.001


def test_another_seed_draws_others() -> None:
    one, other = (draw(np.arange(10_000), [1_000], seed=seed)[0] for seed in (1, 2))
    assert 50 < len(np.intersect1d(one, other)) < 150
