"""The life of an export: a row that waits, a lease with heartbeats, the file in rows, expiry.

An export is one worker's as long as its heartbeat is the one that this worker wrote last. All of a
file is of one snapshot, so whoever takes over begins anew, with a new instant; pieces of the file
are stored in the transaction that renews the lease, so that two workers never mix theirs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction

from segmenter.accounts.models import User
from segmenter.kernel.errors import ApplicationError, Conflict, Problem
from segmenter.kernel.hook import Hook
from segmenter.kernel.leases import stale
from segments.exports import stored_files
from segments.member_files.column import Shop
from segments.member_files.database_snapshot import (
    DatabaseSnapshot,
    database_snapshot,
    is_in_transaction,
)
from segments.member_files.figures import figures_of
from segments.member_files.file import plan_export, write_file
from segments.member_files.member_rows import blocks_query
from segments.member_files.request import ExportRequest, check_request, request_from
from segments.member_files.turns import take_turn
from segments.models import Export, ExportStatus, Segment

CHUNK = 1 << 20
"""Bytes of the file in one row."""
STALE = timedelta(seconds=60)
"""A running export without a heartbeat for this long is taken over."""
TRIES = 5
"""How often an export is begun before it is given up."""
UNFINISHED = (ExportStatus.WAITING, ExportStatus.RUNNING)

export_start = Hook[[int]]()
"""Called with an export's id when it waits for a worker; a lost call does no harm."""

_log = logging.getLogger(__name__)


class TakenAway(Exception):
    """The export was cancelled or begins anew, or another worker has taken it over."""


def start(segment: Segment, request: ExportRequest, *, user: User | None, at: datetime) -> Export:
    """Let an export wait for a worker. Raises Invalid for what cannot be exported so."""
    if segment.as_of is None:
        message = "The segment is being built for the first time: it has no members yet."
        raise Conflict(Problem("", "not_built", message))
    checked = check_request(request, Shop(segment.account, at))
    export = Export.objects.create(
        account=segment.account,
        segment=segment,
        user=user,
        request=checked.as_json(),
        created=at,
        heartbeat=at,
    )
    export_start.call_after_commit(export.pk)
    return export


def cancel(export: Export, *, at: datetime) -> bool:
    """Stop an export and drop what there is of its file; False if it had ended already."""
    with transaction.atomic():
        count = Export.objects.filter(pk=export.pk, status__in=UNFINISHED).update(
            status=ExportStatus.CANCELLED, finished=at
        )
        if count:
            stored_files.drop([export.pk])
    return bool(count)


def delete_file(export: Export, *, at: datetime) -> bool:
    """Let a file expire before its time; False if there is none."""
    with transaction.atomic():
        count = Export.objects.filter(pk=export.pk, status=ExportStatus.DONE).update(
            status=ExportStatus.EXPIRED, expires=at
        )
        if count:
            stored_files.drop([export.pk])
    return bool(count)


class ExportLease:
    """A worker's right to an export."""

    def __init__(self, export_id: int, at: datetime, clock: Callable[[], datetime]) -> None:
        self.export_id = export_id
        self._last = at
        self._clock = clock

    def renew(self, **changes: Any) -> None:
        """Write a heartbeat, and changes of the export with it. Raises TakenAway."""
        at = self._clock()
        rows = Export.objects.filter(
            pk=self.export_id, status=ExportStatus.RUNNING, heartbeat=self._last
        )
        if not rows.update(heartbeat=at, **changes):
            raise TakenAway
        self._last = at


class _ChunkSink:
    """Stores a file in rows, each with a heartbeat."""

    def __init__(self, lease: ExportLease) -> None:
        self.rows_done = 0
        self.size = 0
        self._lease = lease
        self._buffer = bytearray()
        self._number = 0

    def write(self, content: bytes, /) -> int:
        self._buffer += content
        while len(self._buffer) >= CHUNK:
            with transaction.atomic():
                self._store(CHUNK)
        return len(content)

    def end(self, **changes: Any) -> None:
        """Store what is left, with the last changes of the export."""
        with transaction.atomic():
            while self._buffer:
                self._store(CHUNK)
            self._lease.renew(rows_done=self.rows_done, size=self.size, **changes)

    def _store(self, size: int) -> None:
        content = bytes(self._buffer[:size])
        del self._buffer[:size]
        self.size += len(content)
        self._lease.renew(rows_done=self.rows_done, size=self.size)
        stored_files.add_piece(self._lease.export_id, self._number, content)
        self._number += 1


