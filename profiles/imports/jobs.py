"""The life cycle of an import job: its file in rows, its lease with heartbeat, and take-over.

A worker owns a job as long as the job's heartbeat is the one that the worker wrote last. Each batch
is stored in one transaction with the job's progress, so that another worker can continue there.
"""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max

from profiles.imports.layout import Layout
from profiles.imports.mapping import ImportPlan
from profiles.imports.rejects import header_of, lines_of
from profiles.imports.run import BatchResult, Import, RecordBatch, batches, rare_collections, store
from profiles.imports.targets import ColumnTarget
from profiles.imports.values import CellType
from profiles.models import ImportChunk, ImportJob, ImportStatus
from segmenter.accounts.models import User
from segmenter.kernel.errors import ApplicationError
from segmenter.kernel.hook import Hook
from segmenter.kernel.leases import stale

CHUNK = 1 << 20
"""Bytes of the file in one row."""
STALE = timedelta(seconds=60)
"""A running job without a heartbeat for this long is taken over."""
HEARTBEAT = timedelta(seconds=10)
"""Interval between heartbeats of a worker that only reads."""
TRIES = 5
"""How often a job may be taken over without progress."""
UPLOAD_TIMEOUT = timedelta(minutes=10)
"""An upload without new data for this long is deleted."""
RETENTION = timedelta(days=30)
"""The file of an unfinished job and rejected rows are deleted after this time."""

job_start = Hook[[int]]()
"""Called with a job's id when it waits for a worker; a lost call does no harm."""

_log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The job was stopped, or another worker has taken it over."""


class ImportLease:
    """A worker's lease of a job."""

    def __init__(self, job_id: int, heartbeat: datetime) -> None:
        self.job_id = job_id
        self._heartbeat = heartbeat

    def renew(self, at: datetime, **changes: Any) -> None:
        """Write a heartbeat and changes of the job. Raises LeaseLost."""
        rows = ImportJob.objects.filter(
            pk=self.job_id, status=ImportStatus.RUNNING, heartbeat=self._heartbeat
        )
        if not rows.update(heartbeat=at, **changes):
            raise LeaseLost
        self._heartbeat = at

    def renew_if_due(self, at: datetime) -> None:
        if abs(at - self._heartbeat) >= HEARTBEAT:
            self.renew(at)


class JobSource:
    """The file of a job, read from its rows."""

    def __init__(self, job: ImportJob, on_chunk: Callable[[], None] = lambda: None) -> None:
        self.name = job.file_name
        self.size = job.bytes_total
        self._job_id = job.pk
        self._on_chunk = on_chunk

    def open(self) -> io.RawIOBase:
        return _ChunkStream(self._job_id, self._on_chunk)


class _ChunkStream(io.RawIOBase):
    """The bytes of a job's file, one row at a time."""

    def __init__(self, job_id: int, on_chunk: Callable[[], None]) -> None:
        self._job_id = job_id
        self._on_chunk = on_chunk
        self._chunk = memoryview(b"")
        self._number = 0
        self._position = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        if not self._chunk:
            self._on_chunk()
            chunk = ImportChunk.objects.filter(
                job_id=self._job_id, part="file", number=self._number
            ).first()
            if chunk is None:
                return 0
            self._number += 1
            self._chunk = memoryview(bytes(chunk.content))
        count = min(len(buffer), len(self._chunk))
        buffer[:count] = self._chunk[:count]
        self._chunk = self._chunk[count:]
        self._position += count
        return count


def write_settings(
    layout: Layout, plan: ImportPlan | None, *, metric: str | None, zone: str
) -> Any:
    """Return the layout of a job's file and its mapping as JSON for the job's settings."""
    return {
        "layout": asdict(layout),
        "mapped": [list(each) for each in plan.mapped] if plan else [],
        "kinds": {str(place): str(kind) for place, kind in plan.kinds.items()} if plan else {},
        "metric": metric,
        "time_format": plan.time_format if plan else None,
        "list": plan.list_name if plan else None,
        "zone": zone,
    }


