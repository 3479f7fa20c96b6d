"""Messages of the tests: many at once, sent until none is due, verified as a receiver does."""

from __future__ import annotations

from datetime import datetime, timedelta

from profiles.models import Cause
from segments.models import Delivery, MembershipChange, Segment, Webhook
from segments.webhooks.deliveries import enqueue
from segments.webhooks.sender import (
    send_batch,
)
from tests.fixtures.cast import AT

SECOND = timedelta(seconds=1)


def only() -> Delivery:
    return Delivery.objects.get()


def many(segment: Segment, count: int) -> None:
    """Changes of as many people, who are not there any more, with what follows from them."""
    rows = MembershipChange.objects.bulk_create(
        MembershipChange(
            account_id=segment.account_id,
            segment=segment,
            profile_id=10_000_000 + number,
            entered=True,
            cause=Cause.EVENT,
            true_since=AT,
            at=AT,
        )
        for number in range(count)
    )
    enqueue(segment.account_id, rows[0].pk)


def drain(webhook: Webhook, at: datetime) -> int:
    count = 0
    while batch := send_batch(webhook.pk, at):
        count += batch
    return count
