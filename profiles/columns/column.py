"""A dictionary-coded column: one property of many people or events.

Each row has a code, the position of its value among the distinct values. A predicate runs once for
each distinct value; its result is spread to the rows by their codes. Knows nothing of people,
events, databases or operators.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from profiles.columns.instants import NO_INSTANT
from profiles.columns.values import (
    Bools,
    Codes,
    Floats,
    Instants,
    ValueKind,
    Values,
    comparison_key,
    concatenate_values,
    identity,
    values_of,
    values_of_instants,
    values_of_numbers,
    values_of_texts,
)

__all__ = [
    "Bools",
    "Codes",
    "Column",
    "Floats",
    "Instants",
    "ValueKind",
    "Values",
    "comparison_key",
    "concatenate",
    "concatenate_values",
    "from_instants",
    "from_json",
    "from_numbers",
    "from_python",
    "from_texts",
    "identity",
    "unset",
    "values_of",
    "values_of_numbers",
    "values_of_texts",
]

_FEW_ROWS = 10_000
_FEW_RANGES = 6
T = TypeVar("T", bound=np.generic)


class Column:
    """n rows: `codes` int[n] into `values`, -1 where the property is unset."""

    def __init__(self, codes: Codes | None, values: Values) -> None:
        """Without codes, row i has value i, which is unset if it is NaN or NO_INSTANT."""
        self._codes, self.values = codes, values

    def __len__(self) -> int:
        return len(self.values if self._codes is None else self._codes)

    @property
    def plain(self) -> bool:
        """Whether the column has no codes: row i has value i."""
        return self._codes is None

    @cached_property
    def codes(self) -> Codes:
        """int[n]."""
        if self._codes is not None:
            return self._codes
        codes = np.arange(len(self), dtype=np.int32)
        codes[~self.is_set] = -1
        return codes

    @cached_property
    def is_set(self) -> Bools:
        """bool[n]."""
        if self._codes is not None:
            return self._codes >= 0
        if self.values.times is not None:
            return self.values.times != NO_INSTANT
        return ~np.isnan(self.values.numbers)

    @cached_property
    def set_rows(self) -> npt.NDArray[np.int64]:
        """int64[]: the rows in which the property is set."""
        return np.flatnonzero(self.is_set)

    def spread(self, matching: Bools) -> Bools:
        """Turn bool[k] over the distinct values into bool[n] over the rows; unset is False."""
        if self._codes is None:
            return matching & self.is_set
        if len(self) > _FEW_ROWS:
            # Comparing codes with a few bounds is many times faster than a look-up for each row.
            edges = np.flatnonzero(np.diff(matching, prepend=False, append=False))
            narrow = self._codes.dtype.itemsize <= 2
            if len(edges) <= 2 * (1 if narrow else _FEW_RANGES):
                return self._within(edges.reshape(-1, 2))
        return self.look_up(matching)

    def look_up(self, table: npt.NDArray[T]) -> npt.NDArray[T]:
        """T[n]: for each row the entry of its value in `table` T[k]; 0 or False if it is unset.

        In a plain column an unset row has the entry of its position. Not to be written into.
        """
        if self._codes is None:
            return table
        if len(self) > _FEW_ROWS and self._codes.dtype.itemsize <= 2:
            return _look_up_narrow(table, self._codes)
        return np.append(table, table.dtype.type(0)).take(self._codes)

    def _within(self, ranges: npt.NDArray[np.int64]) -> Bools:
        """bool[n]: which codes are in one of the half-open `ranges`."""
        matches: Bools | None = None
        for start, end in ranges.tolist():
            if end == start + 1:
                inside = self.codes == start
            else:
                inside = self.codes >= start
                if end < len(self.values):
                    inside &= self.codes < end
            if matches is None:
                matches = inside
            else:
                matches |= inside
        return np.zeros(len(self), dtype=np.bool_) if matches is None else matches

    def take(self, rows: npt.NDArray[np.int64] | slice) -> Column:
        """The same column for some rows, in that order."""
        if self._codes is not None:
            return Column(self._codes[rows], self.values)
        if self.values.times is not None:
            return from_instants(self.values.times[rows])
        return from_numbers(self.values.numbers[rows])

    def where(self, keep: Bools) -> Column:
        """The same column, unset where `keep` bool[n] is False."""
        if self._codes is not None:
            return Column(np.where(keep, self._codes, -1), self.values)
        if self.values.times is not None:
            return from_instants(np.where(keep, self.values.times, NO_INSTANT))
        return from_numbers(np.where(keep, self.values.numbers, np.nan))

    def take_compact(self, rows: npt.NDArray[np.int64]) -> Column:
        """Like `take`, but without distinct values that none of these rows has."""
        codes = self.codes[rows]
        present, places = np.unique(codes, return_inverse=True)
        if len(present) and present[0] < 0:
            present, places = present[1:], places - 1
        return Column(places.astype(np.int32), self.values.take(present.astype(np.int64)))

    def without_unused(self) -> Column:
        """The same column without distinct values that no row has."""
        present = np.flatnonzero(self.counts())
        if len(present) == len(self.values):
            return self
        places = np.full(len(self.values) + 1, -1, dtype=np.int32)
        places[present] = np.arange(len(present), dtype=np.int32)
        return Column(places[self.codes], self.values.take(present))

    def number_per_row(self) -> Floats:
        """float64[n]: the number in each row, NaN where there is none. Not to be written into."""
        if self._codes is None:
            return self.values.numbers
        return np.append(self.values.numbers, np.nan)[self._codes]

    def instant_per_row(self) -> Instants:
        """int64[n]: the time in each row, NO_INSTANT where there is none.

        Not to be written into.
        """
        times = self.values.times
        if times is None:
            return np.full(len(self), NO_INSTANT, dtype=np.int64)
        return times if self._codes is None else np.append(times, NO_INSTANT)[self._codes]

    def identity_per_row(self) -> Codes:
        """int32[n]: equal values share a number below k; anything for an unset row."""
        return self.look_up(self.values.identities)

    def get(self, row: int) -> Any:
        """The Python value in a row, None where unset."""
        code = int(self.codes[row])
        return None if code < 0 else self.values.at(code)

    def counts(self) -> npt.NDArray[np.int64]:
        """int64[k]: in how many rows each distinct value occurs."""
        return np.bincount(self.codes[self.is_set], minlength=len(self.values))


def from_python(rows: Iterable[Any]) -> Column:
    """Build a column from Python values; None is unset, datetimes are not allowed."""
    code_of: dict[object, int] = {}
    distinct: list[Any] = []
    codes: list[int] = []
    for value in rows:
        if value is None:
            codes.append(-1)
            continue
        key = identity(value)
        code = code_of.setdefault(key, len(distinct))
        if code == len(distinct):
            distinct.append(value)
        codes.append(code)
    return Column(np.array(codes, dtype=np.int32), values_of(distinct))


def from_json(rows: pa.StringArray | pa.ChunkedArray) -> Column:
    """Build a column from JSON texts, one a row; null (also JSON's null) is unset."""
    encoded = pc.dictionary_encode(rows)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int32)
    texts = encoded.dictionary
    plain = pa.compute.match_substring_regex(texts, r"^-?\d")
    if len(texts) and pc.all(plain).as_py():
        numbers = np.asarray(pc.cast(texts, pa.float64()))
        return Column(codes, values_of_numbers(numbers))
    distinct = [json.loads(text) for text in texts.to_pylist()]
    if None in distinct:
        null = distinct.index(None)
        del distinct[null]
        codes = np.where(codes == null, np.int32(-1), codes - (codes > null).astype(np.int32))
    return Column(codes, values_of(distinct))