def read_layout(job: ImportJob) -> Layout:
    layout = job.settings["layout"]
    return Layout(**{**layout, "columns": tuple(layout["columns"])})


def import_of(job: ImportJob, on_chunk: Callable[[], None] = lambda: None) -> Import:
    """Return the import that a job's settings describe."""
    settings, layout = job.settings, read_layout(job)
    zone, plan = ZoneInfo(settings["zone"]), None
    if not layout.json_lines:
        plan = ImportPlan(
            job.kind,
            layout.columns,
            tuple(ColumnTarget(target, column) for target, column in settings["mapped"]),
            zone,
            {int(place): CellType(kind) for place, kind in settings["kinds"].items()},
            settings["metric"],
            settings["time_format"],
            settings.get("list"),
        )
    return Import(JobSource(job, on_chunk), layout, job.kind, plan, settings["metric"], zone)


def start(job: ImportJob, settings: dict[str, Any], *, user: User | None, at: datetime) -> None:
    """Queue a job for a worker; a failed job continues where it stopped."""
    job.settings = {**settings, "tries": 0}
    job.status, job.error, job.finished = ImportStatus.WAITING, "", None
    job.user, job.heartbeat = user, at
    job.save()
    job_start.call_after_commit(job.pk)


def stop(job: ImportJob, *, message: str, at: datetime) -> bool:
    """Stop a waiting or running job; imported rows stay. Return whether it was stopped."""
    running = [ImportStatus.WAITING, ImportStatus.RUNNING]
    rows = ImportJob.objects.filter(pk=job.pk, status__in=running).update(
        status=ImportStatus.FAILED, error=message, finished=at
    )
    return bool(rows)


def claim(job_id: int, at: datetime) -> ImportLease | None:
    """Take a waiting job, or one whose heartbeat is stale; None if there is nothing to do."""
    with transaction.atomic():
        job = ImportJob.objects.select_for_update(skip_locked=True).filter(pk=job_id).first()
        if job is None or not _may_be_claimed(job, at):
            return None
        tries = job.settings.get("tries", 0)
        if tries >= TRIES:
            reason = job.settings.get("last_error") or "its worker went away without a word"
            job.status, job.finished = ImportStatus.FAILED, at
            job.error = f"Given up after {TRIES} tries without getting further: {reason}."
            job.save()
            return None
        job.settings["tries"] = tries + 1
        job.status, job.heartbeat = ImportStatus.RUNNING, at
        job.save()
    return ImportLease(job_id, at)


def _may_be_claimed(job: ImportJob, at: datetime) -> bool:
    if job.status == ImportStatus.WAITING:
        return True
    stale = job.heartbeat is None or abs(at - job.heartbeat) >= STALE  # or the clock went back
    return job.status == ImportStatus.RUNNING and stale


def run_job(job_id: int, clock: Callable[[], datetime]) -> None:
    """Run a job to its end, or until its lease is lost."""
    lease = claim(job_id, clock())
    if lease is None:
        return
    job = ImportJob.objects.select_related("account").get(pk=job_id)
    try:
        with rare_collections():
            for batch, misfits in _remaining_batches(job, lease, clock):
                _store_batch(job, lease, batch, misfits, clock())
        _finish(job, lease, clock())
    except LeaseLost:
        _log.info("Import %s is no longer ours.", job_id)
    except ApplicationError as error:
        _fail(job, lease, str(error), clock())
    except Exception as error:
        # The job stays "running" and is taken over in a minute, when the fault may be gone.
        message = str(error).strip().split("\n", 1)[0] or type(error).__name__
        if not isinstance(error, OperationalError | InterfaceError):
            _note_error(job, f"{type(error).__name__}: {message}")
        raise


