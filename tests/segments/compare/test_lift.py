"""Lift, chance and strength, against values worked out by hand and against all draws."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segments.compare.lift import Share, chance, strength
from tests.draws import draws


@st.composite
def shares(draw: st.DrawFn) -> Share:
    total = draw(st.integers(1, 400))
    everyone = draw(st.integers(1, total))
    size = draw(st.integers(1, total))
    least, most = max(0, size + everyone - total), min(size, everyone)
    return Share(draw(st.integers(least, most)), size, everyone, total)


@settings(max_examples=draws(100, nightly=3_000), deadline=None)
@given(shares())
def test_the_interval_holds_the_lift_and_is_possible(share: Share) -> None:
    low, high = share.interval
    assert 0 <= low <= share.lift <= high
    assert high <= share.total / share.size + 1e-9


@settings(max_examples=draws(60, nightly=1_000), deadline=None)
@given(shares())
def test_the_chance_is_that_of_drawing_the_segment_at_random(share: Share) -> None:
    at_least = sum(
        comb(share.everyone, k) * comb(share.total - share.everyone, share.size - k)
        for k in range(share.inside, min(share.everyone, share.size) + 1)
    ) / comb(share.total, share.size)
    assert chance([share])[0] == pytest.approx(at_least, abs=1e-7)


def test_of_many_tests_each_needs_more() -> None:
    share, dull = Share(30, 100, 200, 1_000), Share(20, 100, 200, 1_000)
    alone = chance([share])[0]
    assert chance([share, *[dull] * 19])[0] == pytest.approx(20 * alone)


def test_many_and_much_is_stronger_than_few_or_little() -> None:
    much, little = Share(80, 100, 200, 1_000), Share(25, 100, 200, 1_000)
    few = Share(10, 100, 12, 1_000)
    assert strength([much])[0] > strength([few])[0] > strength([little])[0] > 0


def test_everyone_who_has_everything_is_no_difference() -> None:
    share = Share(50, 50, 50, 50)
    assert (share.lift, share.interval) == (1.0, (1.0, 1.0))
    assert strength([share])[0] == 0
    assert chance([share])[0] == pytest.approx(1)
    assert len(chance([])) == len(strength([])) == 0
    assert np.isfinite(strength([Share(10, 10, 10, 20)])).all()
