"""The pages of imports: upload, what becomes of the columns, progress, what was rejected."""

from __future__ import annotations

import csv
import io
import json
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
    UnreadablePostError,
)
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from profiles.imports import conflict_sentences, jobs
from profiles.imports.blocks import Block
from profiles.imports.encoding_choice import encoding_options, read_detection, with_encoding
from profiles.imports.encodings import label_of
from profiles.imports.form import TYPES, MappingForm, choices, fill, suggest
from profiles.imports.layout import DELIMITERS, detect_layout
from profiles.imports.rejects import rejects_name
from profiles.imports.run import first_block
from profiles.imports.source import Unreadable
from profiles.imports.upload import Upload
from profiles.models import ImportChunk, ImportJob, ImportStatus, List, Metric
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.bodies import takes_files
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import cursors
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.pagination import Order, page_of
from segmenter.kernel.time_zones import time_zones

PAGE_SIZE = 30
SHOWN_REJECTS = 10
KINDS = ("profiles", "events")


def job_or_404(request: SeatRequest, job_id: int) -> ImportJob:
    """Return one of the account's imports."""
    job = ImportJob.objects.filter(account=request.seat.account, pk=job_id).first()
    if job is None or "uploading" in job.settings:
        raise Http404
    return job


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    rows = (
        ImportJob.objects.filter(account=request.seat.account)
        .exclude(settings__has_key="uploading")
        .select_related("user")
    )
    jobs_page = page_of(rows, Order("created", descending=True), size=PAGE_SIZE, **cursors(request))
    context = {"page": jobs_page, "may_write": request.seat.allows(Role.MARKETER)}
    return render(request, "profiles/imports/list.html", context)


