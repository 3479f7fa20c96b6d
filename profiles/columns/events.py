"""The events of one metric as columns sorted by time: filtered step by step, then measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from profiles.columns import pairs
from profiles.columns.column import (
    Bools,
    Column,
    Floats,
    Instants,
    concatenate_values,
    from_numbers,
    unset,
)
from segmenter.kernel.threads import run_together

Numbers = npt.NDArray[np.int32]
Rows = slice | npt.NDArray[np.int64]
Counts = npt.NDArray[np.signedinteger[Any]]
PreviousRows = npt.NDArray[np.int32]
VALUE = "$value"
"""The property name that stands for the event's own value."""
MOST_PREVIOUS = 4
"""Properties of a metric whose `PreviousRows` are cached."""


class Tally:
    """Running counts of a metric's events per person, one set of counts every STEP rows.

    The counts of a window are the difference of two sets, corrected by the events between them and
    the edges of the window: at most STEP events, whatever the length of the window.
    """

    STEP = 1 << 19
    """Rows between two sets of counts."""

    def __init__(self, profiles: Numbers, counts: npt.NDArray[np.int32]) -> None:
        """`profiles` int32[m] of all events; `counts` int32[steps, n] before rows 0, STEP, ..."""
        self._profiles, self._counts = profiles, counts

    @classmethod
    def of(cls, profiles: Numbers, n: int) -> npt.NDArray[np.int32]:
        """Compute the counts of events, int32[steps, n]."""
        parts = [np.zeros(n, dtype=np.int64)]
        for start in range(0, len(profiles) - cls.STEP + 1, cls.STEP):
            parts.append(parts[-1] + np.bincount(profiles[start : start + cls.STEP], minlength=n))
        return np.array(parts, dtype=np.int32)

    def between(self, low: int, high: int) -> Counts:
        """int[n]: events per person in rows [low, high)."""
        n = self._counts.shape[1]
        if high - low <= self.STEP:
            return np.bincount(self._profiles[low:high], minlength=n)
        return self._before(high) - self._before(low)

    def _before(self, row: int) -> npt.NDArray[np.int32]:
        step = min((row + self.STEP // 2) // self.STEP, len(self._counts) - 1)
        start = step * self.STEP
        counts = self._counts[step]
        if start == row:
            return counts
        between = self._profiles[min(start, row) : max(start, row)]
        difference = np.bincount(between, minlength=len(counts)).astype(np.int32)
        return counts + difference if row > start else counts - difference


@dataclass(frozen=True, eq=False)
class Events:
    """m events of n people.

    `profiles` int32[m] are dense profile numbers, `times` int64[m] microseconds in ascending
    order, `values` float64[m] with NaN for none. `property_column` reads a property of all m
    events; `rows` selects the events that passed the filters so far.
    """

    n: int
    profiles: Numbers
    times: Instants
    values: Floats
    property_column: Callable[[str], Column]
    rows: Rows = field(default_factory=lambda: slice(None))
    tally: Tally | None = None
    """Running counts of all m events, if the events come from files."""
    _previous_rows: dict[str, PreviousRows | None] = field(default_factory=dict)
    """Cache by property: the row of the person's previous event with the same value."""
    MANY: ClassVar[int] = 500_000
    """From this number of events on, a second thread pays."""
    PARTS: ClassVar[int] = 4

    @classmethod
    def none(cls, n: int) -> Events:
        """No events of n people."""
        return cls(
            n=n,
            profiles=np.zeros(0, dtype=np.int32),
            times=np.zeros(0, dtype=np.int64),
            values=np.zeros(0, dtype=np.float64),
            property_column=lambda _name: unset(0),
        )

    def within(self, start: int, end: int) -> Events:
        """Keep the events in [start, end), microseconds."""
        if isinstance(self.rows, slice):
            low, high = (int(p) for p in np.searchsorted(self.times, [start, end]))
            first, last, _ = self.rows.indices(len(self.times))
            return replace(self, rows=slice(max(low, first), max(min(high, last), low)))
        times = self.times[self.rows]
        return replace(self, rows=self.rows[(times >= start) & (times < end)])

    def column(self, name: str) -> Column:
        """A property of the selected events."""
        if name == VALUE:
            return from_numbers(self.values[self.rows])
        return self.property_column(name).take(self.rows)

    def passing(self, test: Callable[[Events], Bools]) -> Events:
        """Keep the events for which `test` returns True; it returns a bool for each event.

        Many events that come from files are tested in parts, by two threads.
        """
        if self.tally is None or not isinstance(self.rows, slice) or len(self) < self.MANY:
            return self.where(test(self))

        def rows_of(part: Events) -> Rows:
            return part.where(test(part)).rows

        return replace(
            self, rows=np.concatenate(run_together([partial(rows_of, p) for p in self._parts()]))
        )

    def where(self, keep: Bools) -> Events:
        """Keep the events marked in bool[len(self)]."""
        if isinstance(self.rows, slice):
            rows = np.flatnonzero(keep)
            rows += self.rows.start or 0
            return replace(self, rows=rows)
        return replace(self, rows=self.rows[keep])

    def __len__(self) -> int:
        if isinstance(self.rows, slice):
            return len(range(*self.rows.indices(len(self.times))))
        return len(self.rows)

    @property
    def who(self) -> Numbers:
        """int32[len(self)]: profile numbers."""
        return self.profiles[self.rows]

    @property
    def when(self) -> Instants:
        """int64[len(self)] microseconds, ascending."""
        return self.times[self.rows]

    def count(self) -> Counts:
        """int[n]: events per person."""
        if self.tally is not None and isinstance(self.rows, slice):
            return self.tally.between(*self._bounds(self.rows))
        return np.bincount(self.who, minlength=self.n)

    def distinct(self, name: str) -> Counts:
        """int[n]: distinct values of a property per person; unset does not count."""
        if self.tally is not None and isinstance(self.rows, slice):
            previous = self._cached_previous_rows(name)
            if previous is not None:
                first, _ = self._bounds(self.rows)
                again = self.passing(lambda part: previous[part.rows] >= first)
                return self.count() - again.count()
        profiles, column = self.holding(name)
        return pairs.count_values(
            profiles, column.identity_per_row(), k=len(column.values), n=self.n
        )

    def holding(self, name: str) -> tuple[Numbers, Column]:
        """Of the events that have the property: profile numbers, and the property."""
        column = self.column(name)
        if column.is_set.all():
            return self.who, column
        return self.who[column.set_rows], column.take(column.set_rows)

    def numbers(self, name: str) -> tuple[Numbers, Floats]:
        """Of the events with a number in the property: profile numbers, and the numbers."""
        amounts = self.values[self.rows] if name == VALUE else self.column(name).number_per_row()
        none = np.isnan(amounts)
        if not none.any():
            return self.who, amounts
        present = np.flatnonzero(~none)
        return self.who[present], amounts[present]

    def sum(self, name: str) -> Floats:
        """float64[n]: the sum per person; 0 without events."""
        profiles, amounts = self.numbers(name)
        sums = np.bincount(profiles, weights=amounts, minlength=self.n)
        return sums.astype(np.float64, copy=False)

    def average(self, name: str) -> Floats:
        """float64[n]: the mean per person; NaN without events."""
        profiles, amounts = self.numbers(name)
        counts = np.bincount(profiles, minlength=self.n)
        sums = np.bincount(profiles, weights=amounts, minlength=self.n)
        return np.divide(sums, counts, out=np.full(self.n, np.nan), where=counts > 0)

    def minimum(self, name: str) -> Floats:
        """float64[n]: the least per person; NaN without events."""
        return self._extreme(np.minimum, np.inf, name)

    def maximum(self, name: str) -> Floats:
        """float64[n]: the greatest per person; NaN without events."""
        return self._extreme(np.maximum, -np.inf, name)

    def _parts(self) -> list[Events]:
        """These events in PARTS of about equal size; their rows must be a slice."""
        assert isinstance(self.rows, slice)
        first, last = self._bounds(self.rows)
        edges = np.linspace(first, last, self.PARTS + 1).astype(int).tolist()
        return [replace(self, rows=slice(*pair)) for pair in pairwise(edges)]

    def _bounds(self, rows: slice) -> tuple[int, int]:
        first, last, _ = rows.indices(len(self.times))
        return first, max(first, last)

    def _cached_previous_rows(self, name: str) -> PreviousRows | None:
        if name not in self._previous_rows:
            column = replace(self, rows=slice(None)).column(name)
            values = np.where(column.is_set, column.identity_per_row(), np.int32(-1))
            k = len(column.values)
            self._previous_rows[name] = pairs.previous_rows(self.profiles, values, k=k, n=self.n)
            for other in list(self._previous_rows)[:-MOST_PREVIOUS]:
                self._previous_rows.pop(other, None)
        return self._previous_rows.get(name)

    def _extreme(self, pick: np.ufunc, start: float, name: str) -> Floats:
        profiles, amounts = self.numbers(name)
        best = np.full(self.n, start)
        pick.at(best, profiles, amounts)
        return np.where(np.bincount(profiles, minlength=self.n) > 0, best, np.nan)


def shared_counts(above: Events, below: Events, name: str) -> tuple[Counts, Counts]:
    """int[n] each: distinct values of a property that a person has in both, and in `below`.

    Both are events of the same n people.
    """
    (upper, above_column), (lower, below_column) = (
        events.holding(name) for events in (above, below)
    )
    values = concatenate_values([above_column.values, below_column.values])
    numbers = np.split(values.identities, [len(above_column.values)])
    return pairs.shared_counts(
        (upper, above_column.look_up(numbers[0])),
        (lower, below_column.look_up(numbers[1])),
        k=len(values),
        n=above.n,
    )
