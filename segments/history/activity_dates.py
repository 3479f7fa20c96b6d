"""The days of which Activity shows who entered and left. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from segments.engine.growth import start_of_day
from segments.engine.growth_range import day_of


@dataclass(frozen=True)
class ActivityDates:
    """From a first to a last day of the account's zone, or between two instants; or always."""

    first: date | None = None
    last: date | None = None
    start: datetime | None = None
    end: datetime | None = None
    """Only changes from `start` on, before `end`."""

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of an address that `read_dates` reads as these dates."""
        if self.first or self.last:
            days = {"from": self.first, "to": self.last}
            return {name: day.isoformat() for name, day in days.items() if day}
        instants = {"since": self.start, "until": self.end}
        return {name: instant.isoformat() for name, instant in instants.items() if instant}


def read_dates(query: Mapping[str, str], zone: ZoneInfo) -> ActivityDates:
    """Read `from` and `to` (ISO dates, both included), or `since` and `until` (instants).

    Unreadable values are ignored. Days in the wrong order are exchanged.
    """
    first, last = day_of(query.get("from", "")), day_of(query.get("to", ""))
    if first and last and first > last:
        first, last = last, first
    if first or last:
        return ActivityDates(
            first,
            last,
            start_of_day(first, zone) if first else None,
            start_of_day(last + timedelta(days=1), zone) if last else None,
        )
    start, end = instant_of(query.get("since", "")), instant_of(query.get("until", ""))
    return ActivityDates(start=start, end=end)


def instant_of(text: str) -> datetime | None:
    """Read an ISO 8601 instant with a zone, from 1970 on; None for anything else."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        return None
    return instant if instant and instant.tzinfo and 1970 <= instant.year < 9999 else None


@dataclass(frozen=True)
class DatePreset:
    """Some dates that are offered under a name."""

    label: str
    first: date
    last: date

    @property
    def query(self) -> str:
        return urlencode({"from": self.first.isoformat(), "to": self.last.isoformat()})


def date_presets(today: date) -> list[DatePreset]:
    """The last seven days, this month and the last month, by the day that it is."""
    this_month = today.replace(day=1)
    last_month_end = this_month - timedelta(days=1)
    return [
        DatePreset(gettext("Last 7 days"), today - timedelta(days=6), today),
        DatePreset(gettext("This month"), this_month, today),
        DatePreset(gettext("Last month"), last_month_end.replace(day=1), last_month_end),
    ]
