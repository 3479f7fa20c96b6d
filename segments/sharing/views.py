"""Pages that hand a segment's definition to another account, and take one from there."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Invalid, Problem
from segments.engine.drafts import draft_url, new_draft_key, write_draft
from segments.page import segment_context, segment_or_404
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
    context = segment_context(request, segment, "use")
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
    response = HttpResponse(
        json.dumps(content, ensure_ascii=False, indent=2) + "\n", content_type="application/json"
    )
    name = content_disposition_header(True, f"{segment.name}.json")
    response["Content-Disposition"] = name or "attachment"
    return response


@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def take(request: SeatRequest) -> HttpResponseBase:
    """Take a segment from a file, a text or a link, and open it in the builder as a draft."""
    text = ""
    problems: tuple[Problem, ...] = ()
    try:
        if request.method == "POST":
            text = _text_of(request)
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
