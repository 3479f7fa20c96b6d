"""The builder's pages. Each reads the form, calls one verb, and renders."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from segmenter.accounts.doors import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Invalid, NotFound, Problem
from segments.builder import edits
from segments.builder.catalog import Catalog
from segments.builder.checks import check
from segments.builder.circles import circles
from segments.builder.drafts import drop_draft, find_draft, keep_draft
from segments.builder.forms import new_definition, read, show
from segments.builder.outlook import look
from segments.builder.people import matching
from segments.builder.saving import Changes, changes_of, save
from segments.builder.sent import form_name
from segments.builder.starts import settled
from segments.builder.suggestions import suggestions
from segments.builder.tags import read_tags
from segments.builder.unfinished import owner_of
from segments.definition.tree import kinds
from segments.models import Draft, Segment, Tag
from segments.queries import get_segment

UNPROCESSABLE = 422
RECENT = "builder_recent"
MOST_RECENT = 6
MOST_TEXT = 1_000_000


class Asked(NamedTuple):
    """What the builder's form says."""

    segment: Segment | None
    name: str
    tags: list[str]
    definition: dict[str, Any]


def _segment(request: SeatRequest, key: str) -> Segment | None:
    if not key:
        return None
    try:
        return get_segment(request.seat.account, key)
    except NotFound:
        raise Http404 from None


def _asked(request: SeatRequest) -> Asked:
    tags = [*request.POST.getlist("tags"), *request.POST.get("new_tag", "").split(",")]
    return Asked(
        _segment(request, request.POST.get("segment", "")),
        request.POST.get("name", "").replace("\0", ""),
        [tag.replace("\0", "") for tag in tags],
        read(request.POST),
    )


def _json(text: str) -> Any:
    """JSON from the page; nothing if it is none, or holds what the database cannot keep."""
    try:
        value = json.loads(text) if 0 < len(text) <= MOST_TEXT else None
        plain = json.dumps(value, ensure_ascii=False, allow_nan=False)
        plain.encode()
    except (ValueError, RecursionError):
        return None
    return None if "\\u0000" in plain else value


def _written(definition: Mapping[str, Any]) -> str:
    """A definition as the page keeps it for undo: the same text for the same definition."""
    return json.dumps(definition, sort_keys=True)


# --- the page ------------------------------------------------------------------------------------


@require_GET
@page(Role.MARKETER)
def new(request: SeatRequest) -> HttpResponse:
    """The builder for a new segment: a copy, a `definition` of another page, a draft, or empty."""
    source = _segment(request, request.GET.get("from", ""))
    if source is not None:
        name = _("Copy of %(name)s") % {"name": source.name}
        tags = [tag.name for tag in source.tags.all()]
        return _page(request, Asked(None, name[:200], tags, source.definition))
    given = _json(request.GET.get("definition", ""))
    if isinstance(given, dict):
        return _page(request, Asked(None, request.GET.get("name", "")[:200], [], given))
    draft = find_draft(request.seat, None)
    if draft is not None:
        return _page(request, Asked(None, draft.name, [], draft.definition), draft=draft)
    return _page(request, Asked(None, "", [], new_definition()))


@require_GET
@page(Role.MARKETER)
def edit_segment(request: SeatRequest, key: str) -> HttpResponse:
    """The builder for a segment that exists, with what was not saved last time."""
    segment = _segment(request, key)
    assert segment is not None
    tags = [tag.name for tag in segment.tags.all()]
    draft = find_draft(request.seat, segment)
    if draft is not None:
        return _page(request, Asked(segment, draft.name, tags, draft.definition), draft=draft)
    return _page(request, Asked(segment, segment.name, tags, segment.definition))


