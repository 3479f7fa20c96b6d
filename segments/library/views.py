"""The pages of the library: its cards, one ready-made segment to be filled in, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import search_words
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError
from segments.engine.drafts import draft_url, new_draft_key, write_draft
from segments.engine.editing import save_segment
from segments.engine.queries import free_name, segments_of
from segments.library.account_values import AccountValues
from segments.library.parameters import PeriodParameter, TextParameter
from segments.library.proposal import ParameterValue, Proposal, propose
from segments.library.ready_segment import (
    PURPOSES,
    Purpose,
    ReadySegment,
    personas,
    ready_segments,
)
from segments.library.shelf import first_choices, shelves
from segments.library.sizes import Counting, percent_text
from segments.page import may_write, segment_or_404

UNPROCESSABLE = 422
MOST_NAME = 200


# --- the cards -----------------------------------------------------------------------------------


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """All ready-made segments by purpose; their sizes are loaded afterwards."""
    words, purpose = search_words(request), _purpose(request)
    context = {
        "shelves": shelves(_values(request), purpose=purpose, words=words),
        "purposes": [(each.value, label) for each, label in PURPOSES.items()],
        "purpose": purpose,
        "words": words,
        "total": len(ready_segments),
        "number_of_personas": len(personas()),
        "may_write": may_write(request),
    }
    return render_page_or_part(request, "segments/library/library.html", context)


@require_GET
@page()
def sizes(request: SeatRequest) -> HttpResponse:
    """The sizes of the cards of a purpose, or of some (`key`), each to its place on the page."""
    keys = request.GET.getlist("key")
    entries = {key: ready for key, ready in ready_segments.items() if not keys or key in keys}
    purpose = _purpose(request)
    source = _values(request)
    proposals = [
        propose(key, ready, source)
        for key, ready in entries.items()
        if not purpose or Purpose(purpose) in ready.purposes
    ]
    counting = Counting(source.people, source.at)
    context = {
        "sizes": counting.sizes(one for one in proposals if one.tree is not None).items(),
        "place": purpose or "choice",
        "total": counting.total,
    }
    return render(request, "segments/library/_sizes.html", context)


@require_GET
@page(Role.MARKETER)
def cards(request: SeatRequest) -> HttpResponse:
    """A few cards with their sizes, for the place under an empty condition."""
    source = _values(request)
    choices = first_choices(source)
    counting = Counting(source.people, source.at)
    context = {
        "choices": [(one, counting.size(one)) for one in choices],
        "total": len(ready_segments),
    }
    return render(request, "segments/library/_cards.html", context)


def _values(request: SeatRequest) -> AccountValues:
    return AccountValues(request.seat.account, now())


def _purpose(request: SeatRequest) -> str:
    """The purpose in the query; empty for none and for an unknown one."""
    purpose = request.GET.get("purpose", "")
    return purpose if purpose in {each.value for each in Purpose} else ""


# --- one ready-made segment ----------------------------------------------------------------------


@dataclass(frozen=True)
class ParameterInput:
    """A parameter as it is drawn."""

    value: ParameterValue
    options: list[tuple[str, str]]
    suggestions: list[str]
    offers: list[tuple[str, str]]
    """Ranges of days to choose from."""

    @property
    def name(self) -> str:
        return self.value.parameter.name

    @property
    def is_offer(self) -> bool:
        """Whether the value is one of the offers."""
        return self.value.text in dict(self.offers)

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day, as typed."""
        first, _dots, final = self.value.text.partition("..")
        return first, final


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def segment(request: SeatRequest, key: str) -> HttpResponseBase:
    """Fill in a ready-made segment; POST saves it, or opens it in the builder."""
    ready = _ready_or_404(key)
    if ready.definition is None:
        return _choose_segment(request, key, ready)
    source = _values(request)
    if request.method == "GET":
        name = free_name(request.seat.account, str(ready.name))
        return _form(request, source, propose(key, ready, source, _texts(request.GET, ready)), name)
    proposal = propose(key, ready, source, _texts(request.POST, ready))
    name = request.POST.get("name", "").replace("\0", "")
    if proposal.definition is None:
        return _form(request, source, proposal, name, status=UNPROCESSABLE)
    if request.POST.get("do") == "build":
        return _build(request, proposal, name)
    return _save(request, source, proposal, name)


def _ready_or_404(key: str) -> ReadySegment:
    if key not in ready_segments:
        raise Http404
    return ready_segments[key]


OTHER_DAYS = "other"
"""The choice of days that are typed: the first one in `<name>-start`, the last in `<name>-end`."""


