"""Figures about a property of people or of events: how often it is set, which values it has.

The columns in files do not change, so what is counted of them is kept for as long as they are used;
who has changed since is counted anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Bools, Column, ValueKind
from profiles.columns.instants import NO_INSTANT, to_datetime
from profiles.columns.people import People
from profiles.columns.population import Population, UnknownKey
from segments.definition.operators import Filter
from segments.definition.paths import PropertyPath
from segments.definition.windows import Moment

MOST_COMPARED = 2_000
"""Values among which the closest one is looked for, the most common ones."""
LEAST_ALIKE = 0.6
"""Of two texts, from 0 to 1 (`difflib`), so that one may be meant by the other."""
Counts = npt.NDArray[np.int64]


class NumberSpan(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True)
class PropertyFigures:
    """Figures of one property, over everyone or over all events of a metric."""

    people: People
    name: str
    metric: str = ""
    """Empty for a property of people."""
    path: PropertyPath | None = None

    @cached_property
    def parts(self) -> tuple[tuple[Column, Counts], ...]:
        """Columns, and in how many rows each of their values occurs."""
        return tuple(self._parts())

    def _parts(self) -> Iterator[tuple[Column, Counts]]:
        for part, share in self.people.shares:
            column = self._column(part)
            counts = _from_memory(
                part, ("counts", self.metric, self.name, self._is_custom), column.counts
            )
            if share is not None:
                column_share = share if not self.metric else share[part.events(self.metric).who]
                outside = np.flatnonzero(~column_share)
                codes = column.codes[outside]
                counts = counts - np.bincount(codes[codes >= 0], minlength=len(counts))
            yield column, counts

    @property
    def _is_custom(self) -> bool:
        return self.path is None or self.path.custom

    def _column(self, part: Population) -> Column:
        if self.path is not None:
            return self.path.column(part)
        return part.events(self.metric).column(self.name)

    def rows(self) -> int:
        """How many people or events have it."""
        return sum(int(counts.sum()) for _column, counts in self.parts)

    @cached_property
    def kinds(self) -> Counter[ValueKind]:
        """In how many rows it has a value of each kind."""
        kinds: Counter[ValueKind] = Counter()
        for column, counts in self.parts:
            by_kind = np.bincount(column.values.kinds, weights=counts, minlength=len(ValueKind) + 1)
            kinds.update({kind: round(by_kind[kind]) for kind in ValueKind if by_kind[kind]})
        return kinds

    def dates(self, moment: Moment) -> int:
        """In how many rows it can be read as a date."""
        return sum(
            int(counts[column.values.instants(moment.zone) != NO_INSTANT].sum())
            for column, counts in self.parts
        )

    def passing(self, filter_: Filter, moment: Moment) -> int:
        """In how many rows it passes a filter."""
        return sum(
            int(counts[filter_.matches(column.values, moment)].sum())
            for column, counts in self.parts
        )

    def numbers(self) -> NumberSpan | None:
        """The smallest and the largest number; None without numbers."""
        numbers = [
            column.values.numbers[(counts > 0) & (column.values.kinds == ValueKind.NUMBER)]
            for column, counts in self.parts
        ]
        every = np.concatenate(numbers) if numbers else np.zeros(0)
        return NumberSpan(float(every.min()), float(every.max())) if len(every) else None

    def texts(self, kinds: frozenset[ValueKind]) -> Counter[str]:
        """The most common texts, or texts in lists, with the numbers of rows."""
        if kinds not in self._texts:
            self._texts[kinds] = self._count_texts(kinds)
        return self._texts[kinds]

    @cached_property
    def _texts(self) -> dict[frozenset[ValueKind], Counter[str]]:
        return {}

    def _count_texts(self, kinds: frozenset[ValueKind]) -> Counter[str]:
        totals: Counter[str] = Counter()
        for column, counts in self.parts:
            values = column.values
            is_text = values.of(ValueKind.TEXT) & (counts > 0)
            at = np.flatnonzero(is_text) if ValueKind.TEXT in kinds else np.zeros(0, dtype=int)
            if len(at) > MOST_COMPARED:
                at = at[np.argpartition(-counts[at], MOST_COMPARED)[:MOST_COMPARED]]
            for text, count in zip(
                values.texts.take(at).to_pylist(), counts[at].tolist(), strict=True
            ):
                totals[text] += count
            lists = values.lists if ValueKind.LIST in kinds else {}
            for place, items in lists.items():
                for item in {each for each in items if isinstance(each, str)}:
                    totals[item] += int(counts[place])
        return Counter(dict(totals.most_common(MOST_COMPARED)))

    def closest(self, text: str, kinds: frozenset[ValueKind]) -> str | None:
        """The value that may be meant by a text; None if none is like it."""
        by_folded: dict[str, str] = {}
        for value in self.texts(kinds):
            by_folded.setdefault(value.casefold(), value)
        matches = get_close_matches(text.casefold(), by_folded, n=1, cutoff=LEAST_ALIKE)
        return by_folded[matches[0]] if matches else None


class MetricHistory(NamedTuple):
    """The instants of the first and the last event of a metric up to now, in microseconds."""

    first: int
    last: int

    def first_day(self, moment: Moment) -> str:
        return to_datetime(self.first, moment.zone).date().isoformat()

    def last_day(self, moment: Moment) -> str:
        return to_datetime(self.last, moment.zone).date().isoformat()


def history_of(people: People, metric: str, moment: Moment) -> MetricHistory | None:
    """When the events of a metric began and ended; None if there are none."""
    spans = []
    end = moment.until_now().end
    for part in people.parts:
        try:
            times = part.events(metric).times
        except UnknownKey:
            continue
        past = int(np.searchsorted(times, end))
        if past:
            spans.append((int(times[0]), int(times[past - 1])))
    if not spans:
        return None
    return MetricHistory(min(first for first, _ in spans), max(last for _, last in spans))


_keeping: WeakKeyDictionary[Population, dict[tuple[object, ...], Counts]] = WeakKeyDictionary()
_lock = Lock()


def _from_memory(part: Population, key: tuple[object, ...], count: Callable[[], Counts]) -> Counts:
    """What was counted of a population in files; anew for any other."""
    if not part.in_files:
        return count()
    with _lock:
        memory = _keeping.setdefault(part, {})
    if key not in memory:
        memory[key] = count()
    return memory[key]


def rows_in(mask: Bools) -> int:
    """How many people are marked."""
    return int(np.count_nonzero(mask))
