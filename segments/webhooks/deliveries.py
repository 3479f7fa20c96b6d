"""The queue of messages to webhooks: filling it, giving up, sending again, clearing away.

Rows are written in the transaction of the ledger rows that they tell of. A nudge after the commit
is only for speed. Who sends them: `segments.webhooks.sender`.
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
"""How long a message is tried for."""
GRACE = timedelta(hours=1)
"""How long after its day a message may wait for its last attempt."""
KEPT = timedelta(days=30)
"""How long the log is kept."""
MOST_TRIES = 11
"""Attempts at one message, those of workers that were killed among them."""
_CLEARED = 20_000
"""Rows that one clearing looks at."""

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
            AND (h.definitions OR c.cause <> 'definition')
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
    """Write a delivery for each webhook that wants to know of new MembershipChange rows.

    They are all the account's from `first_id` on. To be called in the transaction that wrote them.
    Called again it adds nothing. An account without webhooks costs one look at an index.
    """
    if not Webhook.objects.filter(account_id=account_id, is_active=True).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, {"account": account_id, "first": first_id})
        told = [row[0] for row in cursor.fetchall()]
    for webhook_id in told:
        new_deliveries.call_after_commit(webhook_id)


def send_test(*, webhook: Webhook, at: datetime) -> Delivery:
    """Queue a test message, and let the webhook rest no longer."""
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
        made = Delivery.objects.create(
            account_id=webhook.account_id, webhook=webhook, created=at, since=at, next_at=at
        )
        new_deliveries.call_after_commit(webhook.pk)
    return made


def replay(*, webhook: Webhook, delivery_id: int, at: datetime) -> Delivery:
    """Send a message once more, with the same id, for a day from now if need be.

    One that still waits is tried at once. Raises NotFound if the webhook has no such message.
    """
    with transaction.atomic():
        found = _of(webhook).select_for_update().filter(pk=delivery_id).first()
        if found is None:
            raise NotFound("The message")
        if found.claim is None:
            _again(_of(webhook).filter(pk=found.pk), at)
        Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
        new_deliveries.call_after_commit(webhook.pk)
    found.refresh_from_db()
    return found


def replay_failed(*, webhook: Webhook, at: datetime) -> int:
    """Send all messages that were given up once more; return how many."""
    with transaction.atomic():
        count = _again(_of(webhook).filter(state=DeliveryState.FAILED), at)
        Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)
        new_deliveries.call_after_commit(webhook.pk)
    return count


def _of(webhook: Webhook) -> QuerySet[Delivery]:
    return Delivery.objects.filter(webhook=webhook, account_id=webhook.account_id)


def _again(deliveries: QuerySet[Delivery], at: datetime) -> int:
    return deliveries.update(state=DeliveryState.PENDING, tries=0, since=at, next_at=at, error="")


def give_up(at: datetime) -> int:
    """Mark what was tried for a day, or as often as it may be, as failed; return how many.

    Also of webhooks that are switched off: what waited for longer is not sent when they are
    switched on again.
    """
    over = Q(since__lte=at - DAY - GRACE) | Q(tries__gte=MOST_TRIES)
    late = Delivery.objects.filter(over, state=DeliveryState.PENDING, next_at__lte=at)
    late.filter(error="").update(error=Reason.EXPIRED)
    return late.update(state=DeliveryState.FAILED, next_at=None, claim=None)


def clear_away(at: datetime) -> int:
    """Delete the oldest rows of the log, if they are older than KEPT; return how many."""
    oldest = Delivery.objects.order_by("pk").values("pk")[:_CLEARED]
    ended = Delivery.objects.filter(pk__in=oldest, created__lt=at - KEPT)
    return ended.exclude(state=DeliveryState.PENDING).delete()[0]


def rewind(account_id: int, at: datetime) -> None:
    """Let nothing wait for a time that a clock ahead has set, or be given up by its reckoning.

    What is under way is given to another worker: its lease would end in the future.
    """
    hooks = Webhook.objects.filter(account_id=account_id)
    list(hooks.select_for_update(no_key=True).order_by("pk"))  # first, as whoever sends does
    mine = Delivery.objects.filter(account_id=account_id)
    early = mine.filter(state=DeliveryState.FAILED, error=Reason.EXPIRED)
    webhooks = set(early.filter(since__gt=at - DAY).values_list("webhook", flat=True))
    _again(early.filter(since__gt=at - DAY), at)
    waiting = mine.filter(state=DeliveryState.PENDING)
    waiting = waiting.filter(Q(created__gt=at) | Q(tried__gt=at) | Q(since__gt=at))
    webhooks |= set(waiting.values_list("webhook", flat=True))
    waiting.update(next_at=at, since=Least("since", at), claim=None)
    resting = hooks.filter(rest_until__gt=at)
    webhooks |= set(resting.values_list("pk", flat=True))
    resting.update(rest_until=None)
    for webhook_id in sorted(webhooks):
        new_deliveries.call_after_commit(webhook_id)


def forget(account_id: int, profile_ids: Sequence[int]) -> None:
    """Blank what receivers answered to messages about people: it may speak of them."""
    Delivery.objects.filter(
        webhook__in=Webhook.objects.filter(account_id=account_id), profile_id__in=profile_ids
    ).update(answer="")


def counts(account: Account) -> dict[int, dict[str, int]]:
    """For each webhook of an account, by id: messages `pending`, `retrying` (those of them that
    failed at least once), `failed` and `sent`; `sent` is of all time, the others of the log."""
    found = {
        pk: {"pending": 0, "retrying": 0, "failed": 0, "sent": sent}
        for pk, sent in Webhook.objects.filter(account=account).values_list("pk", "sent")
    }
    unsent = Delivery.objects.filter(
        webhook__in=list(found), state__in=[DeliveryState.PENDING, DeliveryState.FAILED]
    )
    numbers = unsent.values_list("webhook", "state").annotate(
        n=Count("pk"), n_failed_once=Count("pk", filter=~Q(error=""))
    )
    for pk, state, number, failed_once in numbers:
        found[pk][state] = number
        if state == DeliveryState.PENDING:
            found[pk]["retrying"] = failed_once
    return found
