"""The pages of segments: the list, and each segment. What changes them is in `care_views`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from profiles.queries import search_people
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import PAGE_SIZE, cursors, search_words, sort_head
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.pagination import Order, page_of
from segments.engine.deletion import deleted_segments
from segments.engine.dependents import dependents_of, own_dependents
from segments.engine.drafts import unfinished_drafts
from segments.engine.editing import set_star
from segments.engine.queries import segments_of
from segments.engine.watermark import watermark
from segments.page import current_build, may_write, segment_context, segment_or_404
from segments.pages import list_rows, queries
from segments.pages.care import MOST_COMPARED
from segments.pages.first_steps import first_steps
from segments.pages.list_rows import ListFilters
from segments.uses import latest_records

ORDERS = {
    "-updated": Order("updated", descending=True),
    "updated": Order("updated"),
    "name": Order("name"),
    "-name": Order("name", descending=True),
    "-size": Order("size", descending=True),
    "size": Order("size"),
}
HEADS = (
    ("name", gettext_lazy("Name")),
    ("size", gettext_lazy("People")),
    ("updated", gettext_lazy("Updated")),
)
MEMBER_ORDERS = {
    "-entered": Order("entered", descending=True),
    "entered": Order("entered"),
}


@dataclass(frozen=True)
class FilterChip:
    """A filter of the list, and the query of the page with it, or without it if it is on."""

    label: str
    query: str
    is_on: bool


# --- the list ------------------------------------------------------------------------------------


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The account's segments: searched, filtered, sorted."""
    account, at = request.seat.account, now()
    filters = _filters(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in ORDERS else "-updated"
    segments = list_rows.find_segments(account, filters)
    mark = watermark(account, at)  # before the counts that it applies to
    listing = page_of(segments, ORDERS[sort], size=PAGE_SIZE, **cursors(request))
    total = segments.count()
    has_segment = total > 0 or bool(filters.parameters)  # a filter is offered where there are some
    context = {
        "watermark": mark,
        "page": listing,
        "rows": list_rows.list_rows(account, listing.rows, at),
        "total": total,
        "tags": list_rows.tags_of(account),
        "filters": filters,
        "chips": _chips(filters),
        "words": filters.words,
        "sort": sort,
        "heads": [
            sort_head(name, label, sort, filters.parameters, ascending=name == "name")
            for name, label in HEADS
        ],
        "query": urlencode({**filters.parameters, "sort": sort}) + "&",
        "may_write": may_write(request),
        "steps": first_steps(account, has_segment=has_segment),
        "drafts": list(unfinished_drafts(request.seat)) if may_write(request) else [],
        "soon": segments_of(account).filter(is_active=True, warned__isnull=False).count(),
        "deleted": deleted_segments(account).count() if may_write(request) else 0,
        "most_compared": MOST_COMPARED,
    }
    return render_page_or_part(request, "segments/pages/list.html", context)


def _filters(request: SeatRequest) -> ListFilters:
    state, use = request.GET.get("state", ""), request.GET.get("use", "")
    return ListFilters(
        words=search_words(request),
        tag=request.GET.get("tag", "").replace("\0", ""),
        starred="starred" in request.GET,
        state=state if state in list_rows.STATES else "",
        use=use if use in list_rows.USES else "",
    )


def _chips(filters: ListFilters) -> list[FilterChip]:
    """The filters that are switched on and off, each with the query of the page after it."""
    words = (
        ("starred", "1", _("Starred")),
        ("state", "inactive", _("Inactive")),
        ("use", "used", _("In use")),
        ("use", "unused", _("Not used by anything")),
    )
    chips = []
    for name, value, label in words:
        parameters = filters.parameters
        is_on = parameters.get(name) == value
        others = {key: text for key, text in parameters.items() if key != name}
        chips.append(FilterChip(label, urlencode(others | ({} if is_on else {name: value})), is_on))
    return chips


# --- one segment ---------------------------------------------------------------------------------


@require_GET
@page()
def members(request: SeatRequest, key: str) -> HttpResponse:
    """The members of the segment."""
    segment, words = segment_or_404(request, key), search_words(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in MEMBER_ORDERS else "-entered"
    people = search_people(request.seat.account, words) if words else None
    members_in = queries.members_of(segment, people)
    parameters = {"q": words} if words else {}
    context = segment_context(request, segment, "members") | {
        "page": page_of(members_in, MEMBER_ORDERS[sort], size=PAGE_SIZE, **cursors(request)),
        "words": words,
        "sort": sort,
        "count": members_in.count() if words else segment.size,
        "head": sort_head("entered", _("In since"), sort, parameters),
        "query": urlencode({**parameters, "sort": sort}) + "&",
    }
    return render_page_or_part(request, "segments/pages/members.html", context)


@require_GET
@page()
def use(request: SeatRequest, key: str) -> HttpResponse:
    """The uses of the segment's members, and a log of what was used: what, by whom, when."""
    segment = segment_or_404(request, key)
    context = segment_context(request, segment, "use") | {
        "records": latest_records(segment, PAGE_SIZE),
        "dependents": own_dependents(dependents_of(segment)),
    }
    return render(request, "segments/pages/use.html", context)


@require_GET
@page()
def status(request: SeatRequest, key: str) -> HttpResponse:
    """The progress of the segment's build."""
    segment = segment_or_404(request, key)
    context = {"segment": segment, "build": current_build(segment)}
    response = render(request, "segments/pages/_status.html", context)
    if not segment.is_processing and "whole" in request.GET:
        response["HX-Refresh"] = "true"
    return response


# --- changes -------------------------------------------------------------------------------------


@require_POST
@page(Role.MARKETER)
def star(request: SeatRequest, key: str) -> HttpResponseBase:
    segment = segment_or_404(request, key)
    set_star(segment, on=request.POST.get("on") == "1")
    segment.refresh_from_db(fields=["is_starred"])
    if request.htmx:
        return render(request, "segments/pages/_star.html", {"segment": segment, "may_write": True})
    return redirect("segments:detail", key)
