"""The figures of a report in words, as charts and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from predictions.pages.wording import number, percent
from segmenter.kernel import charts
from segmenter.kernel.csv_writer import csv_lines
from segments.engine.growth import Period, Unit
from segments.engine.growth_chart import period_name
from segments.performance.figures import (
    RATES,
    GroupTally,
    PerformanceMeasure,
    PerformancePeriod,
)

MEMBERS, EVERYONE = 1, 4
"""Colours."""
TITLES: dict[PerformanceMeasure, str | Promise] = {
    PerformanceMeasure.OPENED: gettext_lazy("Opened mail, % of recipients"),
    PerformanceMeasure.OPENED_WITHOUT_MACHINES: gettext_lazy(
        "Opened mail themselves, % of recipients"
    ),
    PerformanceMeasure.CLICKED: gettext_lazy("Clicked, % of recipients"),
    PerformanceMeasure.ORDERS: gettext_lazy("Orders a person"),
    PerformanceMeasure.REVENUE: gettext_lazy("Revenue a person"),
}


def value_of(tally: GroupTally | None, measure: PerformanceMeasure) -> float | None:
    return None if tally is None else tally.value(measure)


def value_text(measure: PerformanceMeasure, value: float | None) -> str:
    """A figure as the page shows it; a dash of too few people."""
    if value is None:
        return "–"
    if measure in RATES:
        return percent(value, 1)
    return number(value, 3 if measure is PerformanceMeasure.ORDERS else 2)


def name_of(unit: Unit, period: PerformancePeriod, zone: ZoneInfo) -> str:
    return period_name(unit, Period(period.start, period.end, 0, ()), zone)


def performance_charts(
    periods: Sequence[PerformancePeriod], unit: Unit, zone: ZoneInfo, at: datetime
) -> list[charts.Chart]:
    """A chart for each measure of which anything is known.

    Of the periods that are over: a line must not fall because a week has only begun.
    """
    past = [period for period in periods if period.end <= at]
    return [
        _chart(past, measure, unit, zone)
        for measure in PerformanceMeasure
        if any(period.everyone.value(measure) for period in past)
    ]


def _chart(
    periods: Sequence[PerformancePeriod],
    measure: PerformanceMeasure,
    unit: Unit,
    zone: ZoneInfo,
) -> charts.Chart:
    scale = 100 if measure in RATES else 1
    lines = []
    for name, colour, values in (
        (gettext("Members"), MEMBERS, [value_of(each.here, measure) for each in periods]),
        (gettext("Everyone"), EVERYONE, [each.everyone.value(measure) for each in periods]),
    ):
        points = [None if value is None else scale * value for value in values]
        lines.append(charts.ChartLine(name, points, colour))
    form = gettext("M Y") if unit is Unit.MONTH else gettext("j M")
    slots = [_slot_text(unit, period, measure, zone) for period in periods]
    return charts.draw(
        key=measure.value,
        title=str(TITLES[measure]),
        summary=gettext("The last whole period: %(period)s. The table has all figures.")
        % {"period": slots[-1]},
        panels=[charts.Panel(lines, 160, whole=False, holds=(0,))],
        labels=[date_format(each.start.astimezone(zone), form) for each in periods],
        slots=slots,
    )


def _slot_text(
    unit: Unit, period: PerformancePeriod, measure: PerformanceMeasure, zone: ZoneInfo
) -> str:
    return gettext("%(period)s: members %(here)s, everyone %(everyone)s") % {
        "period": name_of(unit, period, zone),
        "here": value_text(measure, value_of(period.here, measure)),
        "everyone": value_text(measure, period.everyone.value(measure)),
    }


# --- the file ------------------------------------------------------------------------------------


def performance_file(periods: Sequence[PerformancePeriod], zone: ZoneInfo) -> bytes:
    """The table as CSV: a header, then the periods, oldest first.

    Times are ISO 8601 with the offset of the zone; `to` is the exclusive end. Rates are shares of
    0 to 1. A cell is empty where too few people are behind it.
    """
    names = [f"{m.value}_{who}" for m in PerformanceMeasure for who in ("members", "everyone")]
    rows: list[list[object]] = [["from", "to", "members", "everyone", *names]]
    for period in periods:
        figures = [
            tally.value(measure) if tally else None
            for measure in PerformanceMeasure
            for tally in (period.here, period.everyone)
        ]
        rows.append(
            [
                *(_time(instant, zone) for instant in (period.start, period.end)),
                "" if period.here is None else period.here.people,
                period.everyone.people,
                *("" if figure is None else round(figure, 6) for figure in figures),
            ]
        )
    return csv_lines(rows, byte_order_mark=True)


def _time(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat()
