"""Keeping audiences at networks equal to their segments: compare, send, settle, try again.

A connection is one worker's by a claim with a lease, which every batch renews. Requests are made
outside of transactions; what came of them is written in one that checks the claim. It is compared
at most once an hour, and everyone once a day, which repairs whatever the hourly ones missed.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from segmenter.kernel.secrets import UnreadableSecret, decrypt
from segments.audiences import queue
from segments.audiences.api import BATCH, Access, AudienceApi, SendReport, Session, apis
from segments.audiences.network import networks
from segments.engine import remote_sync
from segments.engine.remote_call import NeedsAttention, TryAgain
from segments.engine.remote_sync import LEASE, Claim
from segments.models import AudienceChange, AudienceConnection, AudienceSync

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ASK_AGAIN = timedelta(minutes=5)
"""From one question what came of a request to the next."""
ROUNDS = 20
"""Batches of one connection after which others have their turn."""
KEPT = timedelta(days=30)
"""How long the log is kept."""
_SAMPLES = 5


def due_connections(at: datetime) -> list[int]:
    """The connections that have something to do now and nobody at work on them."""
    rows = AudienceConnection.objects.filter(audience__segment__deleted=None)
    return remote_sync.due_rows(rows, at)


def synchronize(connection_id: int, at: datetime, *, batch: int = BATCH) -> bool:
    """Compare if it is time to, and send what waits; say whether anything was done."""
    return remote_sync.work_on(
        AudienceConnection.objects.filter(audience__segment__deleted=None).select_related(
            "audience__segment"
        ),
        connection_id,
        at,
        lambda claim: _Worker(claim, batch).work(),
        _note_failure,
    )


def clear_away(at: datetime) -> None:
    """Delete what is old of the log."""
    AudienceSync.objects.filter(started__lt=at - KEPT).delete()


def rewind(account_id: int, at: datetime) -> None:
    """Let nothing wait for a time, or be of a worker, that a clock ahead has set."""
    rows = AudienceConnection.objects.filter(account_id=account_id)
    ahead = Q(compared__gt=at) | Q(compared_all__gt=at)
    remote_sync.put_back(rows, at, ahead, compared=None, compared_all=None)


class _Worker:
    """One claim of one connection."""

    def __init__(self, claim: Claim[AudienceConnection], batch: int) -> None:
        self._claim, self._connection, self._batch = claim, claim.row, batch
        self._audience = self._connection.audience
        self._network = networks[self._audience.network]
        self._api: AudienceApi = apis[self._audience.network]

    def work(self) -> None:
        access = access_of(self._connection)
        compared = self._connection.compared
        if compared is None or self._claim.present() >= compared + DAY:
            with self._claim.owned():
                queue.discard(self._audience)  # what waits for longer may not be right any more
        self._ask_outcomes(access)
        for _round in range(ROUNDS):
            if not self._send_batch(access) and not self._compare():
                break
        waits = AudienceChange.objects.filter(audience=self._audience).exists()
        asks = AudienceSync.objects.filter(connection=self._connection).exclude(open_requests=[])
        next_at = self._claim.present()
        if not waits:
            compared = self._connection.compared or next_at
            next_at = (
                min(compared + HOUR, next_at + ASK_AGAIN) if asks.exists() else (compared + HOUR)
            )
        self._claim.release(next_at)

    # --- steps -------------------------------------------------------------------------------

    def _compare(self) -> bool:
        """Compare, if the last time is an hour ago; say whether anybody is to be sent."""
        at, last = self._claim.present(), self._connection.compared
        if last is not None and at < last + HOUR:
            return False
        every = self._connection.compared_all
        is_full = last is None or every is None or at >= every + DAY
        with self._claim.owned() as own:
            if self._audience.segment.as_of is None:
                raise TryAgain(_("The segment is being built."))
            count = queue.compare(
                self._audience, self._network, self._api, at, since=None if is_full else last
            )
            times = {"compared": at, **({"compared_all": at} if is_full else {})}
            own.update(**times, lease=self._claim.present() + LEASE)
            if count or is_full:
                finished = None if count else at
                AudienceSync.objects.create(
                    connection=self._connection, is_full=is_full, started=at, finished=finished
                )
        for name, time in times.items():
            setattr(self._connection, name, time)
        return count > 0

    def _send_batch(self, access: Access) -> bool:
        with self._claim.owned() as own:
            batch = queue.next_batch(self._audience, self._batch)
            own.update(lease=self._claim.present() + LEASE)
            sync = _latest_sync(self._connection)
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
        with self._claim.owned() as own:
            queue.settle(self._audience, batch)
            own.update(lease=self._claim.present() + LEASE, failures=0, error="")
            self._note(report, batch)
        return True

    def _note(self, report: SendReport, batch: queue.Batch) -> None:
        sync = _latest_sync(self._connection)
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
            sync.finished, sync.error = self._claim.present(), ""
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
                with self._claim.owned() as own:
                    sync.open_requests = [each for each in sync.open_requests if each != request]
                    _add_report(sync, report)
                    sync.save(update_fields=["open_requests", "invalid", "samples"])
                    own.update(lease=self._claim.present() + LEASE)


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


def _latest_sync(connection: AudienceConnection) -> AudienceSync | None:
    return AudienceSync.objects.filter(connection=connection).order_by("-pk").first()


def _note_failure(connection: AudienceConnection, words: str) -> None:
    sync = _latest_sync(connection)
    if sync is not None and sync.finished is None:
        sync.error = words
        sync.save(update_fields=["error"])
