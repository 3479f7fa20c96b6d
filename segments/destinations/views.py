"""The pages of a segment's destinations: which there are, making and changing one, one of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segments.destinations import editing, queries
from segments.destinations.forms import CHANNELS, ListDestinationForm
from segments.destinations.kind import (
    KeyKind,
    ListDestination,
    list_destinations,
    preparations,
)
from segments.destinations.store import file_stores
from segments.member_files.column import Shop
from segments.models import Destination, DestinationMember, Segment
from segments.page import segment_context, segment_or_404

LATEST = 10
"""Runs that are listed."""


def _destination(request: SeatRequest, segment: Segment, key: str) -> Destination:
    try:
        return editing.get_destination(request.seat.account, segment, key)
    except NotFound:
        raise Http404 from None


def _kind(name: str) -> ListDestination:
    try:
        return editing.get_kind(name)
    except NotFound:
        raise Http404 from None


@require_GET
@never_cache
@page(Role.MARKETER)
def index(request: SeatRequest, key: str) -> HttpResponse:
    """The segment's destinations, and the kinds of which another can be made."""
    segment = segment_or_404(request, key)
    context = segment_context(request, segment, "use") | {
        "rows": [
            {
                "destination": each,
                "label": queries.label_of(each),
                "level": queries.level_of(each),
                **queries.member_counts(each),
            }
            for each in queries.destinations_of(segment)
        ],
        "kinds": sorted(list_destinations.items(), key=lambda item: item[1].rank),
        "stores": sorted(file_stores.items(), key=lambda item: item[1].rank),
    }
    return render(request, "segments/destinations/index.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def new(request: SeatRequest, key: str, kind: str) -> HttpResponseBase:
    """The form of a new destination; POST asks the receiver and makes it."""
    segment, receiver = segment_or_404(request, key), _kind(kind)
    form = ListDestinationForm(
        receiver, Shop(request.seat.account, now()), None, request.POST or None
    )
    if request.method == "POST" and form.is_valid():
        try:
            destination = editing.create(
                segment=segment,
                kind=kind,
                plan=form.plan(),
                user=request.seat.user,
                at=now(),
            )
        except ApplicationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("It is being brought up to date now."))
            return redirect("segments:destination", key, destination.key)
    return _form_page(request, segment, receiver, form, None)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def change(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """The form of a destination that there is."""
    segment = segment_or_404(request, key)
    destination = _destination(request, segment, destination_key)
    receiver = _kind(destination.kind)
    form = ListDestinationForm(
        receiver,
        Shop(request.seat.account, now()),
        destination,
        request.POST or None,
        fixed=destination.kind in preparations,
    )
    if request.method == "POST" and form.is_valid():
        try:
            editing.change(destination, plan=form.plan(), at=now())
        except ApplicationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("Changed. Everyone is compared now."))
            return redirect("segments:destination", key, destination_key)
    return _form_page(request, segment, receiver, form, destination)


def _add_errors(form: ListDestinationForm, error: ApplicationError) -> None:
    """Write what is wrong at the field it belongs to."""
    for problem in error.problems:
        name = problem.pointer.strip("/").split("/")[0]
        name = f"of_{name}" if f"of_{name}" in form.fields else name
        form.add_error(name if name in form.fields else None, problem.message)


def _form_page(
    request: SeatRequest,
    segment: Segment,
    kind: ListDestination,
    form: ListDestinationForm,
    destination: Destination | None,
) -> HttpResponse:
    counts = queries.reach_counts(segment, now())
    needs_address = kind.key_kind == KeyKind.EMAIL
    context = segment_context(request, segment, "use") | {
        "form": form,
        "kind": kind,
        "destination": destination,
        "counts": [(label, counts[channel]) for channel, label in CHANNELS],
        "without_address": queries.count_without_address(segment) if needs_address else 0,
    }
    status = 422 if form.errors else 200
    return render(request, "segments/destinations/form.html", context, status=status)


@require_GET
@never_cache
@page(Role.MARKETER)
def detail(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """A destination: its state, what was sent and what was refused. Asked again while it works."""
    segment = segment_or_404(request, key)
    destination = _destination(request, segment, destination_key)
    if destination.kind in file_stores:
        return redirect("segments:scheduled-file", key, destination_key)
    context = segment_context(request, segment, "use") | _context(segment, destination)
    return render_page_or_part(request, "segments/destinations/detail.html", context)


def _context(segment: Segment, destination: Destination) -> dict[str, Any]:
    kind = queries.kind_of(destination)
    runs = list(destination.runs.order_by("-pk")[:LATEST])
    labels = dict(CHANNELS)
    needs_address = queries.needs_address(destination)
    erased = DestinationMember.objects.filter(destination=destination, profile_id=None)
    return {
        "destination": destination,
        "kind": kind,
        "label": queries.label_of(destination),
        "level": queries.level_of(destination),
        "settings": _settings(destination, kind),
        "included": labels.get(destination.channel, destination.channel),
        "counts": queries.member_counts(destination),
        "removals": erased.count(),
        "without_address": queries.count_without_address(segment) if needs_address else 0,
        "refusals": queries.refusals(destination),
        "runs": runs,
        "is_working": destination.state == "on"
        and (destination.claim is not None or destination.compared_all is None)
        and not destination.error,
    }


def _settings(destination: Destination, kind: ListDestination | None) -> list[tuple[str, str]]:
    """Label and value of each field that is not secret."""
    if kind is None or destination.kind in preparations:
        return []
    return [
        (str(each.label), destination.settings.get(each.name, ""))
        for each in kind.fields
        if not each.is_secret
    ]


@require_POST
@page(Role.MARKETER)
def pause(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """Send nothing more."""
    segment = segment_or_404(request, key)
    editing.pause(_destination(request, segment, destination_key))
    messages.success(request, _("Nothing is sent any more."))
    return redirect("segments:destination", key, destination_key)


@require_POST
@page(Role.MARKETER)
def compare(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """Compare everyone now, and send again if it was paused."""
    segment = segment_or_404(request, key)
    editing.compare_everyone(_destination(request, segment, destination_key), now())
    messages.success(request, _("Everyone is compared now."))
    return redirect("segments:destination", key, destination_key)


@require_POST
@page(Role.MARKETER)
def delete(request: SeatRequest, key: str, destination_key: str) -> HttpResponseBase:
    """End a destination (`empties` 1: take everybody out there first)."""
    segment = segment_or_404(request, key)
    destination = _destination(request, segment, destination_key)
    empties = request.POST.get("empties") == "1"
    editing.delete(destination, empties=empties, at=now())
    if empties:
        messages.success(request, _("Everybody is taken out there, then it is deleted."))
        return redirect("segments:destination", key, destination_key)
    messages.success(request, _("Deleted. The people stay where they are."))
    return redirect("segments:destinations", key)
