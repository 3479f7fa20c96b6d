"""A segment on two dates: part of the tab "Overlap", and the people of each part."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.kernel.clock import now
from segments.compare.people_page import ids_of, people_page
from segments.compare.two_dates import WAYS, TwoDates, compare_dates, read_dates
from segments.page import segment_context, segment_or_404


def _labels() -> dict[str, str]:
    return {
        "both": pgettext("two dates", "In on both dates"),
        "left": pgettext("two dates", "Left"),
        "entered": pgettext("two dates", "Entered"),
    }


@require_GET
@page()
def two_dates(request: SeatRequest, key: str) -> HttpResponse:
    """Who was in on both of two dates, who left and who entered in between."""
    segment, at = segment_or_404(request, key), now()
    zone = request.seat.account.zone
    dates = read_dates(request.GET.dict(), segment, at)
    comparison = compare_dates(segment, dates)
    labels = _labels()
    context = segment_context(request, segment, "overlap") | {
        "dates": dates,
        "comparison": comparison,
        "created": segment.created.astimezone(zone).date(),
        "today": at.astimezone(zone).date(),
        "rows": [
            {
                "label": labels[way],
                "count": len(comparison.ids(way)),
                "causes": comparison.causes.get(way, []),
                "query": _query(dates, way),
            }
            for way in WAYS
        ],
    }
    return render_page_or_part(request, "segments/compare/dates.html", context)


@require_GET
@page()
def date_people(request: SeatRequest, key: str) -> HttpResponse:
    """The people of one part (`way`) of a comparison of two dates."""
    segment = segment_or_404(request, key)
    dates, way = read_dates(request.GET.dict(), segment, now()), request.GET.get("way", "")
    if way not in WAYS:
        raise Http404
    ids = compare_dates(segment, dates).ids(way)
    context = segment_context(request, segment, "overlap") | {
        "dates": dates,
        "title": _labels()[way],
        "page": people_page(request.seat.account, ids, **ids_of(request)),
        "query": f"{_query(dates, way)}&",
        "back": _query(dates),
    }
    return render(request, "segments/compare/date_people.html", context)


def _query(dates: TwoDates, way: str = "") -> str:
    parameters = {"first": dates.first.isoformat(), "second": dates.second.isoformat()}
    return urlencode(parameters | ({"way": way} if way else {}))