def run_export(export_id: int, clock: Callable[[], datetime]) -> None:
    """Carry an export to its end, unless somebody else has it."""
    lease = _claim(export_id, clock)
    if lease is None:
        return
    export = Export.objects.select_related("segment__account").get(pk=export_id)
    own = not is_in_transaction()
    try:
        with ExitStack() as stack:
            snapshot = _begin(export, lease, stack, own=own)
            _write(export, lease, snapshot, clock)
    except TakenAway:
        _log.info("Export %s is no longer ours.", export_id)
        if Export.objects.filter(pk=export_id, status=ExportStatus.WAITING).exists():
            export_start.call(export_id)
    except ApplicationError as error:
        _fail(lease, str(error), clock())
    except DatabaseError as error:
        # It stays "running" and begins anew in a minute: time for what is broken to mend.
        _note(export_id, _first_line(error))
        raise
    except Exception as error:
        _fail(lease, f"{type(error).__name__}: {_first_line(error)}", clock())
        raise


def _claim(export_id: int, clock: Callable[[], datetime]) -> ExportLease | None:
    """Take an export that waits, or whose worker is silent, with nothing of its file there."""
    at = clock()
    with transaction.atomic():
        rows = Export.objects.select_for_update(skip_locked=True)
        export = rows.filter(pk=export_id, status__in=UNFINISHED).first()
        if export is None or not _is_free(export, at):
            return None
        if export.tries >= TRIES:
            export.status, export.finished = ExportStatus.FAILED, at
            why = export.error or "its worker went away without a word"
            export.error = f"Given up after {TRIES} tries: {why}."
            export.save(update_fields=["status", "finished", "error"])
            stored_files.drop([export_id])
            return None
        stored_files.drop([export_id])
        export.status, export.heartbeat = ExportStatus.RUNNING, at
        export.tries += 1
        export.rows_done = export.rows_total = export.size = 0
        export.save()
    return ExportLease(export_id, at, clock)


def _is_free(export: Export, at: datetime) -> bool:
    if export.status == ExportStatus.WAITING:
        return True
    return export.heartbeat is None or abs(at - export.heartbeat) >= STALE


def _begin(export: Export, lease: ExportLease, stack: ExitStack, *, own: bool) -> DatabaseSnapshot:
    """Take the snapshot and note who is in it, in turn with erasures."""
    segment, channels = export.segment, request_from(export.request).channels
    with transaction.atomic():
        take_turn(export.account_id)
        snapshot = stack.enter_context(database_snapshot(own=own))
        total = 0
        blocks = snapshot.rows(blocks_query(segment, channels, snapshot.at))
        for first_id, last_id, count, ids in blocks:
            stored_files.add_block(export.pk, first_id, last_id, ids)
            total += count
        lease.renew(as_of=snapshot.at, rows_total=total)
    return snapshot


def _write(
    export: Export, lease: ExportLease, snapshot: DatabaseSnapshot, clock: Callable[[], datetime]
) -> None:
    segment, request = export.segment, request_from(export.request)
    plan = plan_export(segment, request, snapshot.at)
    lease.renew(people=figures_of(segment, snapshot, request.channels))
    sink = _ChunkSink(lease)
    write_file(plan, snapshot, stored_files.blocks_of(export.pk), sink)
    at = clock()
    sink.end(status=ExportStatus.DONE, finished=at, expires=at + lifetime(), error="")


def lifetime() -> timedelta:
    """How long a file is kept."""
    return timedelta(days=settings.SEGMENTER_EXPORT_DAYS)


def _fail(lease: ExportLease, message: str, at: datetime) -> None:
    try:
        with transaction.atomic():
            lease.renew(status=ExportStatus.FAILED, finished=at, error=message)
            stored_files.drop([lease.export_id])
    except TakenAway:
        _log.info("Export %s failed, but is no longer ours.", lease.export_id)


def _note(export_id: int, message: str) -> None:
    """Keep what went wrong, for the page to tell should the export never succeed."""
    try:
        Export.objects.filter(pk=export_id, status=ExportStatus.RUNNING).update(error=message)
    except DatabaseError:
        _log.warning("Export %s cannot note its error.", export_id)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0] or type(error).__name__


def waiting_exports(at: datetime) -> list[int]:
    """Exports that lost their message or their worker, for the sweep to start."""
    late = Export.objects.filter(stale("heartbeat", at, STALE), status__in=UNFINISHED)
    late_waiting = late.filter(status=ExportStatus.WAITING)
    ids = list(late.values_list("pk", flat=True))
    late_waiting.filter(pk__in=ids).update(heartbeat=at)
    return ids


def expire(at: datetime) -> int:
    """Delete the files whose time is over; their exports stay in the history."""
    due = Export.objects.filter(status=ExportStatus.DONE, expires__lte=at)
    with transaction.atomic():
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:100])
        Export.objects.filter(pk__in=ids).update(status=ExportStatus.EXPIRED)
        stored_files.drop(ids)
    return len(ids)
