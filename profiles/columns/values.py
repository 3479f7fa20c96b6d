"""The distinct values of a column: of any JSON type, or times of the database's own columns.

A predicate runs once for each of them. Knows nothing of rows, people, events or operators.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from cachetools import LRUCache

from profiles.columns.instants import NO_INSTANT, parse_instant
from segmenter.kernel.composed_text import composed

_FEW_VALUES = 10_000
_MOST_ANSWERS = 16
_FIRST_UNSTABLE = 0xCC
"""The first byte in UTF-8 of a combining mark: texts of smaller bytes alone are composed."""
_answers_lock = Lock()

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.signedinteger[Any]]
"""Positions among distinct values, in the narrowest type that fits; -1 for unset."""
Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.int64]
"""Microseconds since 1970-01-01T00:00Z; NO_INSTANT where there is none."""


class ValueKind(IntEnum):
    """The JSON type of a value; INSTANT for times of the database's own columns."""

    TEXT = 1
    NUMBER = 2
    BOOLEAN = 3
    LIST = 4
    OBJECT = 5
    INSTANT = 6


def identity(value: object) -> object:
    """Return a hashable key that is equal for equal JSON values (5 is 5.0, true is not 1)."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | float):
        return ("number", float(value))
    if isinstance(value, list | tuple):
        return ("list", tuple(identity(item) for item in value))
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    return value


def comparison_key(value: object) -> object:
    """Return the identity of a value in which texts are composed: equal if they compare equal."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list | tuple):
        return ("list", tuple(comparison_key(item) for item in value))
    if isinstance(value, dict):
        return ("object", frozenset((key, comparison_key(item)) for key, item in value.items()))
    return identity(value)


@dataclass(frozen=True, eq=False)
class Values:
    """k distinct values, an array for each type.

    An array has NaN, null or False where the value is of another type.
    """

    kinds: npt.NDArray[np.uint8]
    """uint8[k] of ValueKind."""
    numbers: Floats
    strings: pa.StringArray | None
    """None where no value is a text."""
    truths: Bools
    nested: dict[int, Any]
    """Position to the decoded list or object."""
    times: Instants | None = None

    def __len__(self) -> int:
        return len(self.kinds)

    def of(self, kind: ValueKind) -> Bools:
        """bool[k]: which values are of this kind."""
        return self.kinds == kind

    @cached_property
    def texts(self) -> pa.StringArray:
        """Text or null for each value."""
        return pa.nulls(len(self), pa.string()) if self.strings is None else self.strings

    @cached_property
    def composed(self) -> pa.StringArray:
        """The texts in composed form, in which they are compared."""
        return _composed(self.texts)

    def cached_answer(self, question: Hashable, answer: Callable[[], Bools]) -> Bools:
        """bool[k]: the result of `answer`, cached by `question`, which determines it.

        Only the latest answers about many values are cached: while one condition is edited, the
        others stay the same. Not to be written into.
        """
        if len(self) <= _FEW_VALUES:
            return answer()
        with _answers_lock:
            cached = self._answers.get(question)
        if cached is None:
            cached = answer()
            with _answers_lock:
                self._answers[question] = cached
        return cached

    @cached_property
    def _answers(self) -> LRUCache[Hashable, Bools]:
        return LRUCache(_MOST_ANSWERS)

    @cached_property
    def folded(self) -> pa.StringArray:
        """The composed texts, case-folded."""
        folded = (None if t is None else t.casefold() for t in self.composed.to_pylist())
        return _composed(pa.array(folded, pa.string()))

    @cached_property
    def lists(self) -> dict[int, list[Any]]:
        """Position to items, for the values that are lists."""
        return {at: value for at, value in self.nested.items() if isinstance(value, list)}

    def instants(self, zone: ZoneInfo) -> Instants:
        """int64[k] microseconds: times, and ISO 8601 texts (in `zone` if they name none)."""
        if self.times is not None:
            return self.times
        instants = np.full(len(self), NO_INSTANT, dtype=np.int64)
        dated = np.asarray(
            pc.fill_null(pc.match_substring_regex(self.texts, r"^\d{4}-\d{2}-\d{2}"), False)
        )
        for at in np.flatnonzero(dated):
            moment = parse_instant(self.texts[int(at)].as_py(), zone)
            if moment is not None:
                instants[at] = moment
        return instants

    @cached_property
    def identities(self) -> Codes:
        """int32[k] below k: equal values have the same number, so that 5 and 5.0 count as one.

        Texts are compared in composed form.
        """
        alike: pa.Array | None = None
        if self.times is not None:
            alike = pa.array(self.times)
        elif self.strings is None and not self.nested and not self.of(ValueKind.BOOLEAN).any():
            alike = pa.array(self.numbers + 0.0)  # which makes -0.0 the 0.0 that it equals
        elif self.strings is not None and self.of(ValueKind.TEXT).all():
            alike = self.composed
        if alike is not None:
            return np.asarray(alike.dictionary_encode().indices)
        number_of: dict[object, int] = {}
        return np.fromiter(
            (
                number_of.setdefault(comparison_key(self.at(i)), len(number_of))
                for i in range(len(self))
            ),
            dtype=np.int32,
            count=len(self),
        )

    def at(self, position: int) -> Any:
        """Return the Python value at a position (an INSTANT as its microseconds)."""
        kind = self.kinds[position]
        if kind == ValueKind.TEXT:
            return self.texts[position].as_py()
        if kind == ValueKind.NUMBER:
            number = float(self.numbers[position])
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
        if kind == ValueKind.BOOLEAN:
            return bool(self.truths[position])
        if kind == ValueKind.INSTANT and self.times is not None:
            return int(self.times[position])
        return self.nested[position]

    def take(self, places: npt.NDArray[np.int64]) -> Values:
        """The values at some places, in that order."""
        nested = self.nested
        return Values(
            kinds=self.kinds[places],
            numbers=self.numbers[places],
            strings=None if self.strings is None else self.strings.take(pa.array(places)),
            truths=self.truths[places],
            nested=(
                {at: nested[place] for at, place in enumerate(places.tolist()) if place in nested}
                if nested
                else {}
            ),
            times=None if self.times is None else self.times[places],
        )


