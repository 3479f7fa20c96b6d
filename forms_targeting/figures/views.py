"""The figures of one form, which are the first tab of its page."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from forms_targeting.engine.figures import REVENUE_DAYS, Breakdown, DayRange
from forms_targeting.engine.form_page import form_context, form_or_404
from forms_targeting.figures.experiment import VariantResult
from forms_targeting.figures.report import (
    figures_chart,
    figures_file,
    make_report,
    variant_result,
)
from forms_targeting.figures.wording import BREAKDOWNS, PART_LABELS, rate_text, result_text
from forms_targeting.models import Form
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.kernel.clock import now
from segments.campaigns.wording import amount, percent
from segments.engine.growth import Unit
from segments.engine.growth_range import PRESETS, Range, preset_label, read_range

REVENUE_CHOICES = (7, 30, 90)
MOST_ROWS = 100
"""Pages in the table; the file has all of them."""


def _choice(request: SeatRequest, form: Form, today: date) -> tuple[Range, Breakdown, int]:
    """The days, what the table is by, and how long after a submission orders count."""
    zone = request.seat.account.zone
    query = {name: request.GET.get(name, "") for name in ("from", "to", "last")}
    date_range = read_range(query, created=form.created.astimezone(zone).date(), today=today)
    by = request.GET.get("by", "")
    days = request.GET.get("within", "")
    revenue_days = next((n for n in REVENUE_CHOICES if str(n) == days), REVENUE_DAYS)
    return date_range, Breakdown(by) if by in list(Breakdown) else Breakdown.DAY, revenue_days


@require_GET
@page()
def form_figures(request: SeatRequest, key: str) -> HttpResponse:
    """Totals, chart, table and the comparison of variants."""
    form, at = form_or_404(request, key), now()
    today = at.astimezone(request.seat.account.zone).date()
    date_range, by, revenue_days = _choice(request, form, today)
    days = DayRange(date_range.first, date_range.last)
    report = make_report(form, days, by, at=at, revenue_days=revenue_days)
    result = variant_result(report)
    parameters = _parameters(date_range, by, revenue_days)
    context = form_context(request, form, "figures") | {
        "date_range": date_range,
        "created": form.created.astimezone(request.seat.account.zone).date(),
        "today": today,
        "report": report,
        "rows": report.rows[:MOST_ROWS],
        "n_more": max(len(report.rows) - MOST_ROWS, 0),
        "chart": figures_chart(report),
        "verdict": result_text(result) if result else None,
        "variant_rows": _variant_rows(result) if result else [],
        "by": by,
        "by_label": PART_LABELS[by],
        "total_rate": rate_text(report.total),
        "total_revenue": amount(report.total.revenue),
        "within": revenue_days,
        "breakdowns": [
            (each.value, label, urlencode({**parameters, "by": each.value}), each is by)
            for each, label in BREAKDOWNS.items()
        ],
        "presets": [
            (
                preset_label(Unit.DAY, n),
                urlencode({**_rest(parameters), "last": n}),
                n == date_range.preset,
            )
            for n in PRESETS[Unit.DAY]
        ],
        "withins": [
            (n, urlencode({**parameters, "within": n}), n == revenue_days) for n in REVENUE_CHOICES
        ],
        "query": urlencode(parameters),
    }
    return render_page_or_part(request, "forms_targeting/figures/form.html", context)


def _variant_rows(result: VariantResult) -> list[dict[str, Any]]:
    """The variants by letter, each with its rate and the interval of 95 %."""
    return [
        {
            "letter": letter,
            "tally": tally,
            "is_best": letter == result.best,
            "rate": percent(tally.rate or 0),
            "low": percent(result.interval(letter).low),
            "high": percent(result.interval(letter).high),
        }
        for letter, tally in sorted(result.tallies.items())
    ]


def _parameters(date_range: Range, by: Breakdown, revenue_days: int) -> dict[str, Any]:
    days = {"from": date_range.first, "to": date_range.last}
    chosen_days = {"last": date_range.preset} if date_range.preset is not None else days
    return {**chosen_days, "by": by.value, "within": revenue_days}


def _rest(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters without those of the days."""
    return {name: value for name, value in parameters.items() if name in ("by", "within")}


@require_GET
@page()
def figures_csv(request: SeatRequest, key: str) -> HttpResponse:
    """The table as a CSV file."""
    form, at = form_or_404(request, key), now()
    today = at.astimezone(request.seat.account.zone).date()
    date_range, by, revenue_days = _choice(request, form, today)
    days = DayRange(date_range.first, date_range.last)
    report = make_report(form, days, by, at=at, revenue_days=revenue_days)
    response = HttpResponse(figures_file(report), content_type="text/csv; charset=utf-8")
    name = f"{slugify(form.name) or form.key}-{by}-{days.first}-{days.last}"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
