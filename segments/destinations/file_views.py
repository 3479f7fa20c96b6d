"""The pages of destinations of files: making and changing one, its files and its log."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import segments.destinations.tasks  # noqa: F401 - makes known what wakes a worker
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Invalid, NotFound
from segments.destinations import file_editing, links
from segments.destinations.file_contents import contents_of
from segments.destinations.file_forms import SCHEDULE_LABELS, FileForm
from segments.destinations.store import FileStore, file_stores
from segments.member_files.column import Shop
from segments.member_files.file import format_of
from segments.member_files.form_data import form_context, request_of_form
from segments.member_files.request import REACHES, ExportRequest, usual_request
from segments.member_files.sets import columns_of_set, known_columns
from segments.models import (
    Destination,
    DestinationFile,
    DestinationLink,
    DestinationRun,
    Schedule,
    Segment,
)
from segments.page import segment_context, segment_or_404

MOST_RUNS = 20


def _destination(segment: Segment, destination_key: str) -> Destination:
    try:
        return file_editing.file_destination(segment, destination_key)
    except NotFound:
        raise Http404 from None


def _store(kind: str) -> FileStore:
    try:
        return file_editing.store_of(kind)
    except NotFound:
        raise Http404 from None


def _back(destination: Destination, key: str) -> HttpResponseBase:
    return redirect("segments:scheduled-file", key, destination.key)


# --- making and changing one ---------------------------------------------------------------------


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def new(request: SeatRequest, key: str, kind: str) -> HttpResponseBase:
    """The form of a new destination; POST asks the store and keeps it."""
    segment = segment_or_404(request, key)
    _store(kind)
    shop = Shop(request.seat.account, now())
    usual = usual_request(shop.account, get_language() or "en")
    return _edit(request, segment, shop, kind, None, usual)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def change(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """The form of a destination; POST asks the store and keeps it."""
    segment = segment_or_404(request, key)
    destination = _destination(segment, destination_key)
    shop = Shop(request.seat.account, now())
    usual = contents_of(destination).request
    return _edit(request, segment, shop, destination.kind, destination, usual)


def _edit(
    request: SeatRequest,
    segment: Segment,
    shop: Shop,
    kind: str,
    current: Destination | None,
    usual: ExportRequest,
) -> HttpResponseBase:
    choice = _of_set(request, shop, usual)
    form = FileForm(file_stores[kind], current, request.POST or None)
    problems: list[str] = []
    if request.method == "POST":
        choice = request_of_form(request.POST, replace(usual, columns=()))
        if form.is_valid():
            try:
                destination = _save(request, segment, kind, current, form, choice)
            except ApplicationError as error:
                problems = [problem.message for problem in error.problems]
            else:
                messages.success(request, _("A file is being made and put there."))
                return _back(destination, segment.key)
    context = segment_context(request, segment, "use") | {
        **form_context(shop, choice),
        "form": form,
        "store": file_stores[kind],
        "destination": current,
        "problems": problems,
        "is_fixed": form.is_fixed,
    }
    status = 422 if form.errors or problems else 200
    return render(request, "segments/destinations/files/edit.html", context, status=status)


def _of_set(request: SeatRequest, shop: Shop, usual: ExportRequest) -> ExportRequest:
    """The request with the columns of the set that is asked for."""
    names = list(usual.columns)
    if "set" in request.GET:
        try:
            names = columns_of_set(shop, request.GET["set"])
        except Invalid:
            raise Http404 from None
    return replace(usual, columns=tuple(known_columns(shop, names)))


def _save(
    request: SeatRequest,
    segment: Segment,
    kind: str,
    current: Destination | None,
    form: FileForm,
    choice: ExportRequest,
) -> Destination:
    setup, at = form.setup(choice), now()
    if current is None:
        return file_editing.set_up(segment, kind, setup, user=request.seat.user, at=at)
    file_editing.change(current, setup, at)
    return current


# --- one of them ---------------------------------------------------------------------------------


@require_GET
@never_cache
@page()
def detail(request: SeatRequest, key: str, destination_key: str) -> HttpResponse:
    """The state of a destination, its files and its log."""
    segment = segment_or_404(request, key)
    destination = _destination(segment, destination_key)
    contents = contents_of(destination)
    files = DestinationFile.objects.filter(destination=destination, is_leaving=False)
    runs = DestinationRun.objects.filter(destination=destination).order_by("-pk")
    link = DestinationLink.objects.filter(destination=destination).first()
    context = segment_context(request, segment, "use") | {
        "destination": destination,
        "store": file_stores[destination.kind],
        "schedule": _schedule_text(destination),
        "contents": contents,
        "format": format_of(contents.request),
        "reach": REACHES[contents.request.reach],
        "files": files.filter(is_stored=True).order_by("-pk"),
        "runs": runs[:MOST_RUNS],
        "link": link,
        "address": _address(request, link) if link else "",
    }
    return render(request, "segments/destinations/files/detail.html", context)


@require_POST
@page(Role.MARKETER)
def switch(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """Make no more files (`on` 0), or make one now and go on."""
    destination = _destination(segment_or_404(request, key), destination_key)
    if request.POST.get("on") == "0":
        file_editing.pause(destination)
        messages.success(request, _("No more files are made."))
    else:
        file_editing.resume(destination, now())
        messages.success(request, _("A file is being made and put there."))
    return _back(destination, key)


@require_POST
@page(Role.MARKETER)
def renew_link(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """Give the link another address."""
    destination = _destination(segment_or_404(request, key), destination_key)
    link = DestinationLink.objects.filter(destination=destination).first()
    if link is None:
        raise Http404
    links.renew(link)
    messages.success(request, _("The link has a new address; the old one leads nowhere."))
    return _back(destination, key)


@require_POST
@page(Role.MARKETER)
def delete(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """Delete a destination, with its files there or without."""
    destination = _destination(segment_or_404(request, key), destination_key)
    deletes_files = request.POST.get("files") == "1"
    file_editing.end(destination, now(), deletes_files=deletes_files)
    if deletes_files:
        messages.success(request, _("Its files are being deleted there."))
    else:
        messages.success(request, _("Deleted. The files that are there stay."))
    return redirect("segments:destinations", key)


def _schedule_text(destination: Destination) -> str:
    label = str(dict(SCHEDULE_LABELS)[destination.schedule])
    if destination.schedule == Schedule.HOURLY:
        return label
    hour = f"{destination.hour:02}:00"
    if destination.schedule == Schedule.WEEKLY:
        day = dict(FileForm.base_fields["weekday"].choices)[destination.weekday]  # type: ignore[attr-defined]
        return f"{label}, {day}, {hour}"
    return f"{label}, {hour}"


def _address(request: SeatRequest, link: DestinationLink) -> str:
    """The whole address of a link, for who may export; empty if it cannot be read any more."""
    token = links.token_of(link)
    if token is None or not request.seat.allows(Role.MARKETER):
        return ""
    return request.build_absolute_uri(reverse("segments:sheet", args=[token]))