@csrf_exempt  # checked in _receive, after the upload handler is set
@require_http_methods(["GET", "POST"])
@takes_files
@page(Role.MARKETER)
def new(request: SeatRequest) -> HttpResponseBase:
    """Show the form for a file, and receive it."""
    if request.method == "GET":
        kind = request.GET.get("kind", "")
        return _new(request, kind=kind if kind in KINDS else "profiles")
    most = settings.IMPORT_BODY_LIMIT
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        message = _("The file is larger than %(most)s MB.") % {"most": most // 1_000_000}
        return _new(request, error=message, status=413)
    upload = Upload(request, account=request.seat.account, most=most, clock=now)
    request.upload_handlers = [upload]
    try:
        return _receive(request, upload)
    except UnreadablePostError:
        return HttpResponse(status=400)  # the browser has disconnected
    finally:
        if upload.job is not None and "uploading" in upload.job.settings:
            upload.discard()


@csrf_protect
def _receive(request: HttpRequest, upload: Upload) -> HttpResponseBase:
    kind = request.POST.get("kind", "")
    kind = kind if kind in KINDS else "profiles"
    try:
        job = upload.finish(kind)
    except Unreadable as error:
        return _new(request, kind=kind, error=str(error), status=422)
    job.user = request.seat.user  # type: ignore[attr-defined]
    job.save(update_fields=["user"])
    return redirect("imports:job", job.pk)


def _new(
    request: HttpRequest, *, kind: str = "profiles", error: str = "", status: int = 200
) -> HttpResponse:
    context = {"kind": kind, "error": error, "most": settings.IMPORT_BODY_LIMIT}
    return render(request, "profiles/imports/new.html", context, status=status)


@require_GET
@page()
def detail(request: SeatRequest, job_id: int) -> HttpResponse:
    """Show the mapping of columns before the start, and the progress afterwards."""
    job = job_or_404(request, job_id)
    if job.status == ImportStatus.MAPPING:
        return _mapping(request, job, _suggest(request, job, request.GET))
    return render_page_or_part(request, "profiles/imports/job.html", _job_context(request, job))


@require_POST
@page(Role.MARKETER)
def start(request: SeatRequest, job_id: int) -> HttpResponseBase:
    job = job_or_404(request, job_id)
    if job.status != ImportStatus.MAPPING:
        return redirect("imports:job", job.pk)
    form, block, error = _suggest(request, job, request.POST)
    if form is not None:
        form = fill(form, request.POST)
    if form is None or not form.is_valid:
        return _mapping(request, job, (form, block, error), status=422)
    plan = form.plan()
    job_settings = jobs.write_settings(
        form.layout, plan, metric=form.metric or None, zone=form.zone
    )
    jobs.start(job, job_settings, user=request.seat.user, at=now())
    return redirect("imports:job", job.pk)


@require_POST
@page(Role.MARKETER)
def stop(request: SeatRequest, job_id: int) -> HttpResponseBase:
    job = job_or_404(request, job_id)
    message = _("Stopped by %(who)s.") % {"who": request.seat.user}
    jobs.stop(job, message=message, at=now())
    return redirect("imports:job", job.pk)


@require_POST
@page(Role.MARKETER)
def again(request: SeatRequest, job_id: int) -> HttpResponseBase:
    """Continue a failed job where it stopped."""
    job = job_or_404(request, job_id)
    if job.status == ImportStatus.FAILED and _has_file(job):
        jobs.start(job, job.settings, user=request.seat.user, at=now())
    return redirect("imports:job", job.pk)


@require_POST
@page(Role.MARKETER)
def delete(request: SeatRequest, job_id: int) -> HttpResponseBase:
    """Delete a job and its file; imported rows stay."""
    job = job_or_404(request, job_id)
    if job.status in (ImportStatus.WAITING, ImportStatus.RUNNING):
        messages.error(request, _("Stop the import first."))
        return redirect("imports:job", job.pk)
    job.delete()
    messages.success(request, _("“%(file)s” is gone from here.") % {"file": job.file_name})
    return redirect("imports:list")


@require_GET
@page()
def rejected(request: SeatRequest, job_id: int) -> HttpResponseBase:
    """Download the rejected rows, each with its line and reason."""
    job = job_or_404(request, job_id)
    if job.status == ImportStatus.MAPPING or not job.rejected:
        raise Http404
    layout = jobs.read_layout(job)
    name = rejects_name(job.file_name, layout)
    kind = "application/x-ndjson" if layout.json_lines else "text/csv; charset=utf-8"
    answer = StreamingHttpResponse(jobs.rejected_rows(job), content_type=kind)
    answer.headers["Content-Disposition"] = _attachment(name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _attachment(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"


def _has_file(job: ImportJob) -> bool:
    return ImportChunk.objects.filter(job=job, part="file").exists()


def _suggest(
    request: SeatRequest, job: ImportJob, data: Any
) -> tuple[MappingForm | None, Block, str]:
    """The form for the file, with the layout that was detected or that the person stated."""
    source = jobs.JobSource(job)
    delimiter = data.get("delimiter", job.settings["delimiter"])
    detection = with_encoding(read_detection(job.settings), data.get("encoding", ""))
    try:
        layout = detect_layout(
            source,
            detection=detection,
            delimiter=delimiter if delimiter in DELIMITERS else job.settings["delimiter"],
            header=data.get("header", "1") == "1",
        )
        block = first_block(source, layout)
    except Unreadable as error:
        return None, Block(), str(error)
    form = suggest(job.kind, layout, block, zone=request.seat.account.time_zone)
    return form, block, ""


def _mapping(
    request: SeatRequest,
    job: ImportJob,
    suggested: tuple[MappingForm | None, Block, str],
    status: int = 200,
) -> HttpResponse:
    form, block, trouble = suggested
    detected = read_detection(job.settings)
    detection = with_encoding(detected, (request.POST or request.GET).get("encoding", ""))
    context = {
        "job": job,
        "detection": detection,
        "encoding": label_of(detection.encoding),
        "encoding_options": encoding_options(detected, detection.encoding),
        "form": form,
        "trouble": trouble,
        "choices": choices(job.kind),
        "types": list(TYPES.items()),
        "delimiters": [(mark, _(name)) for mark, name in DELIMITERS.items()],
        "delimiter": form.layout.delimiter if form else job.settings["delimiter"],
        "header": form.layout.header if form else True,
        "broken": block.broken[:3],
        "records": [text[:300] for _record, text in block.rows[:5]]
        if form and form.layout.json_lines
        else [],
        "zones": sorted(time_zones()),
        "lists": List.objects.filter(account=job.account).order_by("name")[:200],
        "metrics": Metric.objects.filter(account=job.account).order_by("name")[:200],
        "may_write": request.seat.allows(Role.MARKETER),
    }
    return render(request, "profiles/imports/mapping.html", context, status=status)


def _job_context(request: SeatRequest, job: ImportJob) -> dict[str, Any]:
    metric = Metric.objects.filter(account=job.account, name=job.settings.get("metric")).first()
    layout = jobs.read_layout(job) if "layout" in job.settings else None
    return {
        "job": job,
        "rows": job.accepted + job.unchanged + job.rejected,
        "layout": layout,
        "encoding": label_of(layout.encoding) if layout else "",
        "moving": job.status in (ImportStatus.WAITING, ImportStatus.RUNNING),
        "percent": 100 * job.bytes_read // max(job.bytes_total, 1),
        "misfits": job.settings.get("misfits", {}),
        "contested": [
            conflict_sentences.sentence(job.kind, identifier, count)
            for identifier, count in job.settings.get("contested", {}).items()
        ],
        "rejects": _first_rejects(job) if job.rejected else [],
        "metric": metric,
        "filled_list": _list_of(job),
        "has_file": job.status == ImportStatus.FAILED and _has_file(job),
        "may_write": request.seat.allows(Role.MARKETER),
    }


def _list_of(job: ImportJob) -> List | None:
    """The list that the imported people were put on."""
    name = job.settings.get("list")
    return List.objects.filter(account=job.account, name=name).first() if name else None


def _first_rejects(job: ImportJob) -> list[dict[str, str]]:
    """The first rejected rows, for the page."""
    chunk = ImportChunk.objects.filter(job=job, part="rejects").order_by("number").first()
    if chunk is None:
        return []
    text = io.StringIO(bytes(chunk.content).decode("utf-8", "replace"), newline="")
    if jobs.read_layout(job).json_lines:
        records = (json.loads(line) for line in text)
        rows = ((record["line"], record["reason"], json.dumps(record["row"])) for record in records)
    else:
        rows = ((line, reason, ", ".join(cells)) for line, reason, *cells in csv.reader(text))
    return [
        {"line": str(line), "reason": reason, "row": row[:200]}
        for line, reason, row in islice(rows, SHOWN_REJECTS)
    ]