def _page(
    request: SeatRequest,
    asked: Asked,
    *,
    draft: Draft | None = None,
    problems: tuple[Problem, ...] = (),
    changes: Changes | None = None,
) -> HttpResponse:
    account, segment = request.seat.account, asked.segment
    context = _looked(request, asked)
    context |= {
        "segment": segment,
        "name": asked.name,
        "tags": asked.tags,
        "known_tags": Tag.objects.filter(account=account).order_by("name"),
        "draft": draft,
        "draft_is_of_today": draft and localdate(draft.updated) == localdate(now()),
        "changes": changes,
        "name_problem": _told(problems, "/name"),
        "tags_problem": _told(problems, "/tags"),
        "was_refused": bool(problems),
        "other_problems": [p.message for p in problems if not p.pointer.strip("/")],
    }
    status = UNPROCESSABLE if problems else 200
    return render(request, "builder/page.html", context, status=status)


def _told(problems: tuple[Problem, ...], pointer: str) -> str:
    return " ".join(p.message for p in problems if p.pointer == pointer)


def _looked(request: SeatRequest, asked: Asked, focus: str = "") -> dict[str, Any]:
    """The definition as rows, and what it would give."""
    account = request.seat.account
    key = asked.segment.key if asked.segment else ""
    outlook = look(account, asked.definition, now(), key)
    return {
        "root": show(asked.definition, Catalog(account), outlook.reports),
        "outlook": outlook,
        "definition": _written(asked.definition),
        "all_kinds": [(kind, _(cls.title)) for kind, cls in kinds.items() if not cls.unsupported],
        "focus": form_name(focus),
    }


# --- while it is built ---------------------------------------------------------------------------


@require_POST
@page(Role.MARKETER)
def preview(request: SeatRequest) -> HttpResponse:
    """Counts for the form as it is; keeps it as a draft."""
    asked, at = _asked(request), now()
    keep_draft(
        seat=request.seat,
        segment=asked.segment,
        name=asked.name,
        definition=asked.definition,
        at=at,
    )
    key = asked.segment.key if asked.segment else ""
    outlook = look(request.seat.account, asked.definition, at, key)
    context = {"outlook": outlook, "definition": _written(asked.definition)}
    return render(request, "builder/_preview.html", context)


@require_POST
@page(Role.MARKETER)
def edit(request: SeatRequest) -> HttpResponse:
    """Change the definition in the form (`do`, `at`, `value`) and draw it anew."""
    asked, catalog = _asked(request), Catalog(request.seat.account)
    doing, at = request.POST.get("do", ""), request.POST.get("at", "")
    value = _json(request.POST.get("value", ""))
    if doing not in edits.EDITS:
        return HttpResponse(status=400)
    try:
        definition, focus = edits.EDITS[doing](asked.definition, at, value)
        definition = _settled(definition, focus or at, catalog)
    except (Invalid, RecursionError) as error:
        return _refused(error)
    if doing in ("put", "add") and isinstance(value, Mapping) and value.get("type"):
        _remember(request, value)
    return _drawn(request, asked._replace(definition=definition), focus)


def _refused(error: Exception) -> HttpResponse:
    """Say in plain text, which the page shows as a toast, why nothing was changed."""
    problems = error.problems if isinstance(error, Invalid) else ()
    told = " ".join(p.message for p in problems) or _("This is nested too deep.")
    return HttpResponse(told, status=UNPROCESSABLE, content_type="text/plain; charset=utf-8")


def _settled(definition: dict[str, Any], pointer: str, catalog: Catalog) -> dict[str, Any]:
    """The definition with the condition at a place settled after a choice."""
    owner = owner_of(pointer)
    member = edits.resolve(definition, owner) if owner else None
    while isinstance(member, dict) and "not" in member:
        member, owner = member["not"], f"{owner}/not"
    if not isinstance(member, dict) or "type" not in member:
        return definition
    return edits.put(definition, owner, settled(member, catalog)).definition


@require_POST
@page(Role.MARKETER)
def draw(request: SeatRequest) -> HttpResponse:
    """Draw a definition that the page has kept (undo, redo)."""
    definition = _json(request.POST.get("definition", ""))
    if not isinstance(definition, dict):
        return HttpResponse(status=400)
    return _drawn(request, _asked(request)._replace(definition=definition), "")


