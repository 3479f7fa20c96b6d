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

    Which is several times as fast as the hash table of np.unique.
    """
    numbers.sort()
    first = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[np.flatnonzero(first)]


def united(sets: Sequence[npt.NDArray[T]]) -> npt.NDArray[T]:
    """All numbers of some arrays, ascending, each once."""
    return distinct(np.concatenate(sets))


def found_in(ascending: Ints, wanted: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Where each of `wanted` stands among ascending numbers (any place if it does not), and
    whether it does."""
    if not len(ascending):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=np.bool_)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    return at, ascending[at] == wanted


def placed(read: Ints, ids: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Where each of `ids` stands in `read` (0 where it does not), and whether it does."""
    if not len(read):
        return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.bool_)
    order = np.argsort(read, kind="stable")
    at = np.minimum(np.searchsorted(read, ids, sorter=order), len(read) - 1)
    found = read[order[at]] == ids
    return np.where(found, order[at], 0), found


def aligned(read: Ints, values: Any, ids: Ints, missing: Any) -> Any:
    """The values of rows in the order of `ids`, `missing` where there is no row."""
    positions, found = placed(read, ids)
    if not len(read):
        return np.full(len(ids), missing, dtype=values.dtype)
    return np.where(found, values[positions], missing)
