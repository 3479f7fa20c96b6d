"""Sending the due messages of one webhook: claim some, send them, record the results.

Messages are claimed in a short transaction that counts the attempt and sets a lease, sent outside
of any transaction, and recorded in another one. If a worker is killed, its lease expires and they
are sent again with the same ids: at least once. A webhook that keeps failing rests for a while and
is then tried with a single message, so it costs the others little, however many wait for it.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from time import perf_counter

from django.db import connection, transaction
from django.db.models import F

from segmenter.kernel.errors import Invalid
from segments.engine.addresses import Endpoint, Unreachable, read_url, resolve
from segments.engine.http_request import MOST_TEXT, SECONDS, Answer, context_for, send_request
from segments.engine.signature import signed_headers
from segments.models import Delivery, DeliveryState, Reason, Webhook
from segments.webhooks.deliveries import DAY, MOST_TRIES
from segments.webhooks.messages import write_messages

LEASE = timedelta(seconds=60)
"""After this, a worker's claims are released to others. A batch takes 25 s at most."""
BATCH = 20
"""Messages of one webhook that are being sent at a time, by all workers."""
MOST_CONNECTIONS = 5
"""Connections that a worker opens to one webhook."""
REST_AFTER = 3
"""Consecutive failures after which a webhook rests."""
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 8 * 3600)
)
"""From each failed attempt at a message to the next; 23 h 42 min in total."""
RESTS = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 30, 60, 120, 300))
"""How long a webhook rests after REST_AFTER failures, after one more, and so on."""
FINAL_REASONS = frozenset({Reason.FORGOTTEN, Reason.GONE})
"""After these, a message is not retried automatically."""
USER_AGENT = "Segmenter-Webhooks/1.0"


@dataclass(frozen=True)
class SendResult:
    """The result for one message; without an answer it was not sent."""

    delivery: Delivery
    answer: Answer | None
    after: timedelta
    """From the beginning of the batch to the end of this attempt."""


def webhooks_due(at: datetime) -> list[int]:
    """The webhooks with messages to send now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM segments_webhook w
               WHERE is_active AND (rest_until IS NULL OR rest_until <= %(at)s)
               AND EXISTS (SELECT FROM segments_delivery
                           WHERE webhook_id = w.id AND state = 'pending' AND next_at <= %(at)s)
               ORDER BY id""",
            {"at": at},
        )
        return [row[0] for row in cursor.fetchall()]


def send_batch(webhook_id: int, at: datetime) -> int:
    """Send a batch of due messages; return how many attempts were made."""
    began = perf_counter()
    claim = uuid.uuid4()
    webhook, deliveries = _claim(webhook_id, claim, at)
    if webhook is None or not deliveries:
        return 0
    outcomes = _send(webhook, deliveries, at, began)
    _record(webhook.pk, claim, outcomes, at)
    return sum(outcome.answer is not None for outcome in outcomes)


