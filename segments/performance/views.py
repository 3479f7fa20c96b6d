"""The tab "Performance" of a segment."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.kernel.clock import now
from segments.engine.growth import Unit
from segments.engine.growth_range import preset_label
from segments.engine.small_groups import LEAST_PEOPLE
from segments.page import segment_context, segment_or_404
from segments.performance.figures import (
    PerformanceMeasure,
    PerformancePeriod,
    WhoseMembers,
    performance,
)
from segments.performance.periods import PRESETS, ReportRange, read_report
from segments.performance.report_text import (
    TITLES,
    name_of,
    performance_charts,
    performance_file,
    value_of,
    value_text,
)


@require_GET
@page()
def report(request: SeatRequest, key: str) -> HttpResponse:
    """What members and everyone did over time: charts and a table."""
    segment, at = segment_or_404(request, key), now()
    zone = request.seat.account.zone
    choice = read_report(request.GET.dict(), segment, at)
    periods = performance(segment, choice.edges, choice.whose)
    context = segment_context(request, segment, "performance") | {
        "choice": choice,
        "charts": performance_charts(periods, choice.unit, zone, at),
        "is_early": choice.whose is WhoseMembers.THEN and not choice.known,
        "least": LEAST_PEOPLE,
        "choosers": _choosers(choice),
        "query": _query(choice),
        "heads": [TITLES[measure] for measure in PerformanceMeasure],
        "rows": [
            {
                "name": name_of(choice.unit, period, zone),
                "is_open": period.end > at,
                "here": period.here,
                "everyone": period.everyone.people,
                "cells": _cells(period),
            }
            for period in reversed(periods)
        ],
    }
    return render_page_or_part(request, "segments/performance/report.html", context)


@require_GET
@page()
def report_csv(request: SeatRequest, key: str) -> HttpResponse:
    """The table as a CSV file."""
    segment, at = segment_or_404(request, key), now()
    choice = read_report(request.GET.dict(), segment, at)
    file = performance_file(
        performance(segment, choice.edges, choice.whose), request.seat.account.zone
    )
    response = HttpResponse(file, content_type="text/csv; charset=utf-8")
    name = f"{slugify(segment.name) or segment.key}-performance-{choice.unit}"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _choosers(choice: ReportRange) -> list[dict[str, Any]]:
    """The rows of choices: label, and options with their links."""
    units = {Unit.WEEK: _("By week"), Unit.MONTH: _("By month")}
    sides = {WhoseMembers.THEN: _("Members then"), WhoseMembers.NOW: _("Members now")}
    return [
        {
            "label": _("Periods"),
            "options": [
                _option(f"by-{unit}", text, unit == choice.unit, _query(choice, unit=unit, last=""))
                for unit, text in units.items()
            ],
        },
        {
            "label": _("How far back"),
            "options": [
                _option(
                    f"last-{n}",
                    preset_label(choice.unit, n),
                    n == choice.last,
                    _query(choice, last=str(n)),
                )
                for n in PRESETS[choice.unit]
            ],
        },
        {
            "label": _("Whose line"),
            "options": [
                _option(f"members-{side}", text, side == choice.whose, _query(choice, members=side))
                for side, text in sides.items()
            ],
        },
    ]


def _option(name: str, label: str, is_current: bool, query: str) -> dict[str, Any]:
    return {"id": name, "label": label, "is_current": is_current, "query": query}


def _query(choice: ReportRange, **changes: str) -> str:
    parameters = {"unit": choice.unit, "last": str(choice.last), "members": choice.whose}
    return urlencode({name: text for name, text in (parameters | changes).items() if text})


def _cells(period: PerformancePeriod) -> list[tuple[Any, str, str]]:
    """Head, the members' figure and everyone's, for each measure."""
    return [
        (
            TITLES[measure],
            value_text(measure, value_of(period.here, measure)),
            value_text(measure, period.everyone.value(measure)),
        )
        for measure in PerformanceMeasure
    ]
