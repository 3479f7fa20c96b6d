"""The pages of segments: the list, and each segment."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
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
from segmenter.kernel.errors import ApplicationError
from segmenter.kernel.pagination import Order, page_of
from segments.engine.drafts import unfinished_drafts
from segments.engine.editing import delete_segment, save_segment, set_active, set_star
from segments.engine.revisions import Revision, read_signed
from segments.engine.watermark import watermark
from segments.page import current_build, may_write, segment_context, segment_or_404
from segments.pages import queries
from segments.pages.first_steps import first_steps
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


# --- the list ------------------------------------------------------------------------------------


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The account's segments: searched, filtered by tag or star, sorted."""
    account, words = request.seat.account, search_words(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in ORDERS else "-updated"
    tag, starred = request.GET.get("tag", ""), "starred" in request.GET
    segments = queries.find_segments(account, words=words, tag=tag, starred=starred)
    parameters = {name: text for name, text in (("q", words), ("tag", tag)) if text}
    parameters |= {"starred": "1"} if starred else {}
    total = segments.count()
    has_segment = total > 0 or bool(parameters)  # a filter is offered where there are some
    context = {
        "watermark": watermark(account, now()),  # before the counts that it applies to
        "page": page_of(segments, ORDERS[sort], size=PAGE_SIZE, **cursors(request)),
        "total": total,
        "tags": queries.tags_of(account),
        "words": words,
        "tag": tag,
        "starred": starred,
        "sort": sort,
        "heads": [
            sort_head(name, label, sort, parameters, ascending=name == "name")
            for name, label in HEADS
        ],
        "query": urlencode({**parameters, "sort": sort}) + "&",
        "may_write": may_write(request),
        "steps": first_steps(account, has_segment=has_segment),
        "drafts": list(unfinished_drafts(request.seat)) if may_write(request) else [],
    }
    return render_page_or_part(request, "segments/pages/list.html", context)


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
def definition(request: SeatRequest, key: str) -> HttpResponse:
    """The segment's definition: as a sentence, a tree with counts, JSON, and its versions."""
    segment = segment_or_404(request, key)
    context = segment_context(request, segment, "definition") | {
        "text": queries.definition_text(segment, now()),
        "json": json.dumps(segment.definition, indent=2, ensure_ascii=False),
        "versions": queries.versions_of(segment),
        "revision": Revision.of(segment),
    }
    return render(request, "segments/pages/definition.html", context)


@require_GET
@page()
def use(request: SeatRequest, key: str) -> HttpResponse:
    """The uses of the segment's members, and a log of what was used: what, by whom, when."""
    segment = segment_or_404(request, key)
    context = segment_context(request, segment, "use") | {
        "records": latest_records(segment, PAGE_SIZE),
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


@require_POST
@page(Role.MARKETER)
def activate(request: SeatRequest, key: str) -> HttpResponseBase:
    """Resume or stop updates of the segment (`on`)."""
    on = request.POST.get("on") == "1"
    set_active(segment_or_404(request, key), on=on, at=now())
    messages.success(
        request,
        _("The segment is kept up to date again.")
        if on
        else _("The segment stays as it is from now on."),
    )
    return redirect("segments:detail", key)


@require_POST
@page(Role.MARKETER)
def restore(request: SeatRequest, key: str) -> HttpResponseBase:
    """Make an earlier version's definition the current one."""
    segment = segment_or_404(request, key)
    version = queries.version_of(segment, request.POST.get("version", ""))
    if version is None:
        raise Http404
    text = request.POST.get("revision", "")
    since = read_signed(text) if text else Revision.of(segment)
    if since is None or since.account != request.seat.account.slug:
        raise Http404
    try:
        save_segment(
            account=request.seat.account,
            user=request.seat.user,
            name=segment.name,
            definition=version.definition,
            segment=segment,
            at=now(),
            since=since,
        )
    except ApplicationError as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
        return redirect("segments:definition", key)
    messages.success(request, _("Version %(number)s is restored.") % {"number": version.number})
    return redirect("segments:detail", key)


@require_POST
@page(Role.MARKETER)
def delete(request: SeatRequest, key: str) -> HttpResponseBase:
    segment = segment_or_404(request, key)
    try:
        delete_segment(account=request.seat.account, segment=segment)
    except ApplicationError as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
        return redirect("segments:detail", key)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": segment.name})
    return redirect("segments:list")
