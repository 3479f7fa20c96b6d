"""Pairs of a person and a value: how many different values each person has among some events.

A pair is one number, who * k + value, so that equal pairs lie beside each other once numbers are
sorted; sorting them is several times faster than anything that looks up each pair.
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


def counted(who: Ints, values: Ints, *, k: int, n: int) -> npt.NDArray[np.int64]:
    """int64[n]: different values (int[m] below k) of each person (int[m] below n)."""
    return _people(distinct(_keys(who, values, k, n)), k, n)


def shared(
    above: tuple[Ints, Ints], below: tuple[Ints, Ints], *, k: int, n: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """int64[n] each: different values that a person has on both sides, and that `below` has.

    Each side is whose (int[m] below n) and which value (int[m] below k).
    """
    upper, lower = (_keys(*side, k, n, sides=2) for side in (above, below))
    upper += 1
    keys = distinct(np.concatenate([upper, lower]))
    is_upper = (keys & 1).astype(np.bool_)
    both = np.flatnonzero(is_upper[1:] & (keys[1:] - keys[:-1] == 1)) + 1
    counts = _people(keys[both] >> 1, k, n)
    return counts, _people(keys[np.flatnonzero(~is_upper)] >> 1, k, n)


def earlier(who: Ints, values: Ints, *, k: int, n: int) -> npt.NDArray[np.int32] | None:
    """int32[m]: the row of the person's last event before with the same value, -1 if none.

    `values` int[m] below k, -1 for unset: such a row is given itself. So the rows from a first
    one on that show something new are those with a number below the first. None if the numbers
    would grow too large.
    """
    m = len(who)
    bits = m.bit_length()
    if n * (k + 1) << bits >= _INT64:
        return None
    keys = who.astype(np.int64)
    keys *= k + 1
    keys += values
    keys += 1
    keys <<= bits
    keys |= np.arange(m)
    keys.sort()
    rows = (keys & ((1 << bits) - 1)).astype(np.int32)
    keys >>= bits
    before = np.empty(m, dtype=np.int32)
    before[:1] = -1
    before[1:] = rows[:-1]
    before[1:][keys[1:] != keys[:-1]] = -1
    found = np.empty(m, dtype=np.int32)
    found[rows] = before
    unset = np.flatnonzero(values < 0)
    found[unset] = unset
    return found


def _keys(who: Ints, values: Ints, k: int, n: int, *, sides: int = 1) -> Keys:
    """A number for each pair, times the number of sides; as narrow as can be."""
    keys: Keys = who.astype(np.uint32 if n * k * sides < _UINT32 else np.int64)
    keys *= k
    keys += values.astype(keys.dtype)
    keys *= sides
    return keys


def _people(keys: Keys, k: int, n: int) -> npt.NDArray[np.int64]:
    """int64[n]: how many of some pairs are of each person."""
    return np.bincount(keys // max(k, 1), minlength=n)
