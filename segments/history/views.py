"""The pages of a segment's past: its growth, its members on a date, who entered and left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from profiles.models import Cause
from profiles.page import profile_or_404
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import PAGE_SIZE, cursors, search_words
from segmenter.kernel.clock import now
from segmenter.kernel.pagination import Order, page_of
from segments.engine.growth import Growth, Unit, growth_report, members_on, start_of_day
from segments.engine.growth_chart import growth_chart, period_name, version_label
from segments.engine.growth_range import PRESETS, Range, day_of, preset_label, read_range
from segments.history import ledger
from segments.history.growth_csv import growth_file
from segments.models import Segment
from segments.page import segment_context, segment_or_404

NEWEST = Order("at", descending=True)
INSTANT = timedelta(microseconds=1)
"""The smallest difference of two times in the database."""


# --- growth --------------------------------------------------------------------------------------


def _report(request: SeatRequest, segment: Segment, at: datetime) -> tuple[Range, Growth]:
    zone = request.seat.account.zone
    date_range = read_range(
        request.GET.dict(),
        created=segment.created.astimezone(zone).date(),
        today=at.astimezone(zone).date(),
    )
    start, end = date_range.start(zone), date_range.end(zone)
    return date_range, growth_report(segment, unit=date_range.unit, start=start, end=end, at=at)


@require_GET
@page()
def growth(request: SeatRequest, key: str) -> HttpResponse:
    """How the segment grew: chart, table, and the form for the members on a date."""
    segment, at = segment_or_404(request, key), now()
    zone = request.seat.account.zone
    date_range, report = _report(request, segment, at)
    dates = {"from": date_range.first, "to": date_range.last}
    parameters = {"last": date_range.preset} if date_range.preset is not None else dates
    context = segment_context(request, segment, "growth") | {
        "date_range": date_range,
        "report": report,
        "chart": growth_chart(report, zone),
        "rows": _rows(segment, report, at),
        "units": list(Unit),
        "presets": [(n, preset_label(date_range.unit, n)) for n in PRESETS[date_range.unit]],
        "created": segment.created.astimezone(zone).date(),
        "today": at.astimezone(zone).date(),
        "query": urlencode({"unit": date_range.unit.value, **parameters}),
    }
    return render_page_or_part(request, "segments/history/growth.html", context)


def _rows(segment: Segment, report: Growth, at: datetime) -> list[dict[str, Any]]:
    """The periods as rows of a table, newest first, each with the query for its members."""
    zone = segment.account.zone
    rows = []
    for number, period in enumerate(report.periods):
        last = min(period.end - INSTANT, at)
        query = (
            {"until": period.end.astimezone(zone).isoformat()}
            if report.unit is Unit.HOUR
            else {"day": last.astimezone(zone).date()}
        )
        rows.append(
            {
                "period": period,
                "name": period_name(report.unit, period, zone),
                "is_open": period.end > at,
                "query": urlencode(query),
                "markers": [
                    (marker.version.number, version_label(marker, zone))
                    for marker in report.markers
                    if marker.period == number
                ],
            }
        )
    return rows[::-1]


@require_GET
@page()
def growth_csv(request: SeatRequest, key: str) -> HttpResponse:
    """The growth table as a CSV file."""
    segment = segment_or_404(request, key)
    date_range, report = _report(request, segment, now())
    file = growth_file(report, request.seat.account.zone)
    response = HttpResponse(file, content_type="text/csv; charset=utf-8")
    days = f"{date_range.unit}-{date_range.first}-{date_range.last}"
    name = f"{slugify(segment.name) or segment.key}-{days}"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


# --- who was in ----------------------------------------------------------------------------------


@require_GET
@page()
def on(request: SeatRequest, key: str) -> HttpResponse:
    """Who was a member at the end of a day (`day`), or just before an instant (`until`)."""
    segment, at = segment_or_404(request, key), now()
    zone = request.seat.account.zone
    today, created = at.astimezone(zone).date(), segment.created.astimezone(zone).date()
    day = min(day_of(request.GET.get("day", "")) or today, today)
    until = _instant(request.GET.get("until", ""))
    end = until or start_of_day(day + timedelta(days=1), zone)
    instant = min(end - INSTANT, at)
    past = members_on(segment, instant, limit=PAGE_SIZE, **_ids(request))
    context = segment_context(request, segment, "growth") | {
        "past": past,
        "page": past,
        "stays": ledger.stays_of(segment, past.ids, instant),
        "day": day if until is None else until.astimezone(zone).date(),
        "until": until,
        "is_now": instant == at,
        "created": created,
        "today": today,
        "query": urlencode({"until": request.GET["until"]} if until else {"day": day}) + "&",
    }
    return render_page_or_part(request, "segments/history/on.html", context)


def _instant(text: str) -> datetime | None:
    try:
        instant = parse_datetime(text)
    except ValueError:
        return None
    return instant if instant and instant.tzinfo and 1970 <= instant.year < 9999 else None


def _ids(request: SeatRequest) -> dict[str, int | None]:
    """The profile ids after or before which the page begins."""
    return {
        name: int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        for name, text in cursors(request).items()
    }


# --- who entered and left ------------------------------------------------------------------------


@require_GET
@page()
def activity(request: SeatRequest, key: str) -> HttpResponse:
    """Who entered and who left, when and why."""
    segment, words = segment_or_404(request, key), search_words(request)
    way, cause = request.GET.get("way", ""), request.GET.get("cause", "")
    way = way if way in ("entered", "left") else ""
    cause = cause if cause in Cause.values else ""
    changes = ledger.ledger_of(segment, way=way, cause=cause, words=words)
    log = page_of(changes, NEWEST, size=PAGE_SIZE, **cursors(request))
    parameters = {
        name: text for name, text in (("q", words), ("way", way), ("cause", cause)) if text
    }
    context = segment_context(request, segment, "activity") | {
        "page": log,
        "rows": ledger.with_people(segment, log.rows),
        "way": way,
        "words": words,
        "cause": cause,
        "causes": Cause.choices,
        "query": urlencode(parameters) + "&" if parameters else "",
    }
    return render_page_or_part(request, "segments/history/activity.html", context)


@require_GET
@page()
def of_person(request: SeatRequest, profile_id: str) -> HttpResponse:
    """Which segments a person entered and left, when and why."""
    profile = profile_or_404(request, profile_id)
    changes = ledger.ledger_of_person(request.seat.account, profile)
    log = page_of(changes, NEWEST, size=PAGE_SIZE, **cursors(request))
    rows = [ledger.LedgerRow(change, profile) for change in log.rows]
    context = {"profile": profile, "page": log, "rows": rows, "query": ""}
    return render(request, "segments/history/person_activity.html", context)
