"""Pairs of a person and a value: how many distinct values each person has among some events.

A pair is encoded as one number, profile * k + value. Sorted numbers put equal pairs side by side;
sorting is several times faster than a look-up of each pair.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from profiles.columns.ascending import distinct

Ints = npt.NDArray[np.signedinteger[Any]]
Keys = npt.NDArray[np.integer[Any]]
_UINT32 = 1 << 32
_INT64 = 1 << 63


def count_values(profiles: Ints, values: Ints, *, k: int, n: int) -> npt.NDArray[np.int64]:
    """int64[n]: distinct values (int[m] below k) of each person (int[m] below n)."""
    return _people(distinct(_keys(profiles, values, k, n)), k, n)


def shared_counts(
    above: tuple[Ints, Ints], below: tuple[Ints, Ints], *, k: int, n: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """int64[n] each: distinct values that a person has on both sides, and that `below` has.

    Each side is profiles (int[m] below n) and values (int[m] below k).
    """
    upper, lower = (_keys(*side, k, n, sides=2) for side in (above, below))
    upper += 1
    keys = distinct(np.concatenate([upper, lower]))
    is_upper = (keys & 1).astype(np.bool_)
    both = np.flatnonzero(is_upper[1:] & (keys[1:] - keys[:-1] == 1)) + 1
    counts = _people(keys[both] >> 1, k, n)
    return counts, _people(keys[np.flatnonzero(~is_upper)] >> 1, k, n)


def previous_rows(profiles: Ints, values: Ints, *, k: int, n: int) -> npt.NDArray[np.int32] | None:
    """int32[m]: the row of the person's previous event with the same value, -1 if there is none.

    `values` int[m] below k, -1 for unset: an unset row gets its own number. So, of the rows from
    `first` on, those whose result is below `first` have a value that is new for the person. None
    if the encoded pairs would not fit into int64.
    """
    m = len(profiles)
    bits = m.bit_length()
    if n * (k + 1) << bits >= _INT64:
        return None
    keys = profiles.astype(np.int64)
    keys *= k + 1
    keys += values
    keys += 1
    keys <<= bits
    keys |= np.arange(m)
    keys.sort()
    rows = (keys & ((1 << bits) - 1)).astype(np.int32)
    keys >>= bits
    sorted_previous = np.empty(m, dtype=np.int32)
    sorted_previous[:1] = -1
    sorted_previous[1:] = rows[:-1]
    sorted_previous[1:][keys[1:] != keys[:-1]] = -1
    previous = np.empty(m, dtype=np.int32)
    previous[rows] = sorted_previous
    unset = np.flatnonzero(values < 0)
    previous[unset] = unset
    return previous


def _keys(profiles: Ints, values: Ints, k: int, n: int, *, sides: int = 1) -> Keys:
    """A number for each pair, times the number of sides, in the narrowest type that fits."""
    keys: Keys = profiles.astype(np.uint32 if n * k * sides < _UINT32 else np.int64)
    keys *= k
    keys += values.astype(keys.dtype)
    keys *= sides
    return keys


def _people(keys: Keys, k: int, n: int) -> npt.NDArray[np.int64]:
    """int64[n]: the number of pairs of each person."""
    return np.bincount(keys // max(k, 1), minlength=n)
