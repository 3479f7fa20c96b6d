"""Keeping audiences at networks equal to their segments: compare, send, settle, try again.

A connection is one worker's by a claim with a lease, which every batch renews. Requests are made
outside of transactions; what came of them is written in one that checks the claim. It is compared
at most once an hour, and everyone once a day, which repairs whatever the hourly ones missed.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import perf_counter

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from segmenter.kernel.secrets import UnreadableSecret, decrypt
from segments.audiences import queue
from segments.audiences.api import BATCH, Access, AudienceApi, SendReport, Session, apis
from segments.audiences.network import networks
from segments.engine.remote_call import ApiFailure, NeedsAttention, TryAgain
from segments.models import (
    AudienceChange,
    AudienceConnection,
    AudienceSync,
    ConnectionState,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEASE = timedelta(minutes=5)
"""A worker that was silent for so long is gone; a request takes a minute at most."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""From each failure to the next try; the last one again and again."""
MOST_WAIT = timedelta(hours=6)
"""The longest pause that a network can ask for."""
ASK_AGAIN = timedelta(minutes=5)
"""From one question what came of a request to the next."""
ROUNDS = 20
"""Batches of one connection after which others have their turn."""
KEPT = timedelta(days=30)
"""How long the log is kept."""
_SAMPLES = 5

logger = logging.getLogger(__name__)


class ClaimLost(Exception):
    """The connection is another worker's by now, or was paused, changed or deleted."""


def due_connections(at: datetime) -> list[int]:
    """The connections that have something to do now and nobody at work on them."""
    free = Q(lease=None) | Q(lease__lte=at)
    rows = AudienceConnection.objects.filter(free, state=ConnectionState.ON, next_at__lte=at)
    return list(rows.order_by("next_at").values_list("pk", flat=True))


def synchronize(connection_id: int, at: datetime, *, batch: int = BATCH) -> bool:
    """Compare if it is time to, and send what waits; say whether anything was done."""
    claim = _claim(connection_id, at)
    if claim is None:
        return False
    began = perf_counter()
    worker = _Worker(claim, lambda: at + timedelta(seconds=perf_counter() - began), batch)
    try:
        worker.work()
    except ClaimLost:
        return False
    except ApiFailure as failure:
        worker.fail(failure)
    except Exception:
        logger.exception("The audience connection %s could not be brought up to date.", claim.pk)
        worker.fail(TryAgain(_("Something went wrong here. The log of the server says what.")))
    return True


def clear_away(at: datetime) -> None:
    """Delete what is old of the log."""
    AudienceSync.objects.filter(started__lt=at - KEPT).delete()


def rewind(account_id: int, at: datetime) -> None:
    """Let nothing wait for a time, or be of a worker, that a clock ahead has set."""
    rows = AudienceConnection.objects.filter(account_id=account_id)
    ahead = Q(next_at__gt=at + MOST_WAIT) | Q(lease__gt=at + LEASE)
    ahead |= Q(compared__gt=at) | Q(compared_all__gt=at)
    rows.filter(ahead).update(next_at=at, lease=None, claim=None, compared=None, compared_all=None)


def _claim(connection_id: int, at: datetime) -> AudienceConnection | None:
    with transaction.atomic():
        rows = AudienceConnection.objects.select_for_update(skip_locked=True, of=("self",))
        rows = rows.filter(Q(lease=None) | Q(lease__lte=at), state=ConnectionState.ON)
        connection = rows.filter(pk=connection_id, next_at__lte=at).first()
        if connection is None:
            return None
        connection.claim, connection.lease = uuid.uuid4(), at + LEASE
        connection.save(update_fields=["claim", "lease"])
    return AudienceConnection.objects.select_related("audience__segment").get(pk=connection.pk)


