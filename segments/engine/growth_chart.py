"""The growth report in words and as a chart, in the active language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, localize
from django.utils.translation import gettext, pgettext

from segmenter.kernel import charts
from segmenter.kernel.periods import name_of_period
from segments.engine.growth import Growth, Marker, Period, Unit
from segments.engine.past_growth import ComputedSizes

SIZE, ADDED, LEFT = 1, 2, 3
"""Colours of the chart."""


def period_name(unit: Unit, period: Period, zone: ZoneInfo) -> str:
    """The name of a period: an hour, a day, a week or a month of the zone."""
    return name_of_period(unit, period.start, zone)


def axis_labels(report: Growth, zone: ZoneInfo) -> list[str]:
    """Return labels of the axis. Of hours, only round ones; of many hours, only days."""
    every = 24 if len(report.periods) > 72 else 6 if len(report.periods) > 24 else 3
    labels = []
    for period in report.periods:
        start = period.start.astimezone(zone)
        if report.unit is Unit.MONTH:
            labels.append(date_format(start, gettext("M Y")))
        elif report.unit is not Unit.HOUR or not start.hour:
            labels.append(date_format(start, gettext("j M")))
        else:
            labels.append("" if start.hour % every else date_format(start, gettext("H:i")))
    return labels


def version_label(marker: Marker, zone: ZoneInfo) -> str:
    """The number of a version, when it was made and by whom."""
    version = marker.version
    words = gettext("Version %(number)s of the definition, %(time)s") % {
        "number": version.number,
        "time": date_format(version.at.astimezone(zone), gettext("j M Y, H:i")),
    }
    return f"{words}, {version.user}" if version.user else words


def growth_chart(
    report: Growth,
    zone: ZoneInfo,
    *,
    created: datetime | None = None,
    computed: ComputedSizes | None = None,
) -> charts.Chart:
    """A line of sizes above bars of who entered and left, with markers of the versions.

    The line begins when the segment was `created`. Sizes that were computed back have a line of
    their own.
    """
    periods, unit = report.periods, report.unit
    back = computed.sizes if computed else (None,) * len(periods)
    known = [period.size if is_after(period, created) else None for period in periods]
    lines = [charts.ChartLine(gettext("People"), known, SIZE)]
    if any(size is not None for size in back):
        lines.append(
            charts.ChartLine(gettext("Computed back"), _joined_to(known, back), SIZE, dashed=True)
        )
    added = charts.Bars(pgettext("people", "Entered"), [period.added for period in periods], ADDED)
    left = charts.Bars(pgettext("people", "Left"), [-period.left for period in periods], LEFT)
    return charts.draw(
        key="growth",
        title=gettext("How the segment grew"),
        summary=_summary(report, zone),
        panels=[charts.Panel(lines, 200), charts.Panel([added, left], 120)],
        labels=axis_labels(report, zone),
        slots=[
            _slot_text(unit, period, zone)
            if is_after(period, created)
            else _past_text(unit, period, size, zone)
            for period, size in zip(periods, back, strict=True)
        ],
        markers=[
            charts.ChartMarker(
                _place(report, marker), f"v{marker.version.number}", version_label(marker, zone)
            )
            for marker in report.markers
        ],
    )


def _joined_to(known: Sequence[float | None], back: Sequence[float | None]) -> list[float | None]:
    """The sizes that were computed back, and the first one of the ledger, to which they lead."""
    line = list(back)
    first = next((i for i, size in enumerate(known) if size is not None), 0)
    if first and back[first - 1] is not None:
        line[first] = known[first]
    return line


def is_after(period: Period, created: datetime | None) -> bool:
    """Whether the ledger of a segment that was created then knows the end of a period."""
    return created is None or period.end > created


def _place(report: Growth, marker: Marker) -> float:
    """The position of a version on the axis, in proportion to the time within its period."""
    period = report.periods[marker.period]
    return marker.period + (marker.version.at - period.start) / (period.end - period.start)


def _slot_text(unit: Unit, period: Period, zone: ZoneInfo) -> str:
    return gettext("%(period)s: %(size)s people, %(added)s entered, %(left)s left") % {
        "period": period_name(unit, period, zone),
        "size": localize(period.size),
        "added": localize(period.added),
        "left": localize(period.left),
    }


def _past_text(unit: Unit, period: Period, size: int | None, zone: ZoneInfo) -> str:
    if size is None:
        return period_name(unit, period, zone)
    return gettext("%(period)s: %(size)s people, computed back") % {
        "period": period_name(unit, period, zone),
        "size": localize(size),
    }


def _summary(report: Growth, zone: ZoneInfo) -> str:
    first, last = report.periods[0], report.periods[-1]
    return gettext(
        "From %(before)s people before %(first)s to %(size)s at the end of %(last)s:"
        " %(added)s entered and %(left)s left. The table has all figures."
    ) % {
        "before": localize(report.size_before),
        "first": period_name(report.unit, first, zone),
        "size": localize(last.size),
        "last": period_name(report.unit, last, zone),
        "added": localize(report.added),
        "left": localize(report.left),
    }
