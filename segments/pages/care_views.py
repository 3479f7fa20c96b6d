"""Changing segments: star, tags, activity and deletion, of one or of several chosen in the list."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.accounts.return_address import return_address
from segmenter.accounts.undo import say_with_undo
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Conflict, NotFound
from segments.engine.deletion import KEPT, deleted_segments
from segments.engine.editing import set_active, set_star
from segments.engine.tags import add_tag, remove_tag
from segments.engine.usage import note_use
from segments.models import Segment
from segments.page import segment_or_404
from segments.pages import care
from segments.pages.care import SegmentInUse

ASKED = ("deactivate", "delete")
"""Actions that are asked about first where something uses the segments."""


@require_POST
@page(Role.MARKETER)
def activate(request: SeatRequest, key: str) -> HttpResponseBase:
    """Resume or stop updates of the segment (`on`)."""
    segment = segment_or_404(request, key)
    if request.POST.get("on") != "1":
        return _ask_or_do(request, "deactivate", [segment])
    set_active(segment, on=True, at=now())
    messages.success(request, _("The segment is kept up to date again."))
    return redirect("segments:detail", key)


@require_POST
@page(Role.MARKETER)
def delete(request: SeatRequest, key: str) -> HttpResponseBase:
    return _ask_or_do(request, "delete", [segment_or_404(request, key)])


@require_POST
@page(Role.MARKETER)
def bulk(request: SeatRequest) -> HttpResponseBase:
    """Do something (`do`) with the segments that were chosen in the list (`s`)."""
    segments = care.segments_by_keys(request.seat.account, request.POST.getlist("s"))
    action = request.POST.get("do", "")
    if not segments:
        messages.error(request, _("Choose segments in the list first."))
        return _back(request)
    if action in ASKED:
        return _ask_or_do(request, action, segments)
    if action == "compare":
        if not 2 <= len(segments) <= care.MOST_COMPARED:
            words = _("Choose two to %(most)d segments to compare.")
            messages.error(request, words % {"most": care.MOST_COMPARED})
            return _back(request)
        return redirect(f"{reverse('segments:compare')}?{_keys(segments)}")
    if action == "export":
        return redirect(f"{reverse('segments:definition-files')}?{_keys(segments)}")
    try:
        _change(request, action, segments)
    except ApplicationError as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
    return _back(request)


def _change(request: SeatRequest, action: str, segments: Sequence[Segment]) -> None:
    """Do what needs no question. Raises Invalid."""
    account, at, count = request.seat.account, now(), len(segments)
    if action in ("star", "unstar"):
        for segment in segments:
            set_star(segment, on=action == "star")
    elif action == "activate":
        for segment in segments:
            set_active(segment, on=True, at=at)
    elif action == "keep":
        for segment in segments:
            note_use(segment, at)
    elif action == "tag":
        add_tag(account=account, segments=segments, name=request.POST.get("tag", ""))
    elif action == "untag":
        remove_tag(account=account, segments=segments, name=request.POST.get("tag", ""))
    else:
        raise Http404
    words = ngettext("%(n)s segment is changed.", "%(n)s segments are changed.", count)
    messages.success(request, words % {"n": count})


@require_GET
@never_cache
@page(Role.MARKETER)
def ask(request: SeatRequest) -> HttpResponse:
    """Ask whether segments that something uses are to be deactivated or deleted."""
    action = request.GET.get("do", "")
    segments = care.segments_by_keys(request.seat.account, request.GET.getlist("s"))
    if action not in ASKED or not segments:
        raise Http404
    uses = care.with_dependents(request.seat.account, segments)
    context = {"uses": uses, "action": action, "possible": len(_possible(action, uses))}
    return render(request, "segments/pages/ask.html", context)


def _possible(action: str, uses: Sequence[SegmentInUse]) -> list[SegmentInUse]:
    """Those with which it can be done."""
    return [each for each in uses if action != "delete" or not each.blocking]


def _ask_or_do(request: SeatRequest, action: str, segments: Sequence[Segment]) -> HttpResponseBase:
    """Deactivate or delete segments at once; ask first if something uses one of them."""
    account = request.seat.account
    uses = care.with_dependents(account, segments)
    if "confirmed" not in request.POST and any(each.dependents for each in uses):
        query = f"{urlencode({'do': action})}&{_keys(segments)}"
        return redirect(f"{reverse('segments:ask')}?{query}")
    if action == "delete":
        return _delete(request, segments)
    active = [segment for segment in segments if segment.is_active]
    for segment in active:
        set_active(segment, on=False, at=now())
    if active:
        words = _("“%(name)s” stays as it is from now on.") % {"name": active[0].name}
        if len(active) > 1:
            words = ngettext(
                "%(n)s segment stays as it is from now on.",
                "%(n)s segments stay as they are from now on.",
                len(active),
            ) % {"n": len(active)}
        say_with_undo(request, words, care.undo_url("deactivate", active))
    if len(segments) == 1:
        return redirect("segments:detail", segments[0].key)
    return redirect("segments:list")


def _delete(request: SeatRequest, segments: Sequence[Segment]) -> HttpResponseBase:
    removals, reasons = care.delete_all(request.seat.account, segments, now())
    for reason in dict.fromkeys(reasons):
        messages.error(request, reason)
    if removals:
        words = _("“%(name)s” is deleted.") % {"name": removals[0].name}
        if len(removals) > 1:
            words = ngettext(
                "%(n)s segment is deleted.", "%(n)s segments are deleted.", len(removals)
            ) % {"n": len(removals)}
        say_with_undo(request, words, care.undo_url("delete", removals))
    if not removals and len(segments) == 1:
        return redirect("segments:detail", segments[0].key)
    return redirect("segments:list")


@require_POST
@page(Role.MARKETER)
def undo(request: SeatRequest) -> HttpResponseBase:
    """Bring back what was deleted, or resume what was deactivated (`action`, `s`)."""
    action, keys = request.GET.get("action", ""), request.GET.getlist("s")
    if action not in ASKED or not keys:
        raise Http404
    try:
        segments = care.undo(request.seat.account, action, keys, now())
    except NotFound:
        raise Http404 from None
    except Conflict as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
        return redirect("segments:list")
    for segment in segments:
        words = (
            _("“%(name)s” is back.")
            if action == "delete"
            else _("“%(name)s” is kept up to date again.")
        )
        messages.success(request, words % {"name": segment.name})
    if len(segments) == 1:
        return redirect("segments:detail", segments[0].key)
    return redirect("segments:list")


@require_GET
@page(Role.MARKETER)
def trash(request: SeatRequest) -> HttpResponse:
    """The segments whose deletion can still be undone."""
    rows = [
        (segment, care.undo_url("delete", [segment]), segment.deleted + KEPT)
        for segment in deleted_segments(request.seat.account)
        if segment.deleted
    ]
    return render(request, "segments/pages/trash.html", {"rows": rows, "days": KEPT.days})


def _keys(segments: Sequence[Segment]) -> str:
    return urlencode({"s": [segment.key for segment in segments]}, doseq=True)


def _back(request: SeatRequest) -> HttpResponseBase:
    """To the list as it was."""
    return redirect(return_address(request) or reverse("segments:list"))
