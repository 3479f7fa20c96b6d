"""Timeframes: half-open windows of instants, relative to one moment in one zone.

Days are calendar days of the account's zone; months and years are calendar months and years.
Nothing here asks for the time.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Bools, Instants
from profiles.columns.instants import FIRST, LAST, NO_INSTANT, parse_iso, to_datetime, to_micros

Unit = Literal["hour", "day", "week", "month", "year"]

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
Ints = npt.NDArray[np.int64]
_LEAP_GAP = 366 * 9
"""Days. Every month and day recurs within this many, 29 February too."""


class Window(NamedTuple):
    """[start, end) in microseconds."""

    start: int
    end: int

    def holds(self, instants: Instants) -> Bools:
        """bool[k]: which of int64[k] microseconds lie inside; NO_INSTANT never does."""
        return (instants >= self.start) & (instants < self.end) & (instants != NO_INSTANT)

    def before(self, end: int) -> Window:
        """The part of the window before `end`."""
        return Window(self.start, min(self.end, end))


@dataclass(frozen=True)
class Edge:
    """What one edge of a window passed over: instants in `window`, or, if `yearly`, instants with
    an anniversary in it."""

    window: Window
    yearly: bool = False

    def holds(self, instants: Instants, zone: ZoneInfo) -> Bools:
        """bool[k]: which of int64[k] microseconds the edge passed over."""
        if self.yearly:
            return anniversary_within(instants, self.window, zone)
        return self.window.holds(instants)


def edges_between(then: Window, now: Window, *, yearly: bool = False) -> Iterator[Edge]:
    """What the two edges of a window passed over when it moved from `then` to `now`."""
    for before, after in zip(then, now, strict=True):
        if before != after:
            yield Edge(Window(min(before, after), max(before, after)), yearly)


@dataclass(frozen=True)
class Moment:
    """The instant of a question, and the zone that defines its calendar days."""

    at: datetime
    zone: ZoneInfo

    @property
    def micros(self) -> int:
        return to_micros(self.at)

    @property
    def today(self) -> date:
        return self.at.astimezone(self.zone).date()

    def start_of(self, day: date) -> int:
        """The microseconds at which a calendar day begins in the zone."""
        return to_micros(datetime.combine(day, time(), tzinfo=self.zone))

    def days_from_today(self, quantity: int, unit: Unit, extra_days: int = 0) -> int:
        """The start of the day that is `quantity` units from today; negative: in the past."""
        day = shift(self.today, quantity, unit)
        if day is None:
            return FIRST if quantity < 0 else LAST
        try:
            return self.start_of(day + timedelta(days=extra_days))
        except OverflowError:
            return LAST

    def in_the_last(self, quantity: int, unit: Unit) -> Window:
        if unit == "hour":
            return Window(self.micros - quantity * _HOUR, self.micros + 1)
        return Window(self.days_from_today(-quantity, unit), self.micros + 1)

    def at_least_ago(self, quantity: int, unit: Unit) -> Window:
        if unit == "hour":
            return Window(FIRST, self.micros - quantity * _HOUR)
        return Window(FIRST, self.days_from_today(-quantity, unit))

    def between_ago(self, nearest: int, farthest: int, unit: Unit) -> Window:
        if unit == "hour":
            return Window(self.micros - farthest * _HOUR, self.micros - nearest * _HOUR)
        return Window(
            self.days_from_today(-farthest, unit), self.days_from_today(-nearest, unit, 1)
        )

    def in_the_next(self, quantity: int, unit: Unit) -> Window:
        if unit == "hour":
            return Window(self.micros, self.micros + quantity * _HOUR)
        return Window(self.micros, self.days_from_today(quantity, unit, 1))

    def until_now(self) -> Window:
        """All of the past, including this instant."""
        return Window(FIRST, self.micros + 1)

    def before(self, text: str) -> Window:
        return Window(FIRST, self._bounds(text)[0])

    def after(self, text: str) -> Window:
        start, end, timed = self._bounds(text)
        return Window(start + 1 if timed else end, LAST)

    def between_static(self, first: str, last: str) -> Window:
        return Window(self._bounds(first)[0], self._bounds(last)[1])

    def _bounds(self, text: str) -> tuple[int, int, bool]:
        """The window of an ISO 8601 date or date-time, and whether it has a time of day."""
        moment = parse_iso(text)
        if moment is None:
            raise ValueError(f"{text!r} is not an ISO 8601 date")
        if len(text.strip()) > len("2026-03-01"):
            instant = to_micros(moment if moment.tzinfo else moment.replace(tzinfo=self.zone))
            return instant, instant + 1, True
        day = moment.date()
        end = LAST if day == date.max else self.start_of(day + timedelta(days=1))
        return self.start_of(day), end, False


def shift(day: date, quantity: int, unit: Unit) -> date | None:
    """Move a day by calendar units; None outside the years 1 to 9999.

    31 March - 1 month is the last of February.
    """
    try:
        if unit == "week":
            return day + timedelta(days=7 * quantity)
        if unit in {"day", "hour"}:
            return day + timedelta(days=quantity)
        months = day.year * 12 + day.month - 1 + quantity * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1] if 1 <= year <= 9999 else 1
        return date(year, month + 1, min(day.day, last))
    except (OverflowError, ValueError):
        return None


def wall_clock(instants: Instants, zone: ZoneInfo) -> Instants:
    """int64[k]: the local time of each instant, as microseconds without a zone.

    The offset from UTC is looked up once for each day on which it does not change, and for each
    instant of the other days. NO_INSTANT is unchanged.
    """
    is_set = instants != NO_INSTANT
    days, of_day = np.unique(
        np.clip(instants[is_set], _YEAR_2, _YEAR_9998) // _DAY, return_inverse=True
    )
    starts = np.array([_offset(int(day) * _DAY, zone) for day in days], dtype=np.int64)
    ends = np.array([_offset((int(day) + 1) * _DAY - 1, zone) for day in days], dtype=np.int64)
    offsets = starts[of_day]
    for row in np.flatnonzero((starts != ends)[of_day]):
        offsets[row] = _offset(int(instants[is_set][row]), zone)
    wall = np.full(len(instants), NO_INSTANT, dtype=np.int64)
    wall[is_set] = instants[is_set] + offsets
    return wall


def _offset(instant: int, zone: ZoneInfo) -> int:
    offset = to_datetime(instant, zone).utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)


def _months_and_days(wall: Instants) -> tuple[Ints, Ints]:
    """int64[k] each, 1..12 and 1..31; zero where there is no instant."""
    is_set = wall != NO_INSTANT
    moments = np.where(is_set, wall, 0).view("M8[us]")
    months = moments.astype("M8[M]")
    days = (moments.astype("M8[D]") - months.astype("M8[D]")).astype(np.int64) + 1
    return np.where(is_set, months.astype(np.int64) % 12 + 1, 0), np.where(is_set, days, 0)


def month_is(instants: Instants, month: int, zone: ZoneInfo) -> Bools:
    """bool[k]: which instants fall in a calendar month of any year."""
    return _months_and_days(wall_clock(instants, zone))[0] == month


def anniversary_on(instants: Instants, day: date, zone: ZoneInfo) -> Bools:
    """bool[k]: which instants have the month and day of `day`."""
    months, days = _months_and_days(wall_clock(instants, zone))
    return (months == day.month) & (days == day.day)


def anniversary_within(instants: Instants, window: Window, zone: ZoneInfo) -> Bools:
    """bool[k]: which instants have an anniversary (same month, day and time of day) in the window.

    29 February has one in leap years only. Inner days are decided by month and day. On the first
    and the last day of the window, the time of day decides too.
    """
    matches = np.zeros(len(instants), dtype=np.bool_)
    is_set = instants != NO_INSTANT
    if window.end <= window.start or not is_set.any():
        return matches
    first = to_datetime(max(window.start, _YEAR_2), zone).date()
    last = to_datetime(min(window.end - 1, _YEAR_9998), zone).date()
    if (last - first).days > _LEAP_GAP:
        return is_set
    wall = wall_clock(instants, zone)
    months, days = _months_and_days(wall)
    months_days = months * 32 + days
    is_inner_day = np.zeros(13 * 32, dtype=np.bool_)
    day = first + timedelta(days=1)
    while day < last:
        is_inner_day[day.month * 32 + day.day] = True
        day += timedelta(days=1)
    matches = is_inner_day[months_days] & is_set
    for edge in {first, last}:
        for row in np.flatnonzero((months_days == edge.month * 32 + edge.day) & ~matches):
            time_of_day = timedelta(microseconds=int(wall[row]) % _DAY)
            instant = to_micros((datetime.combine(edge, time()) + time_of_day).replace(tzinfo=zone))
            matches[row] = window.start <= instant < window.end
    return matches


_YEAR_2 = to_micros(datetime(2, 1, 1, tzinfo=UTC))
_YEAR_9998 = to_micros(datetime(9998, 1, 1, tzinfo=UTC))

__all__ = [
    "Edge",
    "Moment",
    "Unit",
    "Window",
    "anniversary_on",
    "anniversary_within",
    "edges_between",
    "month_is",
    "shift",
    "wall_clock",
]
