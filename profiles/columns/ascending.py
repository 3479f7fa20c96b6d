"""Sets of numbers as ascending arrays, and rows put in the order of such a set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
T = TypeVar("T", bound=np.integer[Any])


def distinct(numbers: npt.NDArray[T]) -> npt.NDArray[T]:
    """The numbers ascending, each once. Sorts them in place.

    Several times as fast as np.unique, which uses a hash table.
    """
    numbers.sort()
    first = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[np.flatnonzero(first)]


def union(sets: Sequence[npt.NDArray[T]]) -> npt.NDArray[T]:
    """All numbers of some arrays, ascending, each once."""
    return distinct(np.concatenate(sets))


def positions_in(ascending: Ints, numbers: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The position of each of `numbers` in `ascending`, and whether it is there.

    The position is arbitrary where it is not.
    """
    if not len(ascending):
        return np.zeros(len(numbers), dtype=np.int64), np.zeros(len(numbers), dtype=np.bool_)
    positions = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
    return positions, ascending[positions] == numbers


def positions_in_unsorted(unsorted: Ints, ids: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The position of each of `ids` in `unsorted` (0 where it is not there), and whether it is."""
    if not len(unsorted):
        return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.bool_)
    order = np.argsort(unsorted, kind="stable")
    positions = np.minimum(np.searchsorted(unsorted, ids, sorter=order), len(unsorted) - 1)
    present = unsorted[order[positions]] == ids
    return np.where(present, order[positions], 0), present


def align(row_ids: Ints, values: Any, ids: Ints, default: Any) -> Any:
    """The values of rows (with `row_ids`) in the order of `ids`, `default` without a row."""
    positions, present = positions_in_unsorted(row_ids, ids)
    if not len(row_ids):
        return np.full(len(ids), default, dtype=values.dtype)
    return np.where(present, values[positions], default)
