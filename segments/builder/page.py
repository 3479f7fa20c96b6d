"""The builder's page: the content of its form, and the page drawn with it, for all its views."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segmenter.accounts.access import SeatRequest
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Invalid, Problem
from segments.builder.conflicts import Meanwhile
from segments.builder.form_data import form_name
from segments.builder.forms import read, show
from segments.builder.kinds.base import kinds_by_use
from segments.builder.limits import check_drawable
from segments.builder.live_preview import LivePreview, look
from segments.definition.tree import kinds
from segments.definition.windows import Moment
from segments.engine import drafts
from segments.engine.drafts import new_definition
from segments.engine.dry_run import Changes
from segments.engine.revisions import Revision, read_revision, read_signed
from segments.engine.vocabulary import Catalog
from segments.models import Draft, Segment, Tag
from segments.page import segment_or_404

UNPROCESSABLE = 422

log = logging.getLogger(__name__)


class BuilderRequest(NamedTuple):
    """The content of the builder's form."""

    segment: Segment | None
    name: str
    tags: list[str]
    definition: Mapping[str, Any]
    draft: str = ""
    """The key of the draft; empty where nothing is kept."""
    revision: Revision | None = None
    """What the segment was when its editing began."""

    @property
    def is_deleted(self) -> bool:
        """Whether the segment was deleted meanwhile."""
        return self.segment is None and self.revision is not None


# --- the form ------------------------------------------------------------------------------------


def segment_of(request: SeatRequest, key: str) -> Segment | None:
    """The segment with a key, None for an empty key."""
    return segment_or_404(request, key) if key else None


def draft_key_or_404(request: SeatRequest, key: str) -> str:
    """The key of a draft of this person, or an empty one."""
    seat = request.seat
    if key and not drafts.is_key_of(seat, key) and drafts.find_draft(seat, key) is None:
        raise Http404
    return key


def form_of(request: SeatRequest) -> BuilderRequest:
    """The content of the form. Raises Invalid for a definition that is too large to be drawn."""
    post = request.POST
    revision = _revision(request)
    segment_key = post.get("segment", "")
    tags = [*post.getlist("tags"), *post.get("new_tag", "").split(",")]
    try:
        segment = segment_of(request, segment_key)
    except Http404:
        if revision is None or revision.segment != segment_key:
            raise
        segment = None
    return BuilderRequest(
        segment,
        post.get("name", "").replace("\0", ""),
        [tag.replace("\0", "") for tag in tags],
        read(post),
        draft_key_or_404(request, post.get("draft", "")),
        revision,
    )


def _revision(request: SeatRequest) -> Revision | None:
    """The revision that is edited, or that was shown and is to be overwritten (`over`)."""
    text = request.POST.get("over", "") or request.POST.get("revision", "")
    if not text:
        return None
    revision = read_signed(text)
    if (
        revision is None
        or revision.account != request.seat.account.slug
        or revision.segment != request.POST.get("segment", "")
    ):
        raise Http404
    return revision


def write(request: SeatRequest, form: BuilderRequest) -> bool:
    """Write the draft. False if it was saved or discarded already."""
    return not form.draft or drafts.write_draft(
        seat=request.seat,
        key=form.draft,
        segment=form.segment,
        revision=form.revision,
        name=form.name,
        tags=form.tags,
        definition=form.definition,
        at=now(),
    )


# --- the page ------------------------------------------------------------------------------------


def fresh_page(
    request: SeatRequest,
    segment: Segment | None,
    *,
    source: BuilderRequest | None = None,
    key: str = "",
    refused: ApplicationError | None = None,
    lost: Draft | None = None,
) -> HttpResponse:
    """The builder without a draft: empty, with what is saved, or with `source`.

    `refused` says why something else is not shown, `lost` is a draft that cannot be.
    """
    key = key or drafts.new_draft_key(request.seat)
    if source is not None:
        form = source._replace(draft=key)
    elif segment is not None:
        tags = [tag.name for tag in segment.tags.all()]
        revision = Revision.of(segment)
        form = BuilderRequest(segment, segment.name, tags, segment.definition, key, revision)
    else:
        form = BuilderRequest(None, "", [], new_definition(), key)
    return draw_page(request, form, refused=refused, lost=lost)


def draft_page(
    request: SeatRequest, draft: Draft, *, refused: ApplicationError | None = None
) -> HttpResponse:
    """The builder with a draft; one that cannot be drawn is set aside, with a message."""
    try:
        check_drawable(draft.definition)
        texts = draft.tags if isinstance(draft.tags, list) else []
        tags = [tag for tag in texts if isinstance(tag, str)]
        revision = read_revision(draft.revision)
        form = BuilderRequest(
            draft.segment, draft.name, tags, draft.definition, draft.key, revision
        )
        return draw_page(request, form, draft=draft, refused=refused)
    except Invalid as error:
        return fresh_page(request, draft.segment, refused=error, lost=draft)
    except DatabaseError:
        raise
    except Exception:  # a damaged draft must not lock its owner out
        log.exception("draft %s cannot be drawn", draft.pk)
        return fresh_page(request, draft.segment, lost=draft)


