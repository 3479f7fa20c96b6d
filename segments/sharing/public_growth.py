"""What a public page says of a segment's size and growth: counts, and never those of few people.

A segment of 1 to 4 people is "fewer than 5". How many entered and left is left out of periods that
begin or end with so few, and then of the total: with them the size could be worked out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from cachetools import TTLCache
from django.utils.formats import localize
from django.utils.translation import gettext, pgettext

from segmenter.kernel import charts
from segments.engine.growth import Growth, Period, Unit, growth_report
from segments.engine.growth_chart import ADDED, LEFT, SIZE, axis_labels, period_name
from segments.engine.growth_range import Range
from segments.models import Segment

LEAST = 5
"""The smallest number of people that is told."""
UNITS = (Unit.DAY, Unit.WEEK, Unit.MONTH)
SECONDS = 30
_lock = Lock()
_reports: TTLCache[tuple[object, ...], Growth] = TTLCache(256, SECONDS)


def recent_growth(segment: Segment, date_range: Range, at: datetime) -> Growth:
    """Return the growth report of a range; for SECONDS the last one while the size is the same.

    A report of a million changes takes two seconds of the database, and anybody may ask for it.
    """
    key = (segment.pk, segment.size, date_range.unit, date_range.first, date_range.last)
    with _lock:
        report = _reports.get(key)
    if report is None:
        zone = segment.account.zone
        start, end = date_range.start(zone), date_range.end(zone)
        report = growth_report(segment, unit=date_range.unit, start=start, end=end, at=at)
        with _lock:
            _reports[key] = report
    return report


def is_small(size: int) -> bool:
    return 0 < size < LEAST


def size_text(size: int) -> str:
    """A number of people, in the active language."""
    if is_small(size):
        return gettext("fewer than %(n)s") % {"n": LEAST}
    return str(localize(size))


@dataclass(frozen=True)
class PublicPeriod:
    """A row of the table. `added`, `left` and `net` are None where they are not told."""

    name: str
    is_open: bool
    size: str
    added: int | None
    left: int | None
    net: str | None


@dataclass(frozen=True)
class PublicGrowth:
    """The report of a range; `rows` are the latest first."""

    before: str
    after: str
    added: int | None
    left: int | None
    rows: list[PublicPeriod]
    chart: charts.Chart
    has_small: bool
    """Whether anything is left out."""


def public_growth(report: Growth, zone: ZoneInfo, at: datetime) -> PublicGrowth:
    sizes = [report.size_before, *(period.size for period in report.periods)]
    has_small = any(map(is_small, sizes))
    rows = [
        _row(report.unit, before, period, zone, at)
        for before, period in zip(sizes, report.periods, strict=False)
    ]
    return PublicGrowth(
        size_text(sizes[0]),
        size_text(sizes[-1]),
        None if has_small else report.added,
        None if has_small else report.left,
        rows[::-1],
        _chart(report, rows, zone),
        has_small,
    )


def _row(unit: Unit, before: int, period: Period, zone: ZoneInfo, at: datetime) -> PublicPeriod:
    is_told = not is_small(before) and not is_small(period.size)
    return PublicPeriod(
        period_name(unit, period, zone),
        period.end > at,
        size_text(period.size),
        period.added if is_told else None,
        period.left if is_told else None,
        _with_sign(period.net) if is_told else None,
    )


def _with_sign(number: int) -> str:
    sign = "+" if number > 0 else "−" if number else ""
    return f"{sign}{localize(abs(number))}"


def _chart(report: Growth, rows: list[PublicPeriod], zone: ZoneInfo) -> charts.Chart:
    """A line of sizes above bars of who entered and left; gaps where the count is not told."""
    size = charts.ChartLine(
        gettext("People"),
        [None if is_small(period.size) else period.size for period in report.periods],
        SIZE,
    )
    added = charts.Bars(pgettext("people", "Entered"), [row.added or 0 for row in rows], ADDED)
    left = charts.Bars(pgettext("people", "Left"), [-(row.left or 0) for row in rows], LEFT)
    return charts.draw(
        key="growth",
        title=gettext("How the segment grew"),
        summary=gettext(
            "From %(before)s people before %(first)s to %(size)s at the end of %(last)s."
            " The table has all figures."
        )
        % {
            "before": size_text(report.size_before),
            "first": rows[0].name,
            "size": rows[-1].size,
            "last": rows[-1].name,
        },
        panels=[charts.Panel([size], 200), charts.Panel([added, left], 120)],
        labels=axis_labels(report, zone),
        slots=[_slot_text(row) for row in rows],
    )


def _slot_text(row: PublicPeriod) -> str:
    if row.added is None or row.left is None:
        return gettext("%(period)s: %(size)s people") % {"period": row.name, "size": row.size}
    return gettext("%(period)s: %(size)s people, %(added)s entered, %(left)s left") % {
        "period": row.name,
        "size": row.size,
        "added": localize(row.added),
        "left": localize(row.left),
    }
