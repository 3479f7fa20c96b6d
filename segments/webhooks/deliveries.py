"""The queue of messages to webhooks: adding, expiring, sending again, deleting.

Rows are written in the transaction of their ledger rows. The nudge after the commit only makes it
faster. `segments.webhooks.sender` sends them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Least

from segmenter.accounts.models import Account
from segmenter.kernel.errors import NotFound
from segmenter.kernel.hook import Hook
from segments.models import Delivery, DeliveryState, Reason, Webhook

DAY = timedelta(days=1)
"""How long a message is tried."""
GRACE = timedelta(hours=1)
"""How long after its day a message may wait for its last attempt."""
LOG_RETENTION = timedelta(days=30)
"""How long the log is stored."""
MOST_TRIES = 11
"""Attempts at one message, including those of killed workers."""
_DELETED_AT_ONCE = 20_000
"""Rows that one run examines."""

new_deliveries = Hook[[int]]()
"""Called with a webhook's id after a commit that gave it something to send; may be lost."""

_ENQUEUE = """
    WITH hooks AS MATERIALIZED (
        SELECT id, entering, leaving, definitions, all_segments FROM segments_webhook
        WHERE account_id = %(account)s AND is_active ORDER BY id FOR KEY SHARE
    ), made AS (
        INSERT INTO segments_delivery
            (account_id, webhook_id, message_id, change_id, profile_id, state, tries,
             created, since, next_at, answer, error)
        SELECT %(account)s, h.id, gen_random_uuid(), c.id, c.profile_id, 'pending', 0,
               c.at, c.at, c.at, '', ''
        -- OFFSET 0: by primary key, whatever the statistics make the planner believe.
        FROM (SELECT * FROM segments_membershipchange WHERE id >= %(first)s OFFSET 0) AS c
        JOIN hooks h ON CASE WHEN c.entered THEN h.entering ELSE h.leaving END
            -- Of an edit: always, or if its editor asked for it, as its unfinished build says.
            AND (h.definitions OR c.cause <> 'definition' OR EXISTS (
                SELECT FROM segments_build b
                WHERE b.segment_id = c.segment_id AND b.finished IS NULL AND b.announces))
            AND (h.all_segments OR EXISTS (
                SELECT FROM segments_webhook_segments s
                WHERE s.webhook_id = h.id AND s.segment_id = c.segment_id))
        WHERE c.account_id = %(account)s
        ORDER BY c.id
        ON CONFLICT DO NOTHING
        RETURNING webhook_id
    )
    SELECT DISTINCT webhook_id FROM made ORDER BY webhook_id"""


def enqueue(account_id: int, first_id: int) -> None:
    """Write a delivery for each webhook that is subscribed to new MembershipChange rows.

    The rows are those of the account from `first_id` on. Must run in the transaction that wrote
    them. Calling it again adds nothing. An account without webhooks costs one index lookup.
    """
    if not Webhook.objects.filter(account_id=account_id, is_active=True).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, {"account": account_id, "first": first_id})
        webhook_ids = [row[0] for row in cursor.fetchall()]
    for webhook_id in webhook_ids:
        new_deliveries.call_after_commit(webhook_id)


def send_test(*, webhook: Webhook, at: datetime) -> Delivery:
    """Queue a test message, and end the webhook's rest."""
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
        delivery = Delivery.objects.create(
            account_id=webhook.account_id, webhook=webhook, created=at, since=at, next_at=at
        )
        new_deliveries.call_after_commit(webhook.pk)
    return delivery


def replay(*, webhook: Webhook, delivery_id: int, at: datetime) -> Delivery:
    """Send a message once more, with the same id, for up to a day from now.

    A pending one is tried at once. Raises NotFound if the webhook has no such message.
    """
    with transaction.atomic():
        delivery = _of(webhook).select_for_update().filter(pk=delivery_id).first()
        if delivery is None:
            raise NotFound("The message")
        if delivery.claim is None:
            _again(_of(webhook).filter(pk=delivery.pk), at)
        Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
        new_deliveries.call_after_commit(webhook.pk)
    delivery.refresh_from_db()
    return delivery


