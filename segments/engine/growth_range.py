"""The periods of a growth report: a unit, and first and last day or a number of periods.

Corrects an impossible range to the nearest possible one, with a note of what changed. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from segments.engine.growth import MOST_PERIODS, Unit, start_of_day

PRESETS = {
    Unit.HOUR: (1, 2, 7, 14),
    Unit.DAY: (7, 30, 90, 365),
    Unit.WEEK: (12, 26, 52, 0),
    Unit.MONTH: (6, 12, 24, 0),
}
"""Presets: how many days (for hours and days), weeks or months back; 0 means all."""
DEFAULTS = {Unit.HOUR: 2, Unit.DAY: 30, Unit.WEEK: 26, Unit.MONTH: 12}
_MOST_DAYS = {
    Unit.HOUR: 14,
    Unit.DAY: MOST_PERIODS[Unit.DAY],
    Unit.WEEK: 7 * (MOST_PERIODS[Unit.WEEK] - 1),
    Unit.MONTH: 28 * (MOST_PERIODS[Unit.MONTH] - 1),
}


@dataclass(frozen=True)
class Range:
    """Whole days of the account's zone, both ends included; `preset` if one was chosen."""

    unit: Unit
    first: date
    last: date
    preset: int | None
    notes: tuple[str, ...] = ()
    """What was changed about an impossible request."""

    def start(self, zone: ZoneInfo) -> datetime:
        return start_of_day(self.first, zone)

    def end(self, zone: ZoneInfo) -> datetime:
        """The instant at which the last day ends."""
        return start_of_day(self.last + timedelta(days=1), zone)


def read_range(query: Mapping[str, str], *, created: date, today: date) -> Range:
    """Read `unit`, and `from` and `to` (ISO dates, both included) or `last` (a number of periods).

    Unreadable values are ignored. No day is before `created` or after `today`.
    """
    unit = Unit(query["unit"]) if query.get("unit") in list(Unit) else Unit.DAY
    notes = []
    first, last = day_of(query.get("from", "")), day_of(query.get("to", ""))
    preset = None
    if first is None and last is None:
        text = query.get("last", "")
        preset = next((n for n in PRESETS[unit] if str(n) == text), DEFAULTS[unit])
        first = _back(unit, preset, today) if preset else created
    last = min(last or today, today)
    first = first or last - timedelta(days=DEFAULTS[Unit.DAY] - 1)
    if first > last:
        notes.append(gettext("The first day is after the last one: only the last one is shown."))
        first = last
    first, last = max(first, created), max(last, created)
    most = _MOST_DAYS[unit]
    if (last - first).days >= most:
        first = last - timedelta(days=most - 1)
        notes.append(
            ngettext(
                "So short periods are shown for %(n)s day at a time.",
                "So short periods are shown for %(n)s days at a time.",
                most,
            )
            % {"n": most}
        )
    return Range(unit, first, last, preset, tuple(notes))


def day_of(text: str) -> date | None:
    """Read an ISO date from 1970 on, before the year 9999; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year < 9999 else None


def _back(unit: Unit, periods: int, today: date) -> date:
    """The first day of the earliest of so many periods, of which today's is the last."""
    if unit is Unit.MONTH:
        months = today.year * 12 + today.month - periods
        return date(months // 12, months % 12 + 1, 1)
    if unit is Unit.WEEK:
        return today - timedelta(days=today.weekday() + 7 * (periods - 1))
    return today - timedelta(days=periods - 1)


def preset_label(unit: Unit, periods: int) -> str:
    """The label of a preset."""
    if not periods:
        return gettext("All")
    template = {
        Unit.WEEK: ngettext("%(n)s week", "%(n)s weeks", periods),
        Unit.MONTH: ngettext("%(n)s month", "%(n)s months", periods),
    }.get(unit, ngettext("%(n)s day", "%(n)s days", periods))
    return template % {"n": periods}