def _texts(query: QueryDict, ready: ReadySegment) -> dict[str, str]:
    """What was typed, by parameter."""
    texts = {p.name: str(query[p.name]) for p in ready.parameters if p.name in query}
    for name, text in texts.items():
        if text == OTHER_DAYS and f"{name}-start" in query:
            texts[name] = f"{query[f'{name}-start']}..{query.get(f'{name}-end', '')}"
    return texts


def _form(
    request: SeatRequest,
    source: AccountValues,
    proposal: Proposal,
    name: str,
    *,
    status: int = 200,
    name_problem: str = "",
) -> HttpResponse:
    context = {
        **_outcome(source, proposal),
        "inputs": list(_inputs(proposal, source)),
        "name": name,
        "name_problem": name_problem,
        "other_days": OTHER_DAYS,
        "most_name": MOST_NAME,
    }
    return render(request, "segments/library/segment.html", context, status=status)


def _inputs(proposal: Proposal, source: AccountValues) -> list[ParameterInput]:
    values = {one.parameter.name: one.value for one in proposal.values}
    return [
        ParameterInput(
            one,
            list(one.parameter.options(source)),
            list(one.parameter.suggestions(source, values)),
            one.parameter.offers(source) if isinstance(one.parameter, PeriodParameter) else [],
        )
        for one in proposal.values
    ]


def _outcome(source: AccountValues, proposal: Proposal) -> dict[str, Any]:
    """The context of the sentence and the size."""
    counting = Counting(source.people, source.at)
    size = counting.size(proposal)
    return {
        "proposal": proposal,
        "ready": proposal.ready,
        "size": size,
        "total": counting.total,
        "percent": percent_text(size or 0, counting.total),
        "as_of": counting.as_of,
    }


@require_GET
@page(Role.MARKETER)
def outcome(request: SeatRequest, key: str) -> HttpResponse:
    """The sentence and the size with the parameters as they are typed."""
    ready = _ready_or_404(key)
    if ready.definition is None:
        raise Http404
    source, texts = _values(request), _texts(request.GET, ready)
    renewed = set(_of_another_property(request.GET, ready))
    proposal = propose(key, ready, source, {n: t for n, t in texts.items() if n not in renewed})
    context = _outcome(source, proposal) | {
        "renewed": [one for one in _inputs(proposal, source) if one.name in renewed],
    }
    return render(request, "segments/library/_outcome.html", context)


def _of_another_property(query: QueryDict, ready: ReadySegment) -> Iterator[str]:
    """The parameters whose property was changed by this request: they begin anew.

    The page sends with each property the one (`<name>-before`) that its value was typed for.
    """
    for parameter in ready.parameters:
        if isinstance(parameter, TextParameter) and parameter.of:
            before = query.get(f"{parameter.of}-before")
            if before is not None and before != query.get(parameter.of):
                yield parameter.name


def _build(request: SeatRequest, proposal: Proposal, name: str) -> HttpResponseBase:
    """Open the builder with the segment as a draft."""
    assert proposal.definition is not None
    key = new_draft_key(request.seat)
    write_draft(
        seat=request.seat,
        key=key,
        segment=None,
        revision=None,
        name=name,
        tags=[],
        definition=proposal.definition,
        at=now(),
    )
    return redirect(draft_url(key, None))


def _save(
    request: SeatRequest, source: AccountValues, proposal: Proposal, name: str
) -> HttpResponseBase:
    try:
        saved = save_segment(
            account=request.seat.account,
            user=request.seat.user,
            name=name,
            definition=proposal.definition,
            at=now(),
        )
    except ApplicationError as error:
        problem = " ".join(each.message for each in error.problems)
        return _form(request, source, proposal, name, status=UNPROCESSABLE, name_problem=problem)
    messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
    follow_up = proposal.ready.follow_up
    if request.POST.get("do") == "follow" and follow_up is not None:
        return redirect(f"{reverse(follow_up.url, args=[saved.key])}?{follow_up.query}")
    return redirect("segments:detail", saved.key)


def _choose_segment(request: SeatRequest, key: str, ready: ReadySegment) -> HttpResponseBase:
    """An entry without a definition: choose a segment, whose page of samples opens."""
    segment_key = request.GET.get("segment", "")
    if segment_key:
        return redirect("segments:sample-new", segment_or_404(request, segment_key).key)
    context = {
        "ready": ready,
        "segments": segments_of(request.seat.account).order_by("name"),
    }
    return render(request, "segments/library/choose_segment.html", context)
