"""Pages that hand a segment's definition to another account, and take one from there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role, Seat
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Invalid, Problem
from segments.engine.drafts import draft_url, new_draft_key, write_draft
from segments.engine.queries import segments_of
from segments.page import segment_context, segment_or_404
from segments.sharing.collection import (
    MOST_SEGMENTS,
    import_collection,
    is_collection,
    preview_collection,
    read_collection,
    write_collection,
)
from segments.sharing.portable import (
    MOST_TEXT,
    decode_link,
    encode_link,
    portable,
    read_portable,
)


@require_GET
@page(Role.MARKETER)
def share(request: SeatRequest, key: str) -> HttpResponse:
    """A segment's definition as a link and as a file."""
    segment = segment_or_404(request, key)
    context = segment_context(request, segment, "use") | {
        "accounts": [seat.account for seat in _other_seats(request)],
    }
    try:
        content = encode_link(portable(segment))
    except ApplicationError as error:
        return render(request, "segments/sharing/share.html", {**context, "refusal": error})
    address = request.build_absolute_uri(reverse("segments:take"))
    link = f"{address}?segment={content}" if content else ""
    return render(request, "segments/sharing/share.html", {**context, "link": link})


@require_GET
@page(Role.MARKETER)
def definition_file(request: SeatRequest, key: str) -> HttpResponseBase:
    """A segment's definition as a file."""
    segment = segment_or_404(request, key)
    try:
        content = portable(segment)
    except ApplicationError:
        return redirect("segments:share", key)
    return _json_file(content, segment.name)


@require_GET
@page(Role.MARKETER)
def definition_files(request: SeatRequest) -> HttpResponseBase:
    """The definitions of some segments (`s`) as one file."""
    keys = request.GET.getlist("s")[:MOST_SEGMENTS]
    segments = segments_of(request.seat.account).filter(key__in=keys).order_by("name")
    if not segments:
        raise Http404
    try:
        content = write_collection(list(segments.prefetch_related("tags")))
    except ApplicationError as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
        return redirect("segments:list")
    return _json_file(content, _("segments"))


def _json_file(content: Mapping[str, Any], name: str) -> HttpResponse:
    response = HttpResponse(
        json.dumps(content, ensure_ascii=False, indent=2) + "\n", content_type="application/json"
    )
    header = content_disposition_header(True, f"{name}.json")
    response["Content-Disposition"] = header or "attachment"
    return response


@require_POST
@page(Role.MARKETER)
def copy(request: SeatRequest, key: str) -> HttpResponseBase:
    """Make the same segment in another of the person's accounts (`account`), by names."""
    segment = segment_or_404(request, key)
    seat = next(
        (s for s in _other_seats(request) if s.account.slug == request.POST.get("account")), None
    )
    if seat is None:
        raise Http404
    try:
        (entry,) = read_collection(json.dumps(write_collection([segment])))
    except ApplicationError as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
        return redirect("segments:share", key)
    outcome, segments = import_collection(
        seat.account, request.seat.user, [entry], {entry.place}, now()
    )
    context = segment_context(request, segment, "use") | {
        "entry": outcome[0],
        "target": seat.account,
        "copy": segments[0] if segments else None,
    }
    status = 200 if segments else 422
    return render(request, "segments/sharing/copied.html", context, status=status)


def _other_seats(request: SeatRequest) -> list[Seat]:
    """The person's seats in other accounts where they may make segments."""
    return [
        seat
        for seat in request.seats
        if seat.account_id != request.seat.account_id and seat.allows(Role.MARKETER)
    ]


@require_POST
@never_cache
@page(Role.MARKETER)
def take_several(request: SeatRequest) -> HttpResponseBase:
    """Make the segments of a file (`text`) that were picked (`place`): all of them or none."""
    account, text = request.seat.account, request.POST.get("text", "")
    places = {
        int(place)
        for place in request.POST.getlist("place")
        if place.isdecimal() and len(place) < 6
    }
    try:
        entries = read_collection(text)
    except ApplicationError as error:
        return _refuse(request, text, error.problems)
    if not places:
        messages.error(request, _("Choose at least one segment."))
        return _preview(request, text, places)
    outcome, segments = import_collection(account, request.seat.user, entries, places, now())
    if not segments:
        problems = [text for entry in outcome for text in entry.problems]
        for problem in dict.fromkeys(problems):
            messages.error(request, problem)
        return _preview(request, text, places)
    words = ngettext("%(n)s segment is made.", "%(n)s segments are made.", len(segments))
    messages.success(request, words % {"n": len(segments)})
    return redirect("segments:list")


def _preview(
    request: SeatRequest, text: str, places: Collection[int] | None = None
) -> HttpResponse:
    """What a file of several segments would make, to choose from; nothing is saved."""
    entries = preview_collection(request.seat.account, read_collection(text), now())
    rows = [
        (entry, not entry.problems if places is None else entry.place in places)
        for entry in entries
    ]
    context = {"text": text, "rows": rows, "possible": any(not e.problems for e in entries)}
    status = 200 if places is None else 422
    return render(request, "segments/sharing/take_several.html", context, status=status)


def _refuse(request: SeatRequest, text: str, problems: Sequence[Problem]) -> HttpResponse:
    context = {"text": text, "messages_of_problems": [problem.message for problem in problems]}
    return render(request, "segments/sharing/take.html", context, status=422)


@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def take(request: SeatRequest) -> HttpResponseBase:
    """Take a segment from a file, a text or a link, and open it in the builder as a draft.

    Of a file of several segments it shows what they would be.
    """
    text = ""
    problems: tuple[Problem, ...] = ()
    try:
        if request.method == "POST":
            text = _text_of(request)
            if is_collection(text):
                return _preview(request, text)
            name, definition = read_portable(request.seat.account, text)
            return redirect(_draft(request, name, definition))
        if "segment" in request.GET:
            text = decode_link(request.GET["segment"])
            read_portable(request.seat.account, text)
    except ApplicationError as error:
        problems = error.problems
    context = {"text": text, "messages_of_problems": [problem.message for problem in problems]}
    status = 422 if problems and request.method == "POST" else 200
    return render(request, "segments/sharing/take.html", context, status=status)


def _text_of(request: HttpRequest) -> str:
    """The file that was chosen, or else the text that was written. Raises Invalid."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    try:
        return file.read(MOST_TEXT + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(Problem("", "invalid", _("This file is no text."))) from None


def _draft(request: SeatRequest, name: str, definition: dict[str, object]) -> str:
    """Write a draft and return its address."""
    key = new_draft_key(request.seat)
    write_draft(
        seat=request.seat,
        key=key,
        segment=None,
        revision=None,
        name=name,
        tags=[],
        definition=definition,
        at=now(),
    )
    return draft_url(key, None)
