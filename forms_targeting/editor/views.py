"""The editor's page and its answers. Each parses, calls a verb, renders."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from forms_targeting.editor.draft_content import Draft, draft_of, problems_of, read_draft
from forms_targeting.editor.edits import EDITS, EditResult, set_value
from forms_targeting.editor.page import (
    SaveState,
    draft_context,
    form_context,
    refusal_message,
    save_draft,
    variant_or_404,
)
from forms_targeting.editor.properties import suggest_properties
from forms_targeting.engine.sites import site_of
from forms_targeting.models import Site
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid, Problem

CONFLICT, UNPROCESSABLE = 409, 422
MOST_VALUES = 200
"""Typed values that one request may bring."""
_HOST = re.compile(r"[A-Za-z0-9.*:-]+")


@require_GET
@never_cache
@page(Role.MARKETER)
def edit(request: SeatRequest, key: str, letter: str) -> HttpResponse:
    """The editor of a variant."""
    variant = variant_or_404(request, key, letter)
    draft = draft_of(variant.content)
    state = SaveState(variant, problems_of(variant.content))
    context = draft_context(draft, request.GET.get("select", ""), state)
    context |= form_context(variant.form, variant)
    response = render(request, "forms_targeting/editor/page.html", context)
    _allow_images(response, site_of(request.seat.account, at=now()))
    return response


def _allow_images(response: HttpResponse, site: Site) -> None:
    """Let the preview load images from where the form's visitors get them: any https, the shop."""
    sources = ["https:", *(domain for domain in site.domains if _HOST.fullmatch(domain))]
    response._csp_update = {"img-src": sources}  # type: ignore[attr-defined]


@require_POST
@never_cache
@page(Role.MARKETER)
def change(request: SeatRequest, key: str, letter: str) -> HttpResponse:
    """Change a draft (`sets`, then `do`, `at`, `value`), save it, and draw what changed."""
    variant = variant_or_404(request, key, letter)
    post = request.POST
    try:
        draft = read_draft(post.get("draft", ""))
        result = _apply(draft, post.get("sets", ""), post.get("do", ""), post)
        draft = draft_of(result.draft)
    except Invalid as error:
        message = {"message": refusal_message(error)}
        response = render(request, "forms_targeting/editor/_refusal.html", message)
        response.status_code = UNPROCESSABLE
        response["HX-Retarget"], response["HX-Reswap"] = "#refusal", "innerHTML"
        return response
    updated = None if "over" in post else _stamp(post.get("updated", ""))
    state = save_draft(variant, draft, updated=updated, at=now())
    context = draft_context(draft, result.selection or post.get("selection", ""), state)
    context |= form_context(variant.form, state.variant)
    context["draws_panel"] = "typing" not in post
    response = render(request, "forms_targeting/editor/_answer.html", context)
    if state.is_conflict:
        response.status_code = CONFLICT
    return response


def _apply(draft: Draft, sets: str, do: str, post: Any) -> EditResult:
    for pointer, value in _pairs(sets):
        draft = draft_of(set_value(draft, pointer, value).draft)
    if not do:
        return EditResult(draft)
    if do not in EDITS:
        raise Invalid(Problem("", "invalid", ""))
    return EDITS[do](draft, post.get("at", ""), _json(post.get("value", "null")))


def _pairs(text: str) -> list[tuple[str, Any]]:
    pairs = _json(text or "[]")
    if not isinstance(pairs, list) or len(pairs) > MOST_VALUES:
        raise Invalid(Problem("", "invalid", ""))
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise Invalid(Problem("", "invalid", ""))
    return [(pointer, value) for pointer, value in pairs]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(Problem("", "invalid", "")) from None


def _stamp(text: str) -> datetime:
    """The stamp that the page began with; one that no variant has where it cannot be read."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


@require_GET
@page(Role.MARKETER)
def properties(request: SeatRequest, key: str, letter: str) -> HttpResponse:
    """What the box of a property suggests for what is typed in it."""
    variant_or_404(request, key, letter)
    words = request.GET.get("q", "")[:200]
    context = {"suggestions": suggest_properties(request.seat.account, words)}
    return render(request, "forms_targeting/editor/_properties.html", context)