def from_texts(rows: pa.StringArray | pa.ChunkedArray) -> Column:
    """Build a column from plain texts, null for unset."""
    encoded = pc.dictionary_encode(rows)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int32)
    return Column(codes, values_of_texts(encoded.dictionary))


def from_numbers(rows: Floats) -> Column:
    """Build a column from float64[n], NaN for unset; a value for each row."""
    return Column(None, values_of_numbers(rows))


def from_instants(rows: Instants) -> Column:
    """Build a column from int64[n] microseconds, NO_INSTANT for unset; a value for each row."""
    return Column(None, values_of_instants(rows))


def _look_up_narrow(table: npt.NDArray[T], codes: Codes) -> npt.NDArray[T]:
    """T[n]: table[code] for codes of one or two bytes; 0 or False for -1.

    Arrow uses small integers as they are; NumPy would widen each of them first.
    """
    unsigned = np.dtype(f"u{codes.dtype.itemsize}")
    width = np.dtype(f"u{table.dtype.itemsize}")
    padded = np.zeros(np.iinfo(unsigned).max + 1, dtype=width)  # -1 is the last code
    padded[: len(table)] = table.view(width)
    places = pa.array(np.ascontiguousarray(codes).view(unsigned))
    entries = pc.take(pa.array(padded), places, boundscheck=False)
    return entries.to_numpy(zero_copy_only=True).view(table.dtype)


def concatenate(columns: Sequence[Column]) -> Column:
    """The rows of some columns, one after the other; distinct values may repeat."""
    values = concatenate_values([column.values for column in columns])
    starts = np.cumsum([0, *(len(column.values) for column in columns)]).tolist()
    codes = [
        np.where(column.codes >= 0, column.codes.astype(np.int32) + np.int32(start), np.int32(-1))
        for start, column in zip(starts, columns, strict=False)
    ]
    return Column(np.concatenate(codes), values)


def unset(n: int) -> Column:
    """A column of n unset rows."""
    return Column(np.full(n, -1, dtype=np.int32), values_of([]))
