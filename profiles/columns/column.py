"""One property of many people or events: a code for each row into the distinct values.

A predicate runs once for each distinct value and is spread to the rows by their codes.
Knows nothing of people, events, databases or operators.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from profiles.columns.instants import NO_INSTANT, parse_instant

_FEW_ROWS = 10_000
_FEW_RANGES = 6
_FEW_VALUES = 10_000
_MOST_REMEMBERED = 16
_remembering = Lock()

T = TypeVar("T", bound=np.generic)
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.signedinteger[Any]]
"""Places among distinct values, of whatever width holds them; -1 for unset."""
Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.int64]
"""Microseconds since 1970-01-01T00:00Z; NO_INSTANT where there is none."""


class Kind(IntEnum):
    """The JSON type of a value; INSTANT for the times that the database itself keeps."""

    TEXT = 1
    NUMBER = 2
    BOOLEAN = 3
    LIST = 4
    OBJECT = 5
    INSTANT = 6


def identity(value: object) -> object:
    """Return a hashable stand-in by which two JSON values are equal (5 is 5.0, true is not 1)."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | float):
        return ("number", float(value))
    if isinstance(value, list | tuple):
        return ("list", tuple(identity(item) for item in value))
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    return value


@dataclass(frozen=True, eq=False)
class Values:
    """k distinct values. Where a value is not of an array's type, it holds NaN, null or False."""

    kinds: npt.NDArray[np.uint8]
    """uint8[k], of Kind."""
    numbers: Floats
    written: pa.StringArray | None
    """None where no value is a text."""
    truths: Bools
    nested: dict[int, Any]
    """Position to the decoded list or object."""
    stored: Instants | None = None
    _answers: OrderedDict[Hashable, Bools] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self.kinds)

    def of(self, kind: Kind) -> Bools:
        """bool[k]: which values are of this kind."""
        return self.kinds == kind

    @cached_property
    def texts(self) -> pa.StringArray:
        """Text or null for each value."""
        return pa.nulls(len(self), pa.string()) if self.written is None else self.written

    def remembered(self, question: Hashable, answer: Callable[[], Bools]) -> Bools:
        """bool[k]: what `answer` gives, which is always the same for a question.

        Of many values the latest answers are kept, as one condition is edited and the others
        stay. Not to be written into.
        """
        if len(self) <= _FEW_VALUES:
            return answer()
        with _remembering:
            found = self._answers.get(question)
            if found is not None:
                self._answers.move_to_end(question)
        if found is None:
            found = answer()
            with _remembering:
                self._answers[question] = found
                while len(self._answers) > _MOST_REMEMBERED:
                    self._answers.popitem(last=False)
        return found

    @cached_property
    def folded(self) -> pa.StringArray:
        """The texts, case-folded."""
        folded = (None if t is None else t.casefold() for t in self.texts.to_pylist())
        return pa.array(folded, pa.string())

    @cached_property
    def lists(self) -> dict[int, list[Any]]:
        """Position to items, for the values that are lists."""
        return {at: value for at, value in self.nested.items() if isinstance(value, list)}

    def instants(self, zone: ZoneInfo) -> Instants:
        """int64[k] microseconds: stored times, and texts that are ISO 8601 (zoneless in `zone`)."""
        if self.stored is not None:
            return self.stored
        found = np.full(len(self), NO_INSTANT, dtype=np.int64)
        dated = np.asarray(
            pc.fill_null(pc.match_substring_regex(self.texts, r"^\d{4}-\d{2}-\d{2}"), False)
        )
        for at in np.flatnonzero(dated):
            moment = parse_instant(self.texts[int(at)].as_py(), zone)
            if moment is not None:
                found[at] = moment
        return found

    @cached_property
    def identities(self) -> Codes:
        """int32[k], below k: equal values share a number, so that 5 and 5.0 count as one."""
        alike: pa.Array | None = None
        if self.stored is not None:
            alike = pa.array(self.stored)
        elif self.written is None and not self.nested and not self.of(Kind.BOOLEAN).any():
            alike = pa.array(self.numbers + 0.0)  # which makes -0.0 the 0.0 that it equals
        elif self.written is not None and self.of(Kind.TEXT).all():
            alike = self.written
        if alike is not None:
            return np.asarray(alike.dictionary_encode().indices)
        seen: dict[object, int] = {}
        return np.fromiter(
            (seen.setdefault(identity(self.at(i)), len(seen)) for i in range(len(self))),
            dtype=np.int32,
            count=len(self),
        )

    def at(self, position: int) -> Any:
        """Return the Python value at a position (an INSTANT as its microseconds)."""
        kind = self.kinds[position]
        if kind == Kind.TEXT:
            return self.texts[position].as_py()
        if kind == Kind.NUMBER:
            number = float(self.numbers[position])
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
        if kind == Kind.BOOLEAN:
            return bool(self.truths[position])
        if kind == Kind.INSTANT and self.stored is not None:
            return int(self.stored[position])
        return self.nested[position]

    def take(self, places: npt.NDArray[np.int64]) -> Values:
        """The values at some places, in that order."""
        nested = self.nested
        return Values(
            kinds=self.kinds[places],
            numbers=self.numbers[places],
            written=None if self.written is None else self.written.take(pa.array(places)),
            truths=self.truths[places],
            nested=(
                {at: nested[place] for at, place in enumerate(places.tolist()) if place in nested}
                if nested
                else {}
            ),
            stored=None if self.stored is None else self.stored[places],
        )


