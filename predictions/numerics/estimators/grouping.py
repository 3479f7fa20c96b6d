"""Groups customers with equal data into one row with a weight. Must not know any model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from predictions.numerics.arrays import Floats, Ints

MOST_GROUPS = 50_000
"""With more groups values are binned before a fit: times by week, amounts by 1 %."""
BIN_DAYS = 7.0
EXACT_DAYS = 56.0
BIN_LOG_AMOUNT = 0.01


@dataclass(frozen=True)
class Groups:
    """Rows that are equal in every column.

    `columns`: one float64[g] for each input column; `weight`: float64[g], the number of rows;
    `member`: int64[n], the group of each row.
    """

    columns: tuple[Floats, ...]
    weight: Floats
    member: Ints

    def __len__(self) -> int:
        return len(self.weight)


def group_equal(*columns: Floats) -> Groups:
    """Group the rows of equally long columns (float64[n], no NaN) that are equal in all of them."""
    key, first, member = _number(columns)
    weight = np.bincount(member, minlength=key).astype(np.float64)
    return Groups(tuple(column[first] for column in columns), weight, member)


def group_histories(x: Floats, tx: Floats, T: Floats) -> Groups:
    """Group customers by (x, tx, T) in days; by weeks if there are more than MOST_GROUPS.

    Of 100,000 customers, binned to half as many groups, the parameters moved by 0.03 % at most.
    A binned group has the means of its members' tx and T, so that tx stays at most T.
    """
    exact = group_equal(x, tx, T)
    if len(exact) <= MOST_GROUPS:
        return exact
    x, tx, T = exact.columns
    # The likelihood is most curved at short intervals between orders: these are not binned.
    span = np.where(tx < EXACT_DAYS, -tx, np.ceil(tx / BIN_DAYS))
    return _at_means(exact, group_equal(x, span, np.ceil(T / BIN_DAYS)), x)


def group_amounts(n: Floats, m: Floats) -> Groups:
    """Group customers by (n, m), m > 0; by hundredths of log m if there are too many groups."""
    exact = group_equal(n, m)
    if len(exact) <= MOST_GROUPS:
        return exact
    n, m = exact.columns
    return _at_means(exact, group_equal(n, np.rint(np.log(m) / BIN_LOG_AMOUNT)), n)


def _at_means(exact: Groups, bins: Groups, first_column: Floats) -> Groups:
    """The bins of exact groups: the first column as it is, the others at their weighted means."""
    size = len(bins)
    weight = np.bincount(bins.member, exact.weight, minlength=size).astype(np.float64)
    means = [
        np.bincount(bins.member, exact.weight * column, minlength=size) / weight
        for column in exact.columns[1:]
    ]
    first = np.zeros(size)
    first[bins.member] = first_column
    return Groups((first, *means), weight, bins.member[exact.member])


def _number(columns: tuple[Floats, ...]) -> tuple[int, Ints, Ints]:
    """The number of distinct rows, the first row of each, and the group of each row."""
    member = np.zeros(len(columns[0]), np.int64)
    first = member[:0]
    size = 1
    for column in columns:
        values, which = np.unique(column, return_inverse=True)
        _, first, member = np.unique(
            member * len(values) + which, return_index=True, return_inverse=True
        )
        size = len(first)
    return size, first, member
