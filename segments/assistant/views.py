"""The answers to the text field of the builder."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segments.assistant.drafting import draft_definition
from segments.assistant.model import ModelFailure, is_available
from segments.assistant.sentence_answer import answer_to_draft, answer_to_text
from segments.engine.vocabulary import Catalog

MOST_TEXT = 2_000
"""Characters of a text."""


@require_POST
@page(Role.MARKETER)
def sentence(request: SeatRequest) -> HttpResponse:
    """Read what is typed: what was understood, what was not, and how many people it means."""
    text, catalog = _text(request), Catalog(request.seat.account)
    if not text.strip():
        return HttpResponse()
    answer = answer_to_text(text, catalog, get_language() or "en", now())
    can_ask = is_available() and not answer.is_whole
    context = {"text": text, "answer": answer, "can_ask": can_ask}
    return render(request, "segments/assistant/_answer.html", context)


@require_POST
@page(Role.MARKETER)
def draft(request: SeatRequest) -> HttpResponse:
    """Let the language model draft what is typed."""
    text, catalog, at = _text(request), Catalog(request.seat.account), now()
    try:
        if not text.strip() or not is_available():
            return HttpResponse(status=400)
        answer = answer_to_draft(text, draft_definition(text, catalog), catalog, at)
    except ModelFailure as error:
        context = {
            "text": text,
            "answer": answer_to_text(text, catalog, get_language() or "en", at),
            "failure": error.problems[0].message,
            "can_ask": True,
        }
        return render(request, "segments/assistant/_answer.html", context)
    return render(
        request,
        "segments/assistant/_answer.html",
        {"text": text, "answer": answer},
    )


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\0", "")[:MOST_TEXT]
