"""The pages of a segment's audiences: who can be matched at a network, and the files for it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segments.audiences import files
from segments.audiences.api import apis
from segments.audiences.connections import connection_of, latest_syncs, target_of
from segments.audiences.counts import count_audience, count_removals
from segments.audiences.eligibility import Exclusion
from segments.audiences.network import networks, networks_by_rank
from segments.models import Audience, AudienceFile, AudienceFileKind, AudienceFileState, Segment
from segments.page import segment_context, segment_or_404

LATEST = 20
"""Files in the history of a network."""
FEW = 8
"""Rounds of a live connection that are listed."""


def _asked_network(request: SeatRequest, segment: Segment) -> str:
    """The network in the address; else the one a file was made for last, else the first."""
    name = request.GET.get("network", "")
    if name in networks:
        return name
    if name:
        raise Http404
    latest = AudienceFile.objects.filter(account=request.seat.account, audience__segment=segment)
    last = latest.order_by("-created").values_list("audience__network", flat=True).first()
    return last if last is not None and last in networks else networks_by_rank()[0][0]


def _context(request: SeatRequest, segment: Segment) -> dict[str, Any]:
    name, at = _asked_network(request, segment), now()
    network = networks[name]
    audience = Audience.objects.filter(segment=segment, network=name, is_live=False).first()
    includes_unasked = (
        request.GET["unasked"] == "1"
        if "unasked" in request.GET
        else bool(audience and audience.includes_unasked)
    )
    counts = count_audience(segment, network, at, includes_unasked=includes_unasked)
    connection = connection_of(segment, name)
    return {
        "network": network,
        "network_name": name,
        "networks": [(each_name, each.label) for each_name, each in networks_by_rank()],
        "includes_unasked": includes_unasked,
        "counts": counts,
        "left_out": [(each.label, counts.left_out[each]) for each in Exclusion],
        "is_small": counts.total < network.minimum,
        "audience": audience,
        "at_network": audience.members.filter(profile_id__isnull=False).count() if audience else 0,
        "removals": count_removals(audience, network, at) if audience else 0,
        "has_base": audience is not None and files.has_base(audience),
        "has_api": name in apis,
        "connection": connection,
        "target": target_of(connection) if connection else [],
        "syncs": latest_syncs(connection, FEW) if connection else [],
        **_history(segment, name),
    }


def _history(segment: Segment, network: str) -> dict[str, Any]:
    rows: QuerySet[AudienceFile] = AudienceFile.objects.filter(
        account=segment.account_id, audience__segment=segment, audience__network=network
    )
    latest = list(rows.select_related("user", "audience").order_by("-created", "-pk")[:LATEST])
    return {
        "files": [
            {"file": file, "left_out": _left_out(file), "count": sum(file.left_out.values())}
            for file in latest
        ],
        "is_moving": any(file.state == AudienceFileState.WAITING for file in latest),
        "network_name": network,
        "segment": segment,
    }


def _left_out(file: AudienceFile) -> list[tuple[str, int]]:
    return [
        (each.label, file.left_out[each.value]) for each in Exclusion if each.value in file.left_out
    ]


@require_GET
@never_cache
@page(Role.MARKETER)
def audience(request: SeatRequest, key: str) -> HttpResponse:
    """Choose a network, see who can be matched there and who is left out, make a file."""
    segment = segment_or_404(request, key)
    context = segment_context(request, segment, "use") | _context(request, segment)
    return render_page_or_part(request, "segments/audiences/page.html", context)


@require_GET
@never_cache
@page(Role.MARKETER)
def history(request: SeatRequest, key: str) -> HttpResponse:
    """The files that were made for a network; asked again while one is being made."""
    segment = segment_or_404(request, key)
    context = _history(segment, _asked_network(request, segment))
    return render(request, "segments/audiences/_files.html", context)


@require_POST
@page(Role.MARKETER)
def new(request: SeatRequest, key: str) -> HttpResponseBase:
    """Ask for a file (`network`, `kind`, `unasked`)."""
    segment = segment_or_404(request, key)
    network, kind = request.POST.get("network", ""), request.POST.get("kind", "")
    includes_unasked = request.POST.get("unasked") == "1"
    if network not in networks or kind not in AudienceFileKind.values:
        raise Http404
    try:
        files.request_file(
            segment=segment,
            network=network,
            kind=AudienceFileKind(kind),
            includes_unasked=includes_unasked,
            user=request.seat.user,
            at=now(),
        )
    except ApplicationError as error:
        messages.error(request, " ".join(problem.message for problem in error.problems))
    else:
        messages.success(request, _("The file is being made. It can be downloaded below."))
    address = reverse("segments:audience", args=[key])
    return redirect(f"{address}?network={network}&unasked={int(includes_unasked)}#files")


@require_GET
@never_cache
@page(Role.MARKETER)
def download(request: SeatRequest, key: str, file_key: str) -> HttpResponseBase:
    """A file that is ready."""
    segment = segment_or_404(request, key)
    try:
        file = files.get_file(request.seat.account, file_key)
    except NotFound:
        raise Http404 from None
    if file.audience.segment_id != segment.pk or file.state != AudienceFileState.READY:
        raise Http404
    response = StreamingHttpResponse(files.read_lines(file), content_type="text/csv; charset=utf-8")
    name = slugify(segment.name) or segment.key
    day = f"{file.finished:%Y-%m-%d}" if file.finished else ""
    response["Content-Disposition"] = (
        f'attachment; filename="{name}-{file.audience.network}-{file.kind}-{day}.csv"'
    )
    return response