def _drawn(request: SeatRequest, asked: Asked, focus: str) -> HttpResponse:
    keep_draft(
        seat=request.seat,
        segment=asked.segment,
        name=asked.name,
        definition=asked.definition,
        at=now(),
    )
    return render(request, "builder/_drawn.html", _looked(request, asked, focus))


@require_GET
@page(Role.MARKETER)
def suggest(request: SeatRequest) -> HttpResponse:
    """What a box suggests for what is typed in it."""
    about = {name: str(text)[:500] for name, text in request.GET.items()}
    found = suggestions(Catalog(request.seat.account), about)
    recent = []
    if about.get("what") == "condition" and not about.get("q", "").strip():
        recent = request.session.get(RECENT, {}).get(request.seat.account.slug, [])
    context = {"suggestions": found, "recent": recent, "words": about.get("q", "")}
    return render(request, "builder/_suggestions.html", context)


def _remember(request: SeatRequest, condition: Mapping[str, Any]) -> None:
    """Keep what was chosen last, with the words it was chosen by, for the next choice."""
    words = request.POST.get("words", "")[:100]
    if not words:
        return
    kept = request.session.get(RECENT, {})
    slug, chosen = request.seat.account.slug, {"words": words, "value": json.dumps(condition)}
    others = [each for each in kept.get(slug, []) if each["words"] != words]
    request.session[RECENT] = {**kept, slug: [chosen, *others][:MOST_RECENT]}


@require_POST
@page(Role.MARKETER)
def join(request: SeatRequest) -> HttpResponse:
    """What AND or OR does at a place, as two circles."""
    try:
        found = circles(request.seat.account, read(request.POST), request.POST.get("at", ""), now())
    except Invalid:
        found = None
    return render(request, "builder/_circles.html", {"circles": found})


@require_POST
@page(Role.MARKETER)
def people(request: SeatRequest) -> HttpResponse:
    """Some of the people behind a count."""
    asked = _asked(request)
    try:
        found = matching(request.seat.account, asked.definition, request.POST.get("at", ""), now())
    except Invalid:
        raise Http404 from None
    return render(request, "builder/_people.html", {"found": found})


# --- the end -------------------------------------------------------------------------------------


@require_POST
@page(Role.MARKETER)
def save_segment(request: SeatRequest) -> HttpResponseBase:
    """Save what is in the form; a change of who is in is shown first."""
    asked, at, account = _asked(request), now(), request.seat.account
    try:
        tags = read_tags(asked.tags)
        asked = asked._replace(tags=tags, definition=edits.without_blanks(asked.definition))
        check(account, asked.definition)
        if asked.segment is not None and "confirmed" not in request.POST:
            changes = changes_of(account, asked.segment, asked.definition, at)
            if changes is not None:
                return _page(request, asked, changes=changes)
        segment = save(
            seat=request.seat,
            segment=asked.segment,
            name=asked.name,
            tags=tags,
            definition=asked.definition,
            at=at,
        )
    except ApplicationError as error:
        return _page(request, asked, problems=error.problems)
    messages.success(request, _("“%(name)s” is saved.") % {"name": segment.name})
    return redirect("segments:detail", segment.key)


@require_POST
@page(Role.MARKETER)
def start_over(request: SeatRequest) -> HttpResponseBase:
    """Forget the draft: back to what is saved, or to an empty builder."""
    segment = _segment(request, request.POST.get("segment", ""))
    drop_draft(request.seat, segment)
    return redirect("segments:edit", segment.key) if segment else redirect("segments:new")


@require_POST
@page(Role.MARKETER)
def cancel(request: SeatRequest) -> HttpResponseBase:
    """Leave without saving."""
    segment = _segment(request, request.POST.get("segment", ""))
    drop_draft(request.seat, segment)
    return redirect("segments:detail", segment.key) if segment else redirect("segments:list")