def draw_page(
    request: SeatRequest,
    form: BuilderRequest,
    *,
    draft: Draft | None = None,
    problems: Sequence[Problem] = (),
    changes: Changes | None = None,
    conflict: Meanwhile | None = None,
    refused: ApplicationError | None = None,
    lost: Draft | None = None,
) -> HttpResponse:
    """The whole page. With problems it could not be saved, and says how much is missing."""
    account, segment, seat = request.seat.account, form.segment, request.seat
    context = drawing_context(request, form)
    others = drafts.unfinished_drafts(seat, segment=segment).exclude(key=form.draft)
    recent = draft or lost
    context |= {
        "segment": segment,
        "name": form.name,
        "tags": form.tags,
        "known_tags": Tag.objects.filter(account=account).order_by("name"),
        "draft": draft,
        "draft_key": form.draft,
        "draft_address": drafts.draft_url(form.draft, segment),
        "draft_is_of_today": recent and localdate(recent.updated) == localdate(now()),
        "drafts": list(others) if draft is None else [],
        "lost": lost,
        "revision": form.revision,
        "changes": changes,
        "conflict": conflict,
        "name_problem": _messages_at(problems, "/name"),
        "tags_problem": _messages_at(problems, "/tags"),
        "was_refused": bool(problems),
        "is_blank": _is_blank(form.definition),
        "token_cookie": settings.CSRF_COOKIE_NAME,
        "missing": _missing(form, context["outlook"], problems) if problems else "",
        "other_problems": [
            *(p.message for p in problems if not p.pointer.strip("/")),
            *(p.message for p in (refused.problems if refused else ())),
        ],
    }
    status = UNPROCESSABLE if problems else 200
    return render(request, "segments/builder/page.html", context, status=status)


def drawing_context(request: SeatRequest, form: BuilderRequest, focus: str = "") -> dict[str, Any]:
    """The definition as rows, and its preview."""
    account = request.seat.account
    key = form.segment.key if form.segment else ""
    at = now()
    outlook = look(account, form.definition, at, key)
    today = Moment(at, account.zone).today
    return {
        "root": show(form.definition, Catalog(account), outlook.reports, today),
        "outlook": outlook,
        "definition": definition_text(form.definition),
        "all_kinds": [(kind, _(kinds[kind].title)) for kind in kinds_by_use()],
        "focus": form_name(focus),
    }


def definition_text(definition: Mapping[str, Any]) -> str:
    """A definition as the page keeps it for undo: the same text for the same definition."""
    return json.dumps(definition, sort_keys=True)


def refusal(request: SeatRequest, error: ApplicationError) -> HttpResponse:
    """The answer to a change that is refused: why, above the rows, which stay as they are."""
    context = {"refusals": [problem.message for problem in error.problems]}
    response = render(request, "segments/builder/_refusal.html", context, status=UNPROCESSABLE)
    response["HX-Retarget"], response["HX-Reswap"] = "#refusal", "innerHTML"
    return response


def _messages_at(problems: Sequence[Problem], pointer: str) -> str:
    return " ".join(p.message for p in problems if p.pointer == pointer)


def _missing(form: BuilderRequest, outlook: LivePreview, problems: Sequence[Problem]) -> str:
    """What stands beside Save after it was refused."""
    if _is_blank(form.definition):
        return _("Add a condition first.")
    reports = outlook.reports.values()
    wrong = sum(len(report.wrong) for report in reports)
    wrong += sum(p.pointer in ("/name", "/tags") and p.code != "required" for p in problems)
    missing = sum(len(report.missing) for report in reports)
    missing += sum(p.pointer == "/name" and p.code == "required" for p in problems)
    if not form.name.strip() and not any(p.pointer == "/name" for p in problems):
        missing += 1
    if wrong + missing == 0:
        return ""
    if wrong == 0:
        return ngettext("%(n)s thing is missing.", "%(n)s things are missing.", missing) % {
            "n": missing
        }
    return ngettext(
        "%(n)s thing must be put right.", "%(n)s things must be put right.", wrong + missing
    ) % {"n": wrong + missing}


def _is_blank(value: Any) -> bool:
    """Whether no condition was chosen in a part of a definition."""
    if not isinstance(value, Mapping):
        return False
    if "not" in value:
        return _is_blank(value["not"])
    for name in ("condition_groups", "conditions"):
        if isinstance(value.get(name), list):
            return all(map(_is_blank, value[name]))
    return not value
