"""The pages of a segment's past: its growth, its members on a date, who entered and left."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
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
from segments.engine.growth_chart import growth_chart
from segments.engine.growth_range import PRESETS, Range, day_of, preset_label, read_range
from segments.engine.past_growth import INSTANT, SegmentPast
from segments.history import ledger
from segments.history.activity_dates import date_presets, instant_of, read_dates
from segments.history.growth_csv import growth_file
from segments.history.growth_rows import Ends, growth_rows
from segments.models import Segment
from segments.page import segment_context, segment_or_404

NEWEST = Order("at", descending=True)


# --- growth --------------------------------------------------------------------------------------


def _report(
    request: SeatRequest, segment: Segment, past: SegmentPast, at: datetime
) -> tuple[Range, Growth]:
    zone = request.seat.account.zone
    date_range = read_range(
        request.GET.dict(),
        created=past.begin.astimezone(zone).date(),
        today=at.astimezone(zone).date(),
    )
    start, end = date_range.start(zone), date_range.end(zone)
    return date_range, growth_report(segment, unit=date_range.unit, start=start, end=end, at=at)


@require_GET
@page()
def growth(request: SeatRequest, key: str) -> HttpResponse:
    """How the segment grew: chart, table, and the form for the members on a date.

    Sizes of the time before the segment are computed by a second request (`?past`).
    """
    segment, at = segment_or_404(request, key), now()
    zone, past = request.seat.account.zone, SegmentPast(segment)
    date_range, report = _report(request, segment, past, at)
    to_compute = past.count(report)
    computed = past.sizes(report) if to_compute and "past" in request.GET else None
    dates = {"from": date_range.first, "to": date_range.last}
    parameters = {"last": date_range.preset} if date_range.preset is not None else dates
    rows = growth_rows(segment, report, computed, at)
    context = segment_context(request, segment, "growth") | {
        "date_range": date_range,
        "report": report,
        "past": past,
        "computed": computed,
        "to_compute": 0 if computed else to_compute,
        "chart": growth_chart(report, zone, created=segment.created, computed=computed),
        "rows": rows,
        "ends": Ends.of(segment, report, computed),
        "units": list(Unit),
        "presets": [(n, preset_label(date_range.unit, n)) for n in PRESETS[date_range.unit]],
        "created": past.begin.astimezone(zone).date(),
        "today": at.astimezone(zone).date(),
        "query": urlencode({"unit": date_range.unit.value, **parameters}),
    }
    return render_page_or_part(request, "segments/history/growth.html", context)


@require_GET
@page()
def growth_csv(request: SeatRequest, key: str) -> HttpResponse:
    """The growth table as a CSV file."""
    segment = segment_or_404(request, key)
    past = SegmentPast(segment)
    date_range, report = _report(request, segment, past, now())
    computed = past.sizes(report) if past.count(report) else None
    file = growth_file(report, request.seat.account.zone, computed)
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
    today, before = at.astimezone(zone).date(), SegmentPast(segment)
    day = min(day_of(request.GET.get("day", "")) or today, today)
    until = instant_of(request.GET.get("until", ""))
    end = until or start_of_day(day + timedelta(days=1), zone)
    instant = min(end - INSTANT, at)
    is_computed = before.reaches(instant)
    if is_computed:
        past = before.members(instant, limit=PAGE_SIZE, **_ids(request))
    else:
        past = members_on(segment, instant, limit=PAGE_SIZE, **_ids(request))
    context = segment_context(request, segment, "growth") | {
        "past": past,
        "page": past,
        "stays": ledger.stays_of(segment, past.ids, instant),
        "day": day if until is None else until.astimezone(zone).date(),
        "until": until,
        "is_now": instant == at,
        "is_computed": is_computed,
        "obstacle": before.obstacle if instant < segment.created else "",
        "created": before.begin.astimezone(zone).date(),
        "today": today,
        "query": urlencode({"until": request.GET["until"]} if until else {"day": day}) + "&",
    }
    return render_page_or_part(request, "segments/history/on.html", context)


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
    zone, at = request.seat.account.zone, now()
    way, cause = request.GET.get("way", ""), request.GET.get("cause", "")
    way = way if way in ("entered", "left") else ""
    cause = cause if cause in Cause.values else ""
    dates = read_dates(request.GET.dict(), zone)
    changes = ledger.ledger_of(segment, dates, way=way, cause=cause, words=words)
    log = page_of(changes, NEWEST, size=PAGE_SIZE, **cursors(request))
    filters = {"q": words, "way": way, "cause": cause}
    others = {name: text for name, text in filters.items() if text}
    parameters = others | dates.parameters
    presets = date_presets(at.astimezone(zone).date())
    context = segment_context(request, segment, "activity") | {
        "page": log,
        "rows": ledger.with_people(segment, log.rows),
        "total": changes.count(),
        "way": way,
        "words": words,
        "cause": cause,
        "causes": Cause.choices,
        "dates": dates,
        "presets": [(preset, _with(others, preset.query)) for preset in presets],
        "without_dates": urlencode(others),
        "today": at.astimezone(zone).date(),
        "query": urlencode(parameters) + "&" if parameters else "",
    }
    return render_page_or_part(request, "segments/history/activity.html", context)


def _with(parameters: dict[str, str], query: str) -> str:
    return f"{urlencode(parameters)}&{query}" if parameters else query


@require_GET
@page()
def of_person(request: SeatRequest, profile_id: str) -> HttpResponse:
    """Which segments a person entered and left, when and why."""
    account = request.seat.account
    profile = profile_or_404(request, profile_id)
    changes = ledger.ledger_of_person(account, profile)
    log = page_of(changes, NEWEST, size=PAGE_SIZE, **cursors(request))
    context = {
        "profile": profile,
        "page": log,
        "total": changes.count(),
        "rows": ledger.with_person(account, profile, log.rows),
        "query": "",
    }
    return render(request, "segments/history/person_activity.html", context)