class Column:
    """n rows: `codes` int[n] into `values`, -1 where the property is unset."""

    def __init__(self, codes: Codes | None, values: Values) -> None:
        """Without codes, row i holds value i: unset where that is NaN or NO_INSTANT."""
        self._codes, self.values = codes, values

    def __len__(self) -> int:
        return len(self.values if self._codes is None else self._codes)

    @property
    def plain(self) -> bool:
        """Whether row i holds value i, where it is set: so nothing has to be looked up."""
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
        if self.values.stored is not None:
            return self.values.stored != NO_INSTANT
        return ~np.isnan(self.values.numbers)

    @cached_property
    def set_rows(self) -> npt.NDArray[np.int64]:
        """int64[]: where the property is set."""
        return np.flatnonzero(self.is_set)

    def spread(self, matching: Bools) -> Bools:
        """Turn bool[k] over the distinct values into bool[n] over the rows; unset is False."""
        if self._codes is None:
            return matching & self.is_set
        if len(self) > _FEW_ROWS:
            # Comparing codes with a few bounds is many times faster than looking each of them up.
            edges = np.flatnonzero(np.diff(matching, prepend=False, append=False))
            narrow = self._codes.dtype.itemsize <= 2
            if len(edges) <= 2 * (1 if narrow else _FEW_RANGES):
                return self._within(edges.reshape(-1, 2))
        return self.looked_up(matching)

    def looked_up(self, table: npt.NDArray[T]) -> npt.NDArray[T]:
        """T[n]: what a table T[k] over the distinct values has for each row, or 0 for False.

        In a plain column an unset row has what its place has. Not to be written into.
        """
        if self._codes is None:
            return table
        if len(self) > _FEW_ROWS and self._codes.dtype.itemsize <= 2:
            return _looked_up(table, self._codes)
        return np.append(table, table.dtype.type(0)).take(self._codes)

    def _within(self, ranges: npt.NDArray[np.int64]) -> Bools:
        """bool[n]: which codes are in one of some half-open ranges."""
        found: Bools | None = None
        for start, end in ranges.tolist():
            if end == start + 1:
                inside = self.codes == start
            else:
                inside = self.codes >= start
                if end < len(self.values):
                    inside &= self.codes < end
            if found is None:
                found = inside
            else:
                found |= inside
        return np.zeros(len(self), dtype=np.bool_) if found is None else found

    def take(self, rows: npt.NDArray[np.int64] | slice) -> Column:
        """The same column for some rows, in that order."""
        if self._codes is not None:
            return Column(self._codes[rows], self.values)
        if self.values.stored is not None:
            return from_instants(self.values.stored[rows])
        return from_numbers(self.values.numbers[rows])

    def where(self, keep: Bools) -> Column:
        """The same column, unset in the rows that are not marked in bool[n]."""
        return Column(np.where(keep, self.codes, -1), self.values, plain=self.plain)

    def narrowed(self, rows: npt.NDArray[np.int64]) -> Column:
        """The same column for some rows, in that order, with the values that they hold only."""
        codes = self.codes[rows]
        used, places = np.unique(codes, return_inverse=True)
        if len(used) and used[0] < 0:
            used, places = used[1:], places - 1
        return Column(places.astype(np.int32), self.values.take(used.astype(np.int64)))

    def without_unused(self) -> Column:
        """The same column without values that no row holds."""
        used = np.flatnonzero(self.counts())
        if len(used) == len(self.values):
            return self
        places = np.full(len(self.values) + 1, -1, dtype=np.int32)
        places[used] = np.arange(len(used), dtype=np.int32)
        return Column(places[self.codes], self.values.take(used))

    def number_per_row(self) -> Floats:
        """float64[n]: the number in each row, NaN where there is none. Not to be written into."""
        if self._codes is None:
            return self.values.numbers
        return np.append(self.values.numbers, np.nan)[self._codes]

    def instant_per_row(self) -> Instants:
        """int64[n]: the stored time in each row, NO_INSTANT where there is none.

        Not to be written into.
        """
        stored = self.values.stored
        if stored is None:
            return np.full(len(self), NO_INSTANT, dtype=np.int64)
        return stored if self._codes is None else np.append(stored, NO_INSTANT)[self._codes]

    def identity_per_row(self) -> Codes:
        """int32[n]: equal values share a number below k; anything for an unset row."""
        return self.looked_up(self.values.identities)

    def get(self, row: int) -> Any:
        """The Python value in a row, None where unset."""
        code = int(self.codes[row])
        return None if code < 0 else self.values.at(code)

    def counts(self) -> npt.NDArray[np.int64]:
        """int64[k]: in how many rows each distinct value occurs."""
        return np.bincount(self.codes[self.is_set], minlength=len(self.values))