def values_of(distinct: Sequence[Any]) -> Values:
    """Describe a sequence of distinct Python values."""
    kinds = np.fromiter((_kind(v) for v in distinct), dtype=np.uint8, count=len(distinct))
    return Values(
        kinds=kinds,
        numbers=np.array(
            [
                float(v) if k == ValueKind.NUMBER else np.nan
                for v, k in zip(distinct, kinds, strict=True)
            ]
        ),
        strings=pa.array([v if isinstance(v, str) else None for v in distinct], pa.string()),
        truths=np.array([v is True for v in distinct], dtype=np.bool_),
        nested={i: v for i, v in enumerate(distinct) if isinstance(v, list | dict)},
    )


def values_of_texts(texts: pa.StringArray) -> Values:
    """Distinct texts, none of which is null."""
    return _of_one_kind(ValueKind.TEXT, len(texts), strings=texts)


def values_of_numbers(numbers: Floats) -> Values:
    """Numbers as values."""
    return _of_one_kind(ValueKind.NUMBER, len(numbers), numbers=numbers)


def values_of_instants(times: Instants) -> Values:
    """Times as values."""
    return _of_one_kind(ValueKind.INSTANT, len(times), times=times)


def concatenate_values(parts: Sequence[Values]) -> Values:
    """The values of some columns, one after the other; a value may occur more than once."""
    starts = np.cumsum([0, *map(len, parts)]).tolist()
    times = None
    if any(part.times is not None for part in parts):
        nothing = [np.full(len(part), NO_INSTANT, dtype=np.int64) for part in parts]
        times = np.concatenate(
            [none if part.times is None else part.times for part, none in zip(parts, nothing)]  # noqa: B905
        )
    return Values(
        kinds=np.concatenate([part.kinds for part in parts]),
        numbers=np.concatenate([part.numbers for part in parts]),
        strings=pa.concat_arrays([part.texts for part in parts]),
        truths=np.concatenate([part.truths for part in parts]),
        nested={
            start + at: value
            for start, part in zip(starts, parts, strict=False)
            for at, value in part.nested.items()
        },
        times=times,
    )


def _composed(texts: pa.StringArray) -> pa.StringArray:
    data, first = texts.buffers()[2], texts.offset
    if data is None or len(texts) == 0:
        return texts
    ends = np.frombuffer(texts.buffers()[1], dtype=np.int32)[[first, first + len(texts)]]
    content = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[1]]
    if len(content) == 0 or content.max() < _FIRST_UNSTABLE:
        return texts
    return pc.utf8_normalize(texts, form="NFC")


def _of_one_kind(
    kind: ValueKind,
    k: int,
    *,
    numbers: Floats | None = None,
    strings: pa.StringArray | None = None,
    times: Instants | None = None,
) -> Values:
    """k values of one kind, from its array; the other arrays are empty of values."""
    return Values(
        kinds=_all(kind, k),
        numbers=_all(np.nan, k) if numbers is None else numbers,
        strings=strings,
        truths=_all(False, k),
        nested={},
        times=times,
    )


def _all(value: Any, k: int) -> npt.NDArray[Any]:
    """k times the same value in the memory of one; not to be written into."""
    dtype = np.uint8 if isinstance(value, ValueKind) else None
    return np.broadcast_to(np.array(value, dtype=dtype), (k,))


def _kind(value: Any) -> ValueKind:
    if isinstance(value, str):
        return ValueKind.TEXT
    if isinstance(value, bool):
        return ValueKind.BOOLEAN
    if isinstance(value, int | float):
        return ValueKind.NUMBER
    if isinstance(value, list):
        return ValueKind.LIST
    if isinstance(value, dict):
        return ValueKind.OBJECT
    raise TypeError(f"not a JSON value: {type(value).__name__}")
