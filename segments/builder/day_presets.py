"""Ranges of days that are chosen with one press, as of a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext


@dataclass(frozen=True)
class DayPreset:
    """The days from `start` through `end`."""

    words: str
    start: date
    end: date

    @property
    def texts(self) -> tuple[str, str]:
        """Both days as a definition says them."""
        return self.start.isoformat(), self.end.isoformat()


def day_presets(today: date) -> Iterator[DayPreset]:
    """The ranges that are offered above two dates; Black Friday runs through Monday."""
    friday = black_friday(today.year)
    if friday > today:
        friday = black_friday(today.year - 1)
    words = gettext("Black Friday %(year)s") % {"year": friday.year}
    yield DayPreset(words, friday, friday + timedelta(days=3))
    yield last_month(today)
    yield DayPreset(gettext("last 7 days"), today - timedelta(days=6), today)


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    thursday = 1 + (3 - first.weekday()) % 7
    return date(year, 11, thursday + 21) + timedelta(days=1)


def last_month(today: date) -> DayPreset:
    end = today.replace(day=1) - timedelta(days=1)
    return DayPreset(gettext("last month"), end.replace(day=1), end)