def _claim(
    webhook_id: int, claim: uuid.UUID, at: datetime
) -> tuple[Webhook | None, list[Delivery]]:
    """Claim due messages up to the limit; of each person only the oldest pending one."""
    with transaction.atomic():
        webhook = (
            Webhook.objects.select_for_update(no_key=True)
            .filter(pk=webhook_id, is_active=True)
            .first()
        )
        if webhook is None or (webhook.rest_until is not None and webhook.rest_until > at):
            return None, []
        mine = Delivery.objects.filter(webhook=webhook)
        under_way = mine.filter(claim__isnull=False, next_at__gt=at).count()
        room = (1 if webhook.failures >= REST_AFTER else BATCH) - under_way
        if room <= 0:
            return webhook, []
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE segments_delivery
                   SET claim = %(claim)s, next_at = %(lease)s, tries = tries + 1, tried = %(at)s
                   WHERE id IN (
                       SELECT d.id FROM segments_delivery d
                       WHERE d.webhook_id = %(webhook)s AND d.state = 'pending'
                       AND d.next_at <= %(at)s AND d.tries < %(most)s
                       AND NOT EXISTS (
                           SELECT FROM segments_delivery e
                           WHERE e.webhook_id = d.webhook_id AND e.profile_id = d.profile_id
                           AND e.id < d.id AND e.state = 'pending')
                       ORDER BY d.next_at, d.id LIMIT %(room)s FOR UPDATE SKIP LOCKED)""",
                {
                    "claim": claim,
                    "lease": at + LEASE,
                    "at": at,
                    "webhook": webhook.pk,
                    "most": MOST_TRIES,
                    "room": room,
                },
            )
        return webhook, list(mine.filter(claim=claim).order_by("pk"))


class _Batch:
    """Messages that are sent together. If the first few all fail, the others are not sent."""

    def __init__(
        self, webhook: Webhook, to: Endpoint, addresses: Sequence[str], at: datetime, began: float
    ) -> None:
        self.secrets, self.context = webhook.secrets_at(at), context_for(to)
        self.to, self.addresses, self.at, self.began = to, addresses, at, began
        self._lock = Lock()
        self._failed, self._delivered = 0, 0

    def send(self, delivery: Delivery, body: bytes) -> SendResult:
        with self._lock:
            if self._failed >= REST_AFTER and not self._delivered:
                return SendResult(delivery, None, timedelta(0))
        time = self.at + timedelta(seconds=perf_counter() - self.began)
        headers = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "connection": "close",
        }
        headers |= signed_headers(self.secrets, str(delivery), int(time.timestamp()), body)
        answer = send_request(
            self.to, self.addresses, headers, body, context=self.context, seconds=SECONDS
        )
        with self._lock:
            if answer.error is None:
                self._delivered += 1
            else:
                self._failed += 1
        return SendResult(delivery, answer, timedelta(seconds=perf_counter() - self.began))


def _send(
    webhook: Webhook, deliveries: Sequence[Delivery], at: datetime, began: float
) -> list[SendResult]:
    try:
        endpoint = read_url(webhook.url)
        addresses = resolve(endpoint, seconds=SECONDS)
    except Unreachable as failure:
        return _all_failed(deliveries, failure.reason, failure.detail, began)
    except Invalid as failure:  # It was valid when it was saved; the operator's list has changed.
        return _all_failed(deliveries, Reason.REFUSED, str(failure), began)
    bodies = write_messages(webhook, deliveries)
    batch = _Batch(webhook, endpoint, addresses, at, began)
    with ThreadPoolExecutor(MOST_CONNECTIONS) as threads:
        results = list(
            threads.map(
                lambda delivery: batch.send(delivery, bodies[delivery.pk]),
                [delivery for delivery in deliveries if delivery.pk in bodies],
            )
        )
    forgotten = Answer(Reason.FORGOTTEN, None, "", 0.0)
    return results + [
        SendResult(delivery, forgotten, timedelta(0))
        for delivery in deliveries
        if delivery.pk not in bodies
    ]


def _all_failed(
    deliveries: Sequence[Delivery], reason: Reason, detail: str, began: float
) -> list[SendResult]:
    """The first has failed; the others wait, and their attempts do not count."""
    took = perf_counter() - began
    first, *others = deliveries
    answer = Answer(reason, None, detail[:MOST_TEXT], took)
    return [
        SendResult(first, answer, timedelta(seconds=took)),
        *(SendResult(other, None, timedelta(0)) for other in others),
    ]


def _record(
    webhook_id: int, claim: uuid.UUID, outcomes: Sequence[SendResult], at: datetime
) -> None:
    with transaction.atomic():
        webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=webhook_id).first()
        if webhook is None:
            return
        delivered = 0
        failed: list[Reason] = []
        for outcome in outcomes:
            mine = Delivery.objects.filter(pk=outcome.delivery.pk, claim=claim)
            if outcome.answer is None:
                mine.update(claim=None, next_at=at, tries=F("tries") - 1)
                continue
            # After an expired lease, the message is another worker's and this result is dropped.
            count = mine.update(**_result(outcome.delivery, outcome.answer, at + outcome.after))
            if outcome.answer.error is None:
                delivered += count
            elif outcome.answer.error != Reason.FORGOTTEN:
                failed.append(outcome.answer.error)
        _update_webhook(webhook, delivered, failed, at + max(outcome.after for outcome in outcomes))


def _result(delivery: Delivery, answer: Answer, at: datetime) -> dict[str, object]:
    """The columns of a delivery after an attempt that ended at `at`."""
    next_at = None
    if answer.error is None:
        state = DeliveryState.SENT
    else:
        if answer.error not in FINAL_REASONS:
            next_at = next_attempt(delivery.tries, delivery.since, at)
        state = DeliveryState.FAILED if next_at is None else DeliveryState.PENDING
    return {
        "state": state,
        "next_at": next_at,
        "claim": None,
        "tried": at,
        "milliseconds": round(answer.seconds * 1000),
        "status": answer.status,
        "answer": answer.text,
        "error": answer.error or "",
    }


def next_attempt(tries: int, since: datetime, at: datetime) -> datetime | None:
    """When a message that failed for the `tries`th time at `at` is tried again; None for never.

    The pauses are those of PAUSES, varied by up to a tenth. The last attempt is made at the end of
    the day at the latest.
    """
    end = since + DAY
    if tries > len(PAUSES) or at >= end:
        return None
    return min(at + PAUSES[tries - 1] * random.uniform(0.9, 1.1), end)


def _update_webhook(
    webhook: Webhook, delivered: int, failed: Sequence[Reason], at: datetime
) -> None:
    """Count the results of a batch; let the webhook rest, or switch it off, if it must."""
    webhook.sent += delivered
    webhook.failures = 0 if delivered else webhook.failures + len(failed)
    webhook.rest_until = None
    if webhook.failures >= REST_AFTER:
        rest = RESTS[min(webhook.failures - REST_AFTER, len(RESTS) - 1)]
        webhook.rest_until = at + rest
    if Reason.GONE in failed and webhook.is_active:
        webhook.is_active, webhook.disabled_reason = False, Reason.GONE
    webhook.save(update_fields=["sent", "failures", "rest_until", "is_active", "disabled_reason"])
