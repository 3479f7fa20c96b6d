"""What decided a condition's answer about one person, and what would be needed for another.

Plain data that each kind fills from its own steps. Names are in the active language, values as
they are stored; templates say both, one for each `shape`. Needs say themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from profiles.columns.column import Bools, Column, ValueKind
from profiles.columns.events import Events
from profiles.columns.instants import FIRST, LAST, to_datetime
from segments.definition import words
from segments.definition.needs import Need
from segments.definition.windows import Moment, Window

NEWEST = 3
"""Events that are shown of those that count."""
NEAREST = 3
"""Events that are shown of those that nearly count."""
_LONGEST = 300
_DECIMALS = 4


@dataclass(frozen=True)
class KnownValue:
    """One thing that is known of the person, and what was asked of it."""

    shape: ClassVar[str] = "known"
    name: str
    value: Any
    """A JSON value, an aware datetime, or None where nothing is set."""
    test: str = ""
    """What is asked, to be read after the name: "is “Sweden”". Empty if nothing is."""
    met: bool | None = None
    """Whether the value passes; None if nothing is asked."""
    said: str = ""
    """The value in the active language, where it is none of the shop's own words."""

    @property
    def is_date(self) -> bool:
        return isinstance(self.value, datetime)

    @property
    def text(self) -> str:
        """The value in words; empty for a date, and where nothing is set."""
        if self.said or self.value is None or self.is_date:
            return self.said
        if isinstance(self.value, list):
            return ", ".join(map(_literal, self.value[: words.MOST_ITEMS])) or "[]"
        return _literal(self.value)


def _literal(value: Any) -> str:
    simple = isinstance(value, str | int | float)
    text = value if simple else json.dumps(value, ensure_ascii=False)
    if isinstance(text, str) and len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return words.literal(text)


@dataclass(frozen=True)
class Occurrence:
    """An event, and whether it counts."""

    time: datetime
    days_ago: int
    """Calendar days of the account's zone; negative in the future."""
    value: float | None
    tested: tuple[KnownValue, ...]
    """The properties that are asked about."""
    in_time: bool
    """Whether it lies in the timeframe."""

    @property
    def amount(self) -> str:
        """The value in words."""
        return "" if self.value is None else words.number(self.value)

    @property
    def counts(self) -> bool:
        return self.in_time and self.passes

    @property
    def passes(self) -> bool:
        """Whether its properties are as they are asked for."""
        return all(known.met for known in self.tested)


@dataclass(frozen=True)
class Happened:
    """Events of one metric: how many count, which ones, and which nearly do."""

    shape: ClassVar[str] = "happened"
    metric: str
    count: int
    total: int
    """Whatever the timeframe and the filters, up to now."""
    at: datetime
    start: datetime | None
    """The timeframe begins here, None for no beginning (or if it is no window)."""
    end: datetime | None
    """The timeframe ends before here, None for no end but the present."""
    newest: tuple[Occurrence, ...]
    near: tuple[Occurrence, ...]
    measure: str = ""
    """What else than the count is measured: "sum of value". Empty if nothing is."""
    measured: float | None = None
    """None over no events."""

    @property
    def amount(self) -> str:
        """The measured amount in words."""
        return "" if self.measured is None else words.number(round(self.measured, _DECIMALS))


@dataclass(frozen=True)
class Belongs:
    """Since when the person is on a list or in a segment (None: they are not)."""

    shape: ClassVar[str] = "belongs"
    group: str
    since: datetime | None
    test: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Link:
    """A step of a chain: whether it is wanted, and the event taken for it or in its way."""

    metric: str
    wanted: bool
    phrase: str
    """The filters of its events."""
    done: bool | None
    """Whether it holds; None if that is open, as the chain does not come so far."""
    time: datetime | None = None


@dataclass(frozen=True)
class Chain:
    """How far the person came in a sequence of steps."""

    shape: ClassVar[str] = "chain"
    links: tuple[Link, ...]
    complete: bool
    ends: datetime | None = None
    """When the time for all steps is over."""


Item = KnownValue | Happened | Belongs | Chain


@dataclass(frozen=True)
class Evidence:
    """What was looked at, and what would be needed if the condition is not met."""

    items: tuple[Item, ...] = ()
    needs: tuple[Need, ...] = ()
    """All of them; empty where nothing sensible can be told."""


# --- reading columns -----------------------------------------------------------------------------


def value_at(column: Column, row: int, zone: ZoneInfo) -> Any:
    """What a column holds in a row: a JSON value, a datetime in the zone, None where unset."""
    value = column.get(row)
    if value is not None and column.values.kinds[column.codes[row]] == ValueKind.INSTANT:
        return to_datetime(value, zone)
    return value


def instant(micros: int, zone: ZoneInfo) -> datetime | None:
    """An end of a window as a datetime; None where it has none (or lies outside the calendar)."""
    if micros in {FIRST, LAST}:
        return None
    try:
        return to_datetime(micros, zone)
    except OverflowError:
        return None


class Test(NamedTuple):
    """What is asked of a property of events."""

    name: str
    phrase: str
    column: Column
    """Of all events, m rows."""
    passes: Bools
    """bool[m]."""


def happened(
    metric: str,
    everything: Events,
    inside: Events,
    moment: Moment,
    window: Window | None,
    tests: Sequence[Test],
) -> Happened:
    """Tell one person's events of a metric: all of them, those inside a timeframe, and the tests.

    The tests' columns belong to `everything`; an event counts if it is inside and passes them all.
    """
    times, values = everything.when, everything.column("$value")
    in_time = np.zeros(len(everything.times), dtype=np.bool_)
    in_time[inside.rows] = True
    in_time = in_time[everything.rows]
    faults = np.where(in_time, 0, 1)
    for test in tests:
        faults += ~test.passes
    low, high = window or (FIRST, LAST)
    outside = np.maximum(np.maximum(float(low) - times, times - float(high)), 0.0)
    newest = np.flatnonzero(faults == 0)[::-1]
    missed = np.flatnonzero(faults)
    near = missed[np.lexsort((-times[missed], outside[missed], faults[missed]))]

    def occurrence(row: int) -> Occurrence:
        time = to_datetime(int(times[row]), moment.zone)
        return Occurrence(
            time=time,
            days_ago=(moment.today - time.date()).days,
            value=values.get(row),
            tested=tuple(
                KnownValue(
                    test.name,
                    value_at(test.column, row, moment.zone),
                    test.phrase,
                    bool(test.passes[row]),
                )
                for test in tests
            ),
            in_time=bool(in_time[row]),
        )

    return Happened(
        metric=metric,
        count=len(newest),
        total=int(np.count_nonzero(moment.until_now().holds(times))),
        at=moment.at,
        start=instant(low, moment.zone),
        end=None if high == moment.until_now().end else instant(high, moment.zone),
        newest=tuple(occurrence(int(row)) for row in newest[:NEWEST]),
        near=tuple(occurrence(int(row)) for row in near[:NEAREST]),
    )