class _Worker:
    """One claim of one connection."""

    def __init__(
        self, connection: AudienceConnection, present: Callable[[], datetime], batch: int
    ) -> None:
        self._connection, self._present, self._batch = connection, present, batch
        self._audience = connection.audience
        self._network = networks[self._audience.network]
        self._api: AudienceApi = apis[self._audience.network]

    def work(self) -> None:
        access = access_of(self._connection)
        compared = self._connection.compared
        if compared is None or self._present() >= compared + DAY:
            with self._owned():
                queue.discard(self._audience)  # what waits for longer may not be right any more
        self._ask_outcomes(access)
        for _round in range(ROUNDS):
            if not self._send_batch(access) and not self._compare():
                break
        waits = AudienceChange.objects.filter(audience=self._audience).exists()
        asks = AudienceSync.objects.filter(connection=self._connection).exclude(open_requests=[])
        next_at = self._present()
        if not waits:
            compared = self._connection.compared or next_at
            next_at = (
                min(compared + HOUR, next_at + ASK_AGAIN) if asks.exists() else (compared + HOUR)
            )
        with self._owned() as mine:
            mine.update(next_at=next_at, claim=None, lease=None, failures=0, error="")

    def fail(self, failure: ApiFailure) -> None:
        """Write down what went wrong, and when it is tried again, if it is."""
        present, failures = self._present(), self._connection.failures + 1
        pause = PAUSES[min(failures, len(PAUSES)) - 1]
        if failure.wait is not None:
            pause = min(max(pause, timedelta(seconds=failure.wait)), MOST_WAIT)
        is_final = isinstance(failure, NeedsAttention)
        try:
            with self._owned() as mine:
                mine.update(
                    failures=failures,
                    error=failure.words.replace("\0", ""),
                    state=ConnectionState.BROKEN if is_final else ConnectionState.ON,
                    next_at=present + pause,
                    claim=None,
                    lease=None,
                )
                latest = self._latest_sync()
                if latest is not None and latest.finished is None:
                    latest.error = failure.words.replace("\0", "")
                    latest.save(update_fields=["error"])
        except ClaimLost:
            return

    # --- steps -------------------------------------------------------------------------------

    def _compare(self) -> bool:
        """Compare, if the last time is an hour ago; say whether anybody is to be sent."""
        at, last = self._present(), self._connection.compared
        if last is not None and at < last + HOUR:
            return False
        every = self._connection.compared_all
        is_full = last is None or every is None or at >= every + DAY
        with self._owned() as mine:
            if self._audience.segment.as_of is None:
                raise TryAgain(_("The segment is being built."))
            count = queue.compare(
                self._audience, self._network, self._api, at, since=None if is_full else last
            )
            times = {"compared": at, **({"compared_all": at} if is_full else {})}
            mine.update(**times, lease=self._present() + LEASE)
            if count or is_full:
                finished = None if count else at
                AudienceSync.objects.create(
                    connection=self._connection, is_full=is_full, started=at, finished=finished
                )
        for name, time in times.items():
            setattr(self._connection, name, time)
        return count > 0

    def _send_batch(self, access: Access) -> bool:
        with self._owned() as mine:
            batch = queue.next_batch(self._audience, self._batch)
            mine.update(lease=self._present() + LEASE)
            sync = self._latest_sync()
        if batch is None:
            return False
        before = (sync.removed if batch.is_removal else sync.added) if sync else 0
        session = Session(
            number=2 * (sync.pk if sync else 0) + batch.is_removal,
            place=before // self._batch + 1,
            is_last=batch.left <= len(batch.changes),
            people=before + batch.left,
        )
        report = self._api.send(
            access,
            queue.documents(batch, self._api),
            is_removal=batch.is_removal,
            session=session,
        )
        with self._owned() as mine:
            queue.settle(self._audience, batch)
            mine.update(lease=self._present() + LEASE, failures=0, error="")
            self._note(report, batch)
        return True

    def _note(self, report: SendReport, batch: queue.Batch) -> None:
        sync = self._latest_sync()
        if sync is None:
            return
        if batch.is_removal:
            sync.removed += len(batch.changes)
        else:
            sync.added += len(batch.changes)
        _add_report(sync, report)
        if report.open_request:
            sync.open_requests = [*sync.open_requests, report.open_request]
        if not AudienceChange.objects.filter(audience=self._audience).exists():
            sync.finished, sync.error = self._present(), ""
        sync.save()

    def _ask_outcomes(self, access: Access) -> None:
        """Ask what came of requests that the network was still at work on."""
        for sync in AudienceSync.objects.filter(connection=self._connection).exclude(
            open_requests=[]
        ):
            for request in list(sync.open_requests):
                try:
                    report = self._api.outcome(access, request)
                except NeedsAttention as failure:
                    report = SendReport(samples=(failure.words,))
                if report is None:
                    continue
                with self._owned() as mine:
                    sync.open_requests = [each for each in sync.open_requests if each != request]
                    _add_report(sync, report)
                    sync.save(update_fields=["open_requests", "invalid", "samples"])
                    mine.update(lease=self._present() + LEASE)

    def _latest_sync(self) -> AudienceSync | None:
        return AudienceSync.objects.filter(connection=self._connection).order_by("-pk").first()

    @contextmanager
    def _owned(self) -> Iterator[QuerySet[AudienceConnection]]:
        """Give the connection's row, locked and still ours, in a transaction. Raises ClaimLost."""
        mine = AudienceConnection.objects.filter(
            pk=self._connection.pk, claim=self._connection.claim, state=ConnectionState.ON
        )
        with transaction.atomic():
            if not mine.select_for_update(no_key=True).exists():
                raise ClaimLost
            yield AudienceConnection.objects.filter(pk=self._connection.pk)


def access_of(connection: AudienceConnection) -> Access:
    """Return what the API needs to know. Raises NeedsAttention if no key decrypts it."""
    try:
        credentials = json.loads(decrypt(connection.credentials))
    except (UnreadableSecret, ValueError):
        raise NeedsAttention(
            _("The stored token cannot be decrypted any more. Enter it again.")
        ) from None
    return Access(
        target=connection.target,
        credentials=credentials,
        has_consent=not connection.audience.includes_unasked,
    )


def _add_report(sync: AudienceSync, report: SendReport) -> None:
    sync.invalid += report.invalid
    sync.samples = [*sync.samples, *report.samples][:_SAMPLES]
