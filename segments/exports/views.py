"""The pages of exports: what is to be in the file, how far it is, the file itself."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import segments.exports.tasks  # noqa: F401 - makes known what starts an export
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Invalid
from segments.engine.vocabulary import Catalog
from segments.exports import jobs, stored_files
from segments.exports.members_csv import write_members
from segments.exports.wording import summary_of
from segments.member_files.column import Shop
from segments.member_files.database_snapshot import database_snapshot, is_in_transaction
from segments.member_files.figure_texts import figure_texts
from segments.member_files.figures import figures_of
from segments.member_files.file import file_name, format_of
from segments.member_files.form_data import form_context, request_of_form
from segments.member_files.request import (
    EVERYONE,
    REACHES,
    ExportRequest,
    request_from,
    usual_request,
)
from segments.member_files.sets import columns_of_set, known_columns, save_set
from segments.models import ColumnSet, Export, ExportStatus, Segment
from segments.page import segment_context, segment_or_404

MOST_PROPERTIES = 100
SHOWN = 20


# --- what is to be in the file -------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def index(request: SeatRequest, key: str) -> HttpResponseBase:
    """Choose columns and format; start an export, or save the columns as a set."""
    segment = segment_or_404(request, key)
    shop = Shop(request.seat.account, now())
    usual = usual_request(shop.account, get_language() or "en")
    if request.method == "GET":
        return _form(request, segment, shop, _first_request(request, segment, shop, usual))
    export_request = request_of_form(request.POST, usual)
    try:
        if "save" in request.POST:
            name = request.POST.get("set_name", "")
            saved = save_set(shop, name, export_request.columns, user=request.seat.user, at=now())
            messages.success(request, _("The columns are saved as “%(name)s”.") % {"name": saved})
            return redirect(f"{reverse('segments:exports', args=[key])}?set={saved.pk}")
        export = jobs.start(segment, export_request, user=request.seat.user, at=now())
    except ApplicationError as error:
        return _form(request, segment, shop, export_request, error=error)
    return redirect("segments:export", key, export.pk)


def _first_request(
    request: SeatRequest, segment: Segment, shop: Shop, usual: ExportRequest
) -> ExportRequest:
    """The request that the form begins with: a set's columns, an earlier export, or as usual."""
    if "from" in request.GET:
        earlier = request_from(export_or_404(segment, request.GET["from"]).request)
        return replace(earlier, columns=tuple(known_columns(shop, earlier.columns)))
    try:
        names = columns_of_set(shop, request.GET.get("set", "usual"))
    except Invalid:
        raise Http404 from None
    return replace(usual, columns=tuple(known_columns(shop, names)))


def _form(
    request: SeatRequest,
    segment: Segment,
    shop: Shop,
    export_request: ExportRequest,
    *,
    error: ApplicationError | None = None,
) -> HttpResponse:
    exports = Export.objects.filter(segment=segment).select_related("user")
    context = segment_context(request, segment, "use") | {
        "may_save_set": True,
        **form_context(shop, export_request),
        "set_name": request.POST.get("set_name", ""),
        "problems": [problem.message for problem in error.problems] if error else [],
        "history": [(one, summary_of(one)) for one in exports.order_by("-created", "-pk")[:SHOWN]],
    }
    status = 422 if error else 200
    return render(request, "segments/exports/new.html", context, status=status)


@require_GET
@page(Role.MARKETER)
def people(request: SeatRequest, key: str) -> HttpResponse:
    """How many members can be reached, and what is forecast of those in the file."""
    segment = segment_or_404(request, key)
    reach = request.GET.get("reach", EVERYONE)
    export_request = ExportRequest((), reach=reach if reach in REACHES else EVERYONE)
    with database_snapshot(own=not is_in_transaction()) as snapshot:
        figures = figures_of(segment, snapshot, export_request.channels)
        at = snapshot.at
    context = {"figures": figure_texts(segment.account, figures), "at": at}
    return render(request, "segments/member_files/_people.html", context)


@require_POST
@page(Role.MARKETER)
def delete_set(request: SeatRequest, key: str, set_id: int) -> HttpResponseBase:
    """Delete a saved set of columns."""
    segment_or_404(request, key)
    saved = ColumnSet.objects.filter(account=request.seat.account, pk=set_id).first()
    if saved is None:
        raise Http404
    saved.delete()
    messages.success(request, _("The set “%(name)s” is deleted.") % {"name": saved.name})
    return redirect("segments:exports", key)


# --- one export ----------------------------------------------------------------------------------


def export_or_404(segment: Segment, export_id: int | str) -> Export:
    """One of the segment's exports."""
    text = str(export_id)
    exports = Export.objects.filter(segment=segment).select_related("user")
    export = exports.filter(pk=int(text)).first() if _is_id(text) else None
    if export is None:
        raise Http404
    return export


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


@require_GET
@page()
def detail(request: SeatRequest, key: str, export_id: int) -> HttpResponse:
    """How far an export is, and what came of it."""
    segment = segment_or_404(request, key)
    export = export_or_404(segment, export_id)
    export_request = request_from(export.request)
    context = segment_context(request, segment, "use") | {
        "export": export,
        "summary": summary_of(export),
        "is_moving": export.status in jobs.UNFINISHED,
        "percent": 100 * export.rows_done // max(export.rows_total, 1),
        "request_columns": export_request.columns,
        "format": format_of(export_request),
        "reach": REACHES[export_request.reach],
        "file_name": file_name(segment, export_request, export.as_of) if export.as_of else "",
        "figures": figure_texts(segment.account, export.people) if export.people else None,
    }
    return render_page_or_part(request, "segments/exports/export.html", context)


@require_POST
@page(Role.MARKETER)
def cancel(request: SeatRequest, key: str, export_id: int) -> HttpResponseBase:
    """Stop an export, or delete its file before it expires."""
    export = export_or_404(segment_or_404(request, key), export_id)
    if not jobs.cancel(export, at=now()):
        jobs.delete_file(export, at=now())
    return redirect("segments:export", key, export_id)


@require_GET
@page(Role.MARKETER)
def download(request: SeatRequest, key: str, export_id: int) -> HttpResponseBase:
    """The file, piece by piece."""
    segment = segment_or_404(request, key)
    export = export_or_404(segment, export_id)
    if export.status != ExportStatus.DONE or export.as_of is None:
        raise Http404
    export_request = request_from(export.request)
    response = StreamingHttpResponse(
        stored_files.pieces_of(export.pk), content_type=format_of(export_request).content_type
    )
    name = file_name(segment, export_request, export.as_of)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Content-Length"] = str(export.size)
    response.headers["Cache-Control"] = "private, no-store"
    return response


# --- the quick address ---------------------------------------------------------------------------


@require_GET
@page()
def members_csv(request: SeatRequest, key: str) -> HttpResponseBase:
    """All members as a CSV file at once, with the custom properties that are asked for."""
    segment = segment_or_404(request, key)
    known = Catalog(request.seat.account).own_properties
    names = [name for name in request.GET.getlist("property") if name in known][:MOST_PROPERTIES]
    response = StreamingHttpResponse(
        write_members(segment, names), content_type="text/csv; charset=utf-8"
    )
    name = slugify(segment.name) or segment.key
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
