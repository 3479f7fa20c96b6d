"""The end of building: save, start over, cancel, discard a draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.accounts.return_address import return_address
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Invalid
from segments.builder.checks import check
from segments.builder.conflicts import Meanwhile, meanwhile
from segments.builder.edits.members import without_blanks
from segments.builder.page import (
    UNPROCESSABLE,
    BuilderRequest,
    draft_key_or_404,
    draft_page,
    draw_page,
    form_of,
    fresh_page,
    segment_of,
    write,
)
from segments.builder.saving import save
from segments.engine import drafts
from segments.engine.dry_run import changes_of
from segments.engine.queries import free_name
from segments.engine.revisions import EditConflict
from segments.engine.tags import read_tags
from segments.models import Segment


@require_POST
@never_cache
@page(Role.MARKETER)
def save_segment(request: SeatRequest) -> HttpResponseBase:
    """Save what is in the form.

    Shown first: what somebody else changed meanwhile, and who enters and leaves.
    """
    try:
        form = form_of(request)
    except Invalid as error:
        return _not_drawn(request, error)
    account, at = request.seat.account, now()
    if "as_new" in request.POST:
        form = form._replace(segment=None, revision=None, name=free_name(account, form.name))
    try:
        tags = read_tags(form.tags)
        form = form._replace(tags=tags, definition=without_blanks(dict(form.definition)))
        conflict = meanwhile(account, form.segment, form.revision)
        if conflict is not None and _says_the_same(form):
            form, conflict = form._replace(revision=conflict.now), None
        if conflict is not None:
            return _conflict(request, form, conflict)
        check(account, form.definition)
        if form.segment is not None and "confirmed" not in request.POST:
            changes = changes_of(account, form.segment, form.definition, at)
            if changes is not None:
                write(request, form)
                return draw_page(request, form, changes=changes)
        segment = save(
            seat=request.seat,
            segment=form.segment,
            name=form.name,
            tags=tags,
            definition=form.definition,
            at=at,
            since=form.revision,
            draft=form.draft,
            announces=request.POST.get("announces") == "yes",
        )
    except EditConflict:
        assert form.segment is not None
        current = Segment.objects.filter(pk=form.segment.pk, account=account).first()
        form = form._replace(segment=current)
        conflict = meanwhile(account, current, form.revision)
        if conflict is None:  # deleted, and nothing says what it was
            raise Http404 from None
        return _conflict(request, form, conflict)
    except ApplicationError as error:
        write(request, form)
        return draw_page(request, form, problems=error.problems)
    messages.success(request, _("“%(name)s” is saved.") % {"name": segment.name})
    return redirect("segments:detail", segment.key)


def _says_the_same(form: BuilderRequest) -> bool:
    """Whether the form equals what is saved by now: then it overwrites nothing."""
    saved = form.segment
    return (
        saved is not None
        and saved.is_active
        and saved.name == " ".join(form.name.split())
        and saved.definition == form.definition
    )


def _conflict(request: SeatRequest, form: BuilderRequest, conflict: Meanwhile) -> HttpResponse:
    write(request, form)
    response = draw_page(request, form, conflict=conflict)
    response.status_code = UNPROCESSABLE
    return response


def _not_drawn(request: SeatRequest, error: Invalid) -> HttpResponse:
    """The page with the draft as it was, and why the form is refused."""
    segment = segment_of(request, request.POST.get("segment", ""))
    key = draft_key_or_404(request, request.POST.get("draft", ""))
    draft = drafts.find_draft(request.seat, key)
    if draft is None or draft.closed:
        response = fresh_page(request, segment, refused=error)
    else:
        response = draft_page(request, draft, refused=error)
    response.status_code = UNPROCESSABLE
    return response


@require_POST
@page(Role.MARKETER)
def start_over(request: SeatRequest) -> HttpResponseBase:
    """Discard the draft: back to what is saved, or to an empty builder."""
    segment = _discard(request)
    return redirect("segments:edit", segment.key) if segment else redirect("segments:new")


@require_POST
@page(Role.MARKETER)
def cancel(request: SeatRequest) -> HttpResponseBase:
    """Leave without saving."""
    segment = _discard(request)
    return redirect("segments:detail", segment.key) if segment else redirect("segments:list")


def _discard(request: SeatRequest) -> Segment | None:
    """Close the form's draft, without reading the form; the segment that it was of, if any."""
    key = draft_key_or_404(request, request.POST.get("draft", ""))
    draft = drafts.find_draft(request.seat, key)
    try:
        segment = segment_of(request, request.POST.get("segment", ""))
    except Http404:
        if draft is None:
            raise
        segment = None
    if key and (draft is None or draft.closed is None):
        drafts.close_draft(request.seat, key, at=now())
    return segment


@require_POST
@page(Role.MARKETER)
def discard(request: SeatRequest, key: str) -> HttpResponseBase:
    """Discard one of the other drafts."""
    draft = drafts.find_draft(request.seat, key)
    if draft is None:
        raise Http404
    if draft.closed is None:
        drafts.close_draft(request.seat, key, at=now())
        messages.success(request, _("The draft is discarded."))
    return redirect(return_address(request) or "segments:list")