def _remaining_batches(
    job: ImportJob, lease: ImportLease, clock: Callable[[], datetime]
) -> Iterator[tuple[RecordBatch, dict[str, int]]]:
    """The batches that are not stored yet; the lease is renewed while rows are skipped."""
    task = import_of(job, on_chunk=lambda: lease.renew_if_due(clock()))
    earlier = job.settings.get("misfits", {})
    for batch, misfits in batches(task, skip=job.accepted + job.unchanged + job.rejected):
        columns = {**earlier, **misfits}
        yield batch, {name: earlier.get(name, 0) + misfits.get(name, 0) for name in columns}


def _store_batch(
    job: ImportJob, lease: ImportLease, batch: RecordBatch, misfits: dict[str, int], at: datetime
) -> None:
    with transaction.atomic():
        result = store(import_of(job), batch, account=job.account, at=at)
        _add_rejects(job, result)
        job.accepted += result.accepted
        job.unchanged += result.unchanged
        job.rejected += len(result.rejects)
        job.bytes_read = batch.block.position
        contested = dict(Counter(job.settings.get("contested", {})) + result.contested)
        job.settings = {**job.settings, "misfits": misfits, "contested": contested, "tries": 0}
        lease.renew(
            at,
            accepted=job.accepted,
            unchanged=job.unchanged,
            rejected=job.rejected,
            bytes_read=job.bytes_read,
            settings=job.settings,
        )


def _add_rejects(job: ImportJob, result: BatchResult) -> None:
    if not result.rejects:
        return
    parts = ImportChunk.objects.filter(job=job, part="rejects")
    last = parts.aggregate(last=Max("number"))["last"]
    ImportChunk.objects.create(
        job=job,
        part="rejects",
        number=0 if last is None else last + 1,
        content=lines_of(result.rejects, read_layout(job)),
    )


def _finish(job: ImportJob, lease: ImportLease, at: datetime) -> None:
    with transaction.atomic():
        lease.renew(at, status=ImportStatus.DONE, finished=at, bytes_read=job.bytes_total)
        ImportChunk.objects.filter(job=job, part="file").delete()


def _fail(job: ImportJob, lease: ImportLease, message: str, at: datetime) -> None:
    try:
        lease.renew(at, status=ImportStatus.FAILED, finished=at, error=message)
    except LeaseLost:
        _log.info("Import %s failed, but is no longer ours.", job.pk)


def _note_error(job: ImportJob, message: str) -> None:
    """Store an error, for the page to show if all tries fail."""
    ImportJob.objects.filter(pk=job.pk, status=ImportStatus.RUNNING).update(
        settings={**job.settings, "last_error": message}
    )


def rejected_rows(job: ImportJob) -> Iterator[bytes]:
    """Yield the file of a job's rejected rows in chunks."""
    yield header_of(read_layout(job))
    parts = ImportChunk.objects.filter(job=job, part="rejects").order_by("number")
    for number in parts.values_list("number", flat=True):
        chunk = ImportChunk.objects.filter(job=job, part="rejects", number=number).first()
        if chunk is not None:
            yield bytes(chunk.content)


def waiting_jobs(at: datetime) -> list[int]:
    """Return waiting jobs and those with a stale heartbeat, for the sweep to start."""
    stale_jobs = ImportJob.objects.filter(stale("heartbeat", at, STALE))
    waiting = stale_jobs.filter(status=ImportStatus.WAITING)
    running = stale_jobs.filter(status=ImportStatus.RUNNING)
    ids = list(waiting.values_list("pk", flat=True))
    ImportJob.objects.filter(pk__in=ids, status=ImportStatus.WAITING).update(heartbeat=at)
    return ids + list(running.values_list("pk", flat=True))


def discard_old(at: datetime) -> None:
    """Delete interrupted uploads, unused files, and the rows of old finished imports."""
    mapping = ImportJob.objects.filter(status=ImportStatus.MAPPING)
    mapping.filter(settings__has_key="uploading", heartbeat__lt=at - UPLOAD_TIMEOUT).delete()
    mapping.filter(created__lt=at - RETENTION).delete()
    ImportChunk.objects.filter(job__finished__lt=at - RETENTION).delete()
