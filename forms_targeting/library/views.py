"""The page on which a form begins: a ready-made one or a blank one, and for whom it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from forms_targeting.content.form_content import read_content
from forms_targeting.content.public import public_content
from forms_targeting.engine.publishing import create_form
from forms_targeting.library.ready_form import ReadyForm, ready_forms
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segments.engine.queries import get_segment
from segments.models import Segment

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def new(request: SeatRequest) -> HttpResponseBase:
    """Choose what a form begins with; `?segment=` is who will see it."""
    if request.method == "POST":
        return _create(request)
    segment = _segment_or_404(request, request.GET.get("segment", ""))
    return _choices(request, segment)


def _create(request: SeatRequest) -> HttpResponseBase:
    name = request.POST.get("ready", "")
    if name not in ready_forms:
        raise Http404
    ready = ready_forms[name]
    segment = _segment_or_404(request, request.POST.get("segment", ""))
    try:
        form = create_form(
            account=request.seat.account,
            user=request.seat.user,
            name=str(ready.name),
            content=ready.content,
            rules=[*_segment_rules(segment), *ready.rules],
            behavior=ready.behavior,
            at=now(),
        )
    except ApplicationError as error:
        response = _choices(request, segment, [problem.message for problem in error.problems])
        response.status_code = UNPROCESSABLE
        return response
    return redirect("forms_targeting:edit", form.key, "A")


def _segment_rules(segment: Segment | None) -> list[Mapping[str, Any]]:
    return [{"rule": "segments", "operator": "any", "segments": [segment.key]}] if segment else []


def _segment_or_404(request: SeatRequest, key: str) -> Segment | None:
    try:
        return get_segment(request.seat.account, key) if key else None
    except NotFound:
        raise Http404 from None


def _choices(
    request: SeatRequest, segment: Segment | None, problems: list[str] | None = None
) -> HttpResponse:
    segments = Segment.objects.filter(account=request.seat.account, is_active=True)
    context = {
        "cards": [
            (name, ready, _preview(ready), _builder(ready))
            for name, ready in sorted(ready_forms.items(), key=lambda entry: entry[1].rank)
        ],
        "segments": segments.order_by("name"),
        "segment": segment,
        "problems": problems or [],
    }
    return render(request, "forms_targeting/library/new.html", context)


def _preview(ready: ReadyForm) -> str:
    """The JSON of the content in the marketer's language."""
    content = read_content(ready.content)
    return json.dumps(public_content(content, [get_language() or "en"]), ensure_ascii=False)


def _builder(ready: ReadyForm) -> str:
    """The address of the builder with the segment that the form is meant for."""
    if ready.segment is None:
        return ""
    query = {"name": str(ready.segment.label), "definition": json.dumps(ready.segment.definition)}
    return f"{reverse('segments:new')}?{urlencode(query)}"
