"""Bands and groups: every code has its group, and equal customers are in equal bands."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from predictions.numerics.estimators.rfm import CODES, GROUPS, Group, group, score


def test_every_code_belongs_to_one_group() -> None:
    codes = sorted(code for group_codes in CODES.values() for code in group_codes)
    assert codes == sorted(100 * r + 10 * f + m for r, f, m in product((1, 2, 3), repeat=3))


def test_groups_of_codes() -> None:
    codes = np.array([[3, 3, 3], [2, 3, 3], [3, 1, 1], [2, 1, 3], [2, 1, 1], [1, 2, 1]])
    assert [GROUPS[place] for place in group(codes.astype(np.int8))] == list(Group)


def test_bands() -> None:
    days = np.array([0.0, 180, 181, 365, 366, 9999])
    orders = np.array([1.0, 1, 2, 2, 3, 9])
    spend = np.array([60.0, 50, 40, 30, 20, 10])
    assert score(days, orders, spend).T.tolist() == [
        [3, 3, 2, 2, 1, 1],
        [1, 1, 2, 2, 3, 3],
        [3, 3, 2, 2, 1, 1],
    ]


def test_nobody() -> None:
    assert score(np.empty(0), np.empty(0), np.empty(0)).shape == (0, 3)
    assert len(group(score(np.empty(0), np.empty(0), np.empty(0)))) == 0


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 5), st.integers(-5, 20)), min_size=1))
def test_who_has_more_never_scores_less(rows: list[tuple[int, int, int]]) -> None:
    days, orders, spend = np.array(rows, np.float64).T
    scores = score(days, orders, spend)
    assert set(np.unique(scores)) <= {1, 2, 3}
    for values, column in ((-days, 0), (orders, 1), (spend, 2)):
        by_value = np.argsort(values, kind="stable")
        assert (np.diff(scores[by_value, column]) >= 0).all()
        for value in np.unique(values):
            assert len(np.unique(scores[values == value, column])) == 1
