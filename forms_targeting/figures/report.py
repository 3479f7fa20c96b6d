"""The figures of one form in a range of days: totals, by day, by one other part; chart and file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from forms_targeting.engine.figures import (
    Breakdown,
    DayRange,
    FormFigures,
    Parts,
    count_breakdowns,
)
from forms_targeting.figures.experiment import VariantResult, compare_variants
from forms_targeting.figures.wording import day_name, part_name, rate_text
from forms_targeting.models import Form
from predictions.numerics.experiments.proportions import Proportion
from predictions.pages.wording import number
from segmenter.kernel import charts
from segmenter.kernel.csv_writer import csv_lines
from segments.campaigns.wording import amount

COLUMNS = ("views", "submissions", "rate", "people", "orders", "revenue")
"""Columns of every file, after the part that it is by."""


@dataclass(frozen=True)
class FigureRow:
    """A part of the figures."""

    part: Any
    name: str
    figures: FormFigures

    @property
    def rate(self) -> str:
        return rate_text(self.figures)

    @property
    def revenue(self) -> str:
        return amount(self.figures.revenue)


@dataclass(frozen=True)
class FormReport:
    """The figures of a form."""

    days: DayRange
    by: Breakdown
    total: FormFigures
    by_day: Parts
    rows: list[FigureRow]
    """By the chosen part: days newest first, others most views first."""
    variants: Parts


def make_report(
    form: Form, days: DayRange, by: Breakdown, *, at: datetime, revenue_days: int
) -> FormReport:
    """Count a form's figures."""
    breakdowns = {Breakdown.DAY, Breakdown.VARIANT, by}
    figures = count_breakdowns(form, days, breakdowns, at=at, revenue_days=revenue_days)
    by_day = {day: figures[Breakdown.DAY].get(day, FormFigures()) for day in days.days}
    total = sum(by_day.values(), FormFigures())
    if by is Breakdown.DAY:
        parts: Parts = dict(reversed(by_day.items()))
    else:
        parts = dict(
            sorted(
                figures[by].items(),
                key=lambda item: (-item[1].views, -item[1].submissions, str(item[0])),
            )
        )
    versions = (
        {row.pk: row for row in form.versions.select_related("variant")}
        if by is Breakdown.VERSION
        else {}
    )
    rows = [FigureRow(part, part_name(by, part, versions), each) for part, each in parts.items()]
    return FormReport(days, by, total, by_day, rows, figures[Breakdown.VARIANT])


def variant_result(report: FormReport) -> VariantResult | None:
    """Compare the form's variants; None while there is nothing to compare."""
    return compare_variants(
        {
            # A view that was lost on its way makes no rate over 100 %.
            letter: Proportion(part.submissions, max(part.views, part.submissions))
            for letter, part in report.variants.items()
        }
    )


def figures_chart(report: FormReport) -> charts.Chart:
    """Views as a line above submissions as bars, for each day."""
    days = list(report.by_day)
    figures = list(report.by_day.values())
    views = charts.ChartLine(_("Views"), [each.views for each in figures], 1)
    submissions = charts.Bars(_("Submissions"), [each.submissions for each in figures], 2)
    about = {
        "first": day_name(days[0]),
        "last": day_name(days[-1]),
        "views": number(report.total.views),
        "submissions": number(report.total.submissions),
    }
    return charts.draw(
        key="figures",
        title=_("Views and submissions by day"),
        summary=_(
            "From %(first)s to %(last)s: %(views)s views and %(submissions)s submissions."
            " The table by day has all figures."
        )
        % about,
        panels=[charts.Panel([views], 160), charts.Panel([submissions], 100)],
        labels=[date_format(day, _("j M")) for day in days],
        slots=[_slot(day, each) for day, each in report.by_day.items()],
    )


def _slot(day: Any, figures: FormFigures) -> str:
    return _("%(day)s: %(views)s views, %(submissions)s submissions") % {
        "day": day_name(day),
        "views": number(figures.views),
        "submissions": number(figures.submissions),
    }


def figures_file(report: FormReport) -> bytes:
    """The table of a report as CSV: days oldest first, pages and devices as they are stored."""
    rows: list[list[object]] = [[report.by.value, *COLUMNS]]
    parts = reversed(report.rows) if report.by is Breakdown.DAY else report.rows
    for row in parts:
        figures = row.figures
        name = (
            row.part if report.by in (Breakdown.DAY, Breakdown.PAGE, Breakdown.DEVICE) else row.name
        )
        rate = "" if figures.rate is None else round(figures.rate, 6)
        rows.append(
            [
                str(name),
                *(figures.views, figures.submissions, rate),
                *(figures.people, figures.orders, round(figures.revenue, 2)),
            ]
        )
    return csv_lines(rows, byte_order_mark=True)