def from_python(rows: Iterable[Any]) -> Column:
    """Build a column from Python values; None is unset, datetimes are not taken."""
    seen: dict[object, int] = {}
    distinct: list[Any] = []
    codes: list[int] = []
    for value in rows:
        if value is None:
            codes.append(-1)
            continue
        key = identity(value)
        code = seen.setdefault(key, len(distinct))
        if code == len(distinct):
            distinct.append(value)
        codes.append(code)
    return Column(np.array(codes, dtype=np.int32), values_of(distinct))


def values_of(distinct: Sequence[Any]) -> Values:
    """Describe a sequence of distinct Python values."""
    kinds = np.fromiter((_kind(v) for v in distinct), dtype=np.uint8, count=len(distinct))
    return Values(
        kinds=kinds,
        numbers=np.array(
            [float(v) if k == Kind.NUMBER else np.nan for v, k in zip(distinct, kinds, strict=True)]
        ),
        written=pa.array([v if isinstance(v, str) else None for v in distinct], pa.string()),
        truths=np.array([v is True for v in distinct], dtype=np.bool_),
        nested={i: v for i, v in enumerate(distinct) if isinstance(v, list | dict)},
    )


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
    k = len(rows)
    values = Values(
        kinds=_all(Kind.INSTANT, k),
        numbers=_all(np.nan, k),
        written=None,
        truths=_all(False, k),
        nested={},
        stored=rows,
    )
    return Column(None, values)


def values_of_texts(texts: pa.StringArray) -> Values:
    """Distinct texts, none of which is null."""
    k = len(texts)
    return Values(
        kinds=_all(Kind.TEXT, k),
        numbers=_all(np.nan, k),
        written=texts,
        truths=_all(False, k),
        nested={},
    )


def values_of_numbers(numbers: Floats) -> Values:
    """Numbers as values."""
    k = len(numbers)
    return Values(
        kinds=_all(Kind.NUMBER, k),
        numbers=numbers,
        written=None,
        truths=_all(False, k),
        nested={},
    )


def _looked_up(table: npt.NDArray[T], codes: Codes) -> npt.NDArray[T]:
    """T[n]: table[code] for codes of one or two bytes; 0 or False for -1.

    Arrow looks up small numbers as they are, where NumPy would widen each of them first.
    """
    unsigned = np.dtype(f"u{codes.dtype.itemsize}")
    width = np.dtype(f"u{table.dtype.itemsize}")
    whole = np.zeros(np.iinfo(unsigned).max + 1, dtype=width)  # -1 is the last of them
    whole[: len(table)] = table.view(width)
    places = pa.array(np.ascontiguousarray(codes).view(unsigned))
    found = pc.take(pa.array(whole), places, boundscheck=False)
    return found.to_numpy(zero_copy_only=True).view(table.dtype)


def _all(value: Any, k: int) -> npt.NDArray[Any]:
    """k times the same, in the room of one; not to be written into."""
    dtype = np.uint8 if isinstance(value, Kind) else None
    return np.broadcast_to(np.array(value, dtype=dtype), (k,))


def joined(columns: Sequence[Column]) -> Column:
    """The rows of some columns, one after the other; a value may stand there more than once."""
    values = values_joined([column.values for column in columns])
    starts = np.cumsum([0, *(len(column.values) for column in columns)]).tolist()
    codes = [
        np.where(column.codes >= 0, column.codes.astype(np.int32) + np.int32(start), np.int32(-1))
        for start, column in zip(starts, columns, strict=False)
    ]
    return Column(np.concatenate(codes), values)


def values_joined(parts: Sequence[Values]) -> Values:
    """The values of some columns, one after the other; a value may stand there more than once."""
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    stored = None
    if any(part.stored is not None for part in parts):
        nothing = [np.full(len(part), NO_INSTANT, dtype=np.int64) for part in parts]
        stored = np.concatenate(
            [none if part.stored is None else part.stored for part, none in zip(parts, nothing)]  # noqa: B905
        )
    return Values(
        kinds=np.concatenate([part.kinds for part in parts]),
        numbers=np.concatenate([part.numbers for part in parts]),
        written=pa.concat_arrays([part.texts for part in parts]),
        truths=np.concatenate([part.truths for part in parts]),
        nested={
            start + at: value
            for start, part in zip(starts, parts, strict=False)
            for at, value in part.nested.items()
        },
        stored=stored,
    )


def unset(n: int) -> Column:
    """A column in which nothing is set."""
    return Column(np.full(n, -1, dtype=np.int32), values_of([]))


def _kind(value: Any) -> Kind:
    if isinstance(value, str):
        return Kind.TEXT
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int | float):
        return Kind.NUMBER
    if isinstance(value, list):
        return Kind.LIST
    if isinstance(value, dict):
        return Kind.OBJECT
    raise TypeError(f"not a JSON value: {type(value).__name__}")
