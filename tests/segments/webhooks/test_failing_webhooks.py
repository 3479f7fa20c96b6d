"""Webhooks that fail or hang: pauses, rests, and the tasks that clear away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from pytest_django import Settings

from profiles.models import Profile
from segments.models import Delivery, DeliveryState, Segment, Webhook
from segments.webhooks import editing, sender, tasks
from segments.webhooks.deliveries import DAY, enqueue
from segments.webhooks.sender import (
    BATCH,
    REST_AFTER,
    RESTS,
    send_batch,
    webhooks_due,
)
from tests.fixtures.cast import AT
from tests.segments.webhooks.conftest import Change, Hook, noted_change
from tests.segments.webhooks.messages import SECOND, drain, many, only
from tests.segments.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


# --- webhooks that fail --------------------------------------------------------------------------


def test_a_webhook_that_hangs_costs_little_and_holds_nobody_up(
    hook: Hook,
    segment: Segment,
    receiver: Receiver,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "SECONDS", 0.3)
    bad, good = hook(), hook()
    other = Receiver().start()
    try:
        Webhook.objects.filter(pk=good.pk).update(url=other.url)
        settings.SEGMENTER_WEBHOOK_ALLOW.append(f"127.0.0.1:{other.port}")
        many(segment, 3 * BATCH)
        receiver.answers = [receiver.hang]
        attempts = send_batch(bad.pk, AT)
        assert REST_AFTER <= attempts <= REST_AFTER + sender.MOST_CONNECTIONS
        assert drain(good, AT) == 3 * BATCH
        assert drain(bad, AT) == 0
    finally:
        other.stop()
    bad.refresh_from_db()
    assert bad.rest_until is not None
    assert webhooks_due(AT) == []
    pending = Delivery.objects.filter(webhook=bad, state=DeliveryState.PENDING)
    assert pending.count() == 3 * BATCH
    assert pending.filter(tries=0).count() == 3 * BATCH - attempts


def test_after_a_rest_one_message_is_tried_and_when_it_arrives_all_follow(
    hook: Hook, segment: Segment, receiver: Receiver
) -> None:
    webhook = hook()
    many(segment, BATCH)
    receiver.answers = [500]
    first = send_batch(webhook.pk, AT)
    webhook.refresh_from_db()
    at, rests = AT, []
    for _probe in range(8):
        assert webhook.rest_until is not None
        rests.append(webhook.rest_until - at)
        assert send_batch(webhook.pk, webhook.rest_until - timedelta(microseconds=1)) == 0
        at = webhook.rest_until
        assert send_batch(webhook.pk, at) == 1
        webhook.refresh_from_db()
    assert rests[-1] >= RESTS[-1]
    assert max(rests) < RESTS[-1] + 5 * SECOND
    assert len(receiver.received) == first + 8
    receiver.answers = [200]
    assert webhook.rest_until is not None
    at = webhook.rest_until
    assert send_batch(webhook.pk, at) == 1
    webhook.refresh_from_db()
    assert webhook.failures == 0
    assert Webhook.objects.get(pk=webhook.pk).rest_until is None
    drain(webhook, at + DAY / 2)
    assert not Delivery.objects.exclude(state=DeliveryState.SENT).exists()


def test_one_message_that_is_refused_does_not_stop_the_others(
    hook: Hook, segment: Segment, receiver: Receiver
) -> None:
    webhook = hook()
    many(segment, BATCH)
    receiver.answers = [500, 500, 200]
    drain(webhook, AT)
    states = list(Delivery.objects.values_list("state", flat=True))
    assert states.count(DeliveryState.SENT) == BATCH - 2
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.rest_until) == (0, None)


def test_a_new_address_is_tried_at_once(hook: Hook, segment: Segment, receiver: Receiver) -> None:
    webhook = hook(url=f"http://127.0.0.1:{receiver.port}/old")
    many(segment, 1)
    Webhook.objects.update(failures=9, rest_until=AT + DAY)
    assert send_batch(webhook.pk, AT) == 0
    settings = editing.WebhookSettings("CRM", receiver.url)
    editing.change_webhook(webhook=webhook, settings=settings, at=AT)
    assert send_batch(webhook.pk, AT) == 1
    assert receiver.received[0].path == "/hook"


# --- tasks ---------------------------------------------------------------------------------------


def test_the_sweep_finds_what_the_nudge_missed(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    hook()
    for person in people:
        change(person)
    with time_machine.travel(AT, tick=False):
        tasks.sweep_webhooks.delay()
        assert len(receiver.received) == 3
        tasks.sweep_webhooks.delay()
    assert len(receiver.received) == 3


def test_every_minute_what_is_too_old_is_given_up_and_cleared_away(
    hook: Hook, change: Change, people: list[Profile]
) -> None:
    hook()
    change(people[0])
    with time_machine.travel(AT + timedelta(days=2), tick=False):
        tasks.tidy_webhooks.delay()
    assert only().state == DeliveryState.FAILED
    with time_machine.travel(AT + timedelta(days=31), tick=False):
        tasks.tidy_webhooks.delay()
    assert not Delivery.objects.exists()


def test_a_webhook_that_is_gone_or_off_is_no_error(hook: Hook, segment: Segment) -> None:
    webhook = hook()
    many(segment, 1)
    editing.switch_webhook(webhook=webhook, on=False, at=AT)
    assert send_batch(webhook.pk, AT) == 0
    assert send_batch(0, AT) == 0


@pytest.mark.django_db(transaction=True)
def test_the_live_path_does_not_wait_for_a_worker_that_holds_the_webhook(
    hook: Hook, segment: Segment, people: list[Profile]
) -> None:
    webhook, row = hook(), noted_change(segment, people[0])

    def follow() -> None:
        try:
            with transaction.atomic():
                connection.cursor().execute("SET LOCAL lock_timeout = '2s'")
                enqueue(segment.account_id, row.pk)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as elsewhere:
        Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        elsewhere.submit(follow).result()
    assert Delivery.objects.filter(change_id=row.pk).count() == 1