def replay_failed(*, webhook: Webhook, at: datetime) -> int:
    """Send all failed messages once more; return how many."""
    with transaction.atomic():
        count = _again(_of(webhook).filter(state=DeliveryState.FAILED), at)
        Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
        new_deliveries.call_after_commit(webhook.pk)
    return count


def _of(webhook: Webhook) -> QuerySet[Delivery]:
    return Delivery.objects.filter(webhook=webhook, account_id=webhook.account_id)


def _again(deliveries: QuerySet[Delivery], at: datetime) -> int:
    return deliveries.update(state=DeliveryState.PENDING, tries=0, since=at, next_at=at, error="")


def fail_expired(at: datetime) -> int:
    """Mark messages as failed that were tried for a day or too often; return how many.

    Also for webhooks that are switched off: what has waited longer is not sent when they are
    switched on again.
    """
    over = Q(since__lte=at - DAY - GRACE) | Q(tries__gte=MOST_TRIES)
    late = Delivery.objects.filter(over, state=DeliveryState.PENDING, next_at__lte=at)
    late.filter(error="").update(error=Reason.EXPIRED)
    return late.update(state=DeliveryState.FAILED, next_at=None, claim=None)


def delete_old(at: datetime) -> int:
    """Delete the oldest rows of the log that are older than LOG_RETENTION; return how many."""
    oldest = Delivery.objects.order_by("pk").values("pk")[:_DELETED_AT_ONCE]
    ended = Delivery.objects.filter(pk__in=oldest, created__lt=at - LOG_RETENTION)
    return ended.exclude(state=DeliveryState.PENDING).delete()[0]


def rewind(account_id: int, at: datetime) -> None:
    """Correct times that a fast clock has set: nothing waits for them or expires by them.

    Messages that are being sent are released to other workers: their lease would end in the future.
    """
    hooks = Webhook.objects.filter(account_id=account_id)
    list(hooks.select_for_update(no_key=True).order_by("pk"))  # first, in the sender's order
    mine = Delivery.objects.filter(account_id=account_id)
    early = mine.filter(state=DeliveryState.FAILED, error=Reason.EXPIRED)
    webhooks = set(early.filter(since__gt=at - DAY).values_list("webhook", flat=True))
    _again(early.filter(since__gt=at - DAY), at)
    pending = mine.filter(state=DeliveryState.PENDING)
    pending = pending.filter(Q(created__gt=at) | Q(tried__gt=at) | Q(since__gt=at))
    webhooks |= set(pending.values_list("webhook", flat=True))
    pending.update(next_at=at, since=Least("since", at), claim=None)
    resting = hooks.filter(rest_until__gt=at)
    webhooks |= set(resting.values_list("pk", flat=True))
    resting.update(rest_until=None)
    for webhook_id in sorted(webhooks):
        new_deliveries.call_after_commit(webhook_id)


def blank_answers(account_id: int, profile_ids: Sequence[int]) -> None:
    """Delete the receivers' answers to messages about people: they may contain personal data."""
    Delivery.objects.filter(
        webhook__in=Webhook.objects.filter(account_id=account_id), profile_id__in=profile_ids
    ).update(answer="")


def counts(account: Account) -> dict[int, dict[str, int]]:
    """For each webhook of an account, by id: messages `pending`, `retrying` (the pending ones that
    failed at least once), `failed` and `sent`; `sent` is of all time, the others of the log."""
    result = {
        pk: {"pending": 0, "retrying": 0, "failed": 0, "sent": n_sent}
        for pk, n_sent in Webhook.objects.filter(account=account).values_list("pk", "sent")
    }
    unsent = Delivery.objects.filter(
        webhook__in=list(result), state__in=[DeliveryState.PENDING, DeliveryState.FAILED]
    )
    numbers = unsent.values_list("webhook", "state").annotate(
        n=Count("pk"), n_failed_once=Count("pk", filter=~Q(error=""))
    )
    for pk, state, number, failed_once in numbers:
        result[pk][state] = number
        if state == DeliveryState.PENDING:
            result[pk]["retrying"] = failed_once
    return result
