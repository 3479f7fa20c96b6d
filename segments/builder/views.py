"""The builder's pages and its answers while something is built. Each parses, calls a verb, renders.

Nothing is kept as a draft before it has been drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.middleware import SESSION_KEY
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid, Problem
from segments.builder.circles import circles
from segments.builder.defaults import settled
from segments.builder.edits import EDITS
from segments.builder.edits.fields import put
from segments.builder.edits.spots import resolve
from segments.builder.first_values import first_difference, first_number, with_first_values
from segments.builder.forms import read
from segments.builder.limits import check_drawable
from segments.builder.live_preview import look
from segments.builder.page import (
    BuilderRequest,
    definition_text,
    draft_page,
    drawing_context,
    form_of,
    fresh_page,
    refusal,
    segment_of,
    write,
)
from segments.builder.partial import owner_of
from segments.builder.people import people_matching
from segments.builder.sources.conditions import recent_suggestions
from segments.builder.suggestions import suggestions
from segments.engine import drafts
from segments.engine.vocabulary import Catalog
from segments.models import Draft, Segment

RECENT = "builder_recent"
MOST_RECENT = 6
MOST_TEXT = 1_000_000
_BEGINNINGS = frozenset({"put", "set", "add", "kind"})
"""Edits after which a condition may be about something else."""


def _json(text: str) -> Any:
    """JSON from the page; nothing if it is none, or holds what the database cannot keep."""
    try:
        value = json.loads(text) if 0 < len(text) <= MOST_TEXT else None
        plain = json.dumps(value, ensure_ascii=False, allow_nan=False)
        plain.encode()
    except (ValueError, RecursionError):
        return None
    return None if "\\u0000" in plain else value


# --- the page ------------------------------------------------------------------------------------


@require_GET
@never_cache
@page(Role.MARKETER)
def new(request: SeatRequest) -> HttpResponseBase:
    """The builder for a new segment: a draft, a copy, a `definition` of another page, or empty."""
    key = request.GET.get("draft", "")
    if key:
        return _open(request, key, None)
    source = segment_of(request, request.GET.get("from", ""))
    if source is not None:
        name = _("Copy of %(name)s") % {"name": source.name}
        tags = [tag.name for tag in source.tags.all()]
        return _with_source(request, BuilderRequest(None, name[:200], tags, source.definition))
    definition = _json(request.GET.get("definition", ""))
    if isinstance(definition, dict):
        name = request.GET.get("name", "").replace("\0", "")[:200]
        return _with_source(request, BuilderRequest(None, name, [], definition))
    return fresh_page(request, None)


def _with_source(request: SeatRequest, source: BuilderRequest) -> HttpResponse:
    try:
        check_drawable(source.definition)
    except Invalid as error:
        return fresh_page(request, None, refused=error)
    return fresh_page(request, None, source=source)


@require_GET
@never_cache
@page(Role.MARKETER)
def edit_segment(request: SeatRequest, key: str) -> HttpResponseBase:
    """The builder for a segment that exists: a draft of it, or what is saved."""
    draft_key = request.GET.get("draft", "")
    try:
        segment = segment_of(request, key)
    except Http404:
        if not draft_key:
            raise
        return _open(request, draft_key, None)
    assert segment is not None
    if draft_key:
        return _open(request, draft_key, segment)
    try:
        check_drawable(segment.definition)
    except Invalid as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
        return redirect("segments:definition", key)
    return fresh_page(request, segment)


def _open(request: SeatRequest, key: str, segment: Segment | None) -> HttpResponseBase:
    """The draft with this key, or the builder that waits for its first change.

    A draft in another of the person's accounts opens that account: after signing in again, the
    first one is open.
    """
    draft = drafts.find_draft(request.seat, key)
    if draft is None and not drafts.is_key_of(request.seat, key):
        for seat in request.seats:
            if drafts.is_key_of(seat, key):
                request.session[SESSION_KEY] = seat.account_id
                return redirect(request.get_full_path())
        raise Http404
    if draft is None:
        return fresh_page(request, segment, key=key)
    if draft.closed:
        return _after(draft)
    if draft.segment != segment:
        return redirect(drafts.draft_url(key, draft.segment))
    return draft_page(request, draft)


def _after(draft: Draft) -> HttpResponseBase:
    """The page after a draft that was saved or discarded."""
    return (
        redirect("segments:edit", draft.segment.key) if draft.segment else redirect("segments:new")
    )


# --- while it is built ---------------------------------------------------------------------------


@require_POST
@page(Role.MARKETER)
def preview(request: SeatRequest) -> HttpResponse:
    """Counts for the form as it is; keeps it as a draft."""
    try:
        form = form_of(request)
    except Invalid as error:
        return refusal(request, error)
    key = form.segment.key if form.segment else ""
    outlook = look(request.seat.account, form.definition, now(), key)
    context = {"outlook": outlook, "definition": definition_text(form.definition)}
    context["refusals"] = _of_a_closed_draft(request, form)
    response = render(request, "segments/builder/_preview.html", context)
    write(request, form)
    return response


@require_POST
@page(Role.MARKETER)
def edit(request: SeatRequest) -> HttpResponse:
    """Change the definition in the form (`do`, `at`, `value`) and draw it anew."""
    try:
        form, catalog = form_of(request), Catalog(request.seat.account)
    except Invalid as error:
        return refusal(request, error)
    doing, at = request.POST.get("do", ""), request.POST.get("at", "")
    value = _json(request.POST.get("value", ""))
    if doing not in EDITS:
        return HttpResponse(status=400)
    try:
        definition, focus = EDITS[doing](dict(form.definition), at, value)
        begins = doing in _BEGINNINGS
        definition, first_value = _settled(definition, focus or at, catalog, begins=begins)
        check_drawable(definition)
    except RecursionError:
        return refusal(request, Invalid(Problem("", "too_deep", _("This is nested too deep."))))
    except Invalid as error:
        return refusal(request, error)
    if doing in ("put", "add") and isinstance(value, Mapping) and value.get("type"):
        _remember(request, value)
    return _drawing(request, form._replace(definition=definition), first_value or focus)


def _settled(
    definition: dict[str, Any], pointer: str, catalog: Catalog, *, begins: bool
) -> tuple[dict[str, Any], str]:
    """The definition with the condition at a place settled after a choice.

    With the pointer of the first value that was filled in; empty if none was.
    """
    owner = owner_of(pointer)
    member = resolve(definition, owner) if owner else None
    while isinstance(member, dict) and "not" in member:
        member, owner = member["not"], f"{owner}/not"
    if not isinstance(member, dict) or "type" not in member:
        return definition, ""
    plain = settled(member, catalog)
    complete = with_first_values(plain, catalog.account, now(), begins=begins)
    first = first_difference(plain, complete, owner)
    if begins and not first:
        first = first_number(complete, owner)
    return put(definition, owner, complete).definition, first


@require_POST
@page(Role.MARKETER)
def draw(request: SeatRequest) -> HttpResponse:
    """Draw a definition that the page has kept (undo, redo)."""
    definition = _json(request.POST.get("definition", ""))
    if not isinstance(definition, dict):
        return HttpResponse(status=400)
    try:
        check_drawable(definition)
        form = form_of(request)._replace(definition=definition)
    except Invalid as error:
        return refusal(request, error)
    return _drawing(request, form, "")


def _drawing(request: SeatRequest, form: BuilderRequest, focus: str) -> HttpResponse:
    context = drawing_context(request, form, focus)
    context["refusals"] = _of_a_closed_draft(request, form)
    response = render(request, "segments/builder/_drawn.html", context)
    write(request, form)
    return response


def _of_a_closed_draft(request: SeatRequest, form: BuilderRequest) -> list[str]:
    """The message where a draft was saved or discarded in another window."""
    draft = drafts.find_draft(request.seat, form.draft)
    if draft is None or draft.closed is None:
        return []
    return [
        _(
            "This draft was saved or discarded in another window."
            " What you change here is kept only when you save it."
        )
    ]


@require_GET
@page(Role.MARKETER)
def suggest(request: SeatRequest) -> HttpResponse:
    """What a box suggests for what is typed in it."""
    about = {name: str(text)[:500] for name, text in request.GET.items()}
    catalog = Catalog(request.seat.account)
    matches = suggestions(catalog, {**about, "at": now().isoformat()})
    recent = []
    if about.get("what") == "condition" and not about.get("q", "").strip():
        choices = request.session.get(RECENT, {}).get(request.seat.account.slug, [])
        recent = recent_suggestions(catalog, choices)
    context = {"suggestions": matches, "recent": recent, "words": about.get("q", "")}
    return render(request, "segments/builder/_suggestions.html", context)


def _remember(request: SeatRequest, condition: Mapping[str, Any]) -> None:
    """Store the last choice, with the words that led to it, for the next one."""
    words = request.POST.get("words", "")[:100]
    if not words:
        return
    recent = request.session.get(RECENT, {})
    slug, choice = request.seat.account.slug, {"words": words, "value": json.dumps(condition)}
    others = [each for each in recent.get(slug, []) if each["value"] != choice["value"]]
    request.session[RECENT] = {**recent, slug: [choice, *others][:MOST_RECENT]}


@require_POST
@page(Role.MARKETER)
def join(request: SeatRequest) -> HttpResponse:
    """What AND or OR does at a place, as two circles."""
    try:
        picture = circles(
            request.seat.account, read(request.POST), request.POST.get("at", ""), now()
        )
    except Invalid:
        picture = None
    return render(request, "segments/builder/_circles.html", {"circles": picture})


@require_POST
@page(Role.MARKETER)
def people(request: SeatRequest) -> HttpResponse:
    """Some of the people behind a count."""
    try:
        definition = read(request.POST)
        matching = people_matching(
            request.seat.account, definition, request.POST.get("at", ""), now()
        )
    except Invalid:
        raise Http404 from None
    return render(request, "segments/builder/_people.html", {"matching": matching})
