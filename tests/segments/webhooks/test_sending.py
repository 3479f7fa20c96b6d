"""Sending: what receivers get, retries, leases, order, and webhooks that fail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from pytest_django import Settings

from profiles.ingest.merge import merge
from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.models import Delivery, DeliveryState, Reason, Segment, Webhook
from segments.webhooks import editing, sender
from segments.webhooks.deliveries import DAY, MOST_TRIES, fail_expired, replay, send_test
from segments.webhooks.sender import (
    BATCH,
    LEASE,
    PAUSES,
    next_attempt,
    send_batch,
    webhooks_due,
)
from tests.fixtures.cast import AT
from tests.segments.webhooks.conftest import Change, Hook
from tests.segments.webhooks.messages import SECOND, drain, many, only
from tests.segments.webhooks.receiver import Received, Receiver

pytestmark = pytest.mark.django_db


def verified(request: Received, *secrets: str) -> dict[str, object]:
    """What a receiver does, written after the standard alone: check, then read."""
    signed = f"{request.id}.{request.headers['webhook-timestamp']}.".encode() + request.body
    signatures = []
    for secret in secrets:
        key = base64.b64decode(secret.split("_")[1])
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        signatures.append("v1," + base64.b64encode(digest).decode())
    assert request.headers["webhook-signature"].split() == signatures
    body: dict[str, object] = json.loads(request.body)
    return body


# --- what is sent --------------------------------------------------------------------------------


def test_a_message_says_who_where_why_and_since_when(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver, segment: Segment
) -> None:
    webhook = hook()
    row = change(people[0], true_since=AT - timedelta(hours=1))
    assert send_batch(webhook.pk, AT + SECOND) == 1
    (request,) = receiver.received
    assert request.path == "/hook"
    assert request.headers["content-type"] == "application/json"
    sent_at = int(request.headers["webhook-timestamp"])
    assert sent_at - int(AT.timestamp()) in (1, 2)
    assert verified(request, webhook.secret) == {
        "type": "segment.member.entered",
        "timestamp": "2026-03-01T12:00:00.000000Z",
        "data": {
            "segment": {"id": segment.key, "name": "Buyers"},
            "profile": {
                "id": str(people[0].pk),
                "email": "anna@example.com",
                "phone_number": None,
                "external_id": "A-1",
                "anonymous_id": None,
                "first_name": "Anna",
                "last_name": "Lind",
            },
            "cause": "event",
            "true_since": "2026-03-01T11:00:00.000000Z",
            "sequence": row.pk,
        },
    }
    delivery = only()
    assert request.id == str(delivery) == f"msg_{delivery.message_id.hex}"
    assert (delivery.state, delivery.status, delivery.answer) == (DeliveryState.SENT, 200, "ok")
    assert (delivery.tries, delivery.next_at, delivery.claim) == (1, None, None)
    webhook.refresh_from_db()
    assert webhook.sent == 1


def test_leaving_and_tests_have_types_of_their_own(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook = hook(name="Ĉ <b>")
    change(people[0], entered=False)
    send_test(webhook=webhook, at=AT)
    assert drain(webhook, AT) == 2
    kinds = {json.loads(r.body)["type"]: json.loads(r.body)["data"] for r in receiver.received}
    assert set(kinds) == {"segment.member.left", "webhook.test"}
    assert kinds["webhook.test"] == {"webhook": {"id": webhook.key, "name": "Ĉ <b>"}}


def test_of_someone_erased_meanwhile_only_the_id_is_sent(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook, id_ = hook(), people[0].pk
    change(people[0])
    people[0].delete()
    drain(webhook, AT)
    assert json.loads(receiver.received[0].body)["data"]["profile"] == {"id": str(id_)}
    assert b"anna" not in receiver.received[0].body


def test_of_someone_merged_the_receiver_learns_into_whom(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver, account: Account
) -> None:
    webhook, keep_id, drop_id = hook(), people[0].pk, people[1].pk
    change(people[1], entered=False)
    merge(account=account, keep_id=keep_id, drop_id=drop_id, at=AT)
    drain(webhook, AT)
    profile = json.loads(receiver.received[0].body)["data"]["profile"]
    assert profile == {"id": str(drop_id), "merged_into": str(keep_id)}


def test_of_a_deleted_segment_nothing_is_sent(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver, segment: Segment
) -> None:
    webhook = hook()
    change(people[0])
    segment.delete()
    drain(webhook, AT)
    assert receiver.received == []
    assert (only().state, only().error) == (DeliveryState.FAILED, Reason.FORGOTTEN)


def test_both_secrets_sign_for_a_day_after_a_new_one_was_made(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook = hook()
    old = webhook.secret
    new = editing.renew_secret(webhook=webhook, at=AT)
    assert new != old
    change(people[0])
    change(people[1], at=AT + DAY)
    drain(webhook, AT)
    drain(webhook, AT + DAY)
    verified(receiver.received[0], new, old)
    verified(receiver.received[1], new)


def test_the_receiver_of_the_documentation_takes_our_messages(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook = hook()
    change(people[0])
    drain(webhook, AT)
    (request,) = receiver.received
    page = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text(encoding="utf-8")
    namespace: dict[str, Callable[..., bool]] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], namespace)
    is_genuine = namespace["is_genuine"]
    with time_machine.travel(AT):
        assert is_genuine(webhook.secret, request.headers, request.body)
        assert not is_genuine(webhook.secret, request.headers, request.body + b" ")
        assert not is_genuine("whsec_" + "A" * 44, request.headers, request.body)
    with time_machine.travel(AT + timedelta(minutes=6)):
        assert not is_genuine(webhook.secret, request.headers, request.body)


# --- trying again --------------------------------------------------------------------------------


def test_a_failure_is_tried_again_with_the_same_id(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook = hook()
    change(people[0])
    receiver.answers = [500, 200]
    assert send_batch(webhook.pk, AT) == 1
    delivery = only()
    assert (delivery.state, delivery.error) == (DeliveryState.PENDING, Reason.STATUS)
    assert (delivery.status, delivery.tries) == (500, 1)
    assert delivery.next_at is not None
    assert timedelta(seconds=4) < delivery.next_at - AT < timedelta(seconds=8)
    assert send_batch(webhook.pk, AT + 3 * SECOND) == 0
    later = AT + 8 * SECOND
    assert webhooks_due(later) == [webhook.pk]
    assert send_batch(webhook.pk, later) == 1
    one, two = receiver.received
    assert one.id == two.id
    assert one.body == two.body
    assert one.headers["webhook-signature"] != two.headers["webhook-signature"]
    assert (only().state, only().error, only().tries) == (DeliveryState.SENT, "", 2)
    webhook.refresh_from_db()
    assert (webhook.sent, webhook.failures) == (1, 0)


def test_the_pauses_grow_and_end_after_a_day() -> None:
    assert len(PAUSES) + 1 == MOST_TRIES
    assert list(PAUSES) == sorted(PAUSES)
    assert timedelta(hours=23) < sum(PAUSES, timedelta(0)) < DAY
    for tries, pause in enumerate(PAUSES, start=1):
        for _ in range(50):
            again = next_attempt(tries, AT, AT)
            assert again is not None
            assert pause * 0.9 <= again - AT <= pause * 1.1
    assert next_attempt(10, AT, AT + timedelta(hours=23)) == AT + DAY
    assert next_attempt(10, AT, AT + DAY) is None
    assert next_attempt(MOST_TRIES, AT, AT) is None


def test_a_receiver_that_is_away_for_a_day_and_more_is_given_up(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook, at = hook(), AT
    change(people[0])
    receiver.answers = [503]
    for _step in range(100):
        send_batch(webhook.pk, at)
        fail_expired(at)
        if only().next_at is None:
            break
        webhook.refresh_from_db()
        at = max(moment for moment in (only().next_at, webhook.rest_until) if moment is not None)
    assert (only().state, only().error) == (DeliveryState.FAILED, Reason.STATUS)
    assert len(receiver.received) in (MOST_TRIES - 1, MOST_TRIES)
    assert timedelta(hours=20) < at - AT <= timedelta(hours=25)
    receiver.answers = [200]
    replay(webhook=webhook, delivery_id=only().pk, at=at)
    assert send_batch(webhook.pk, at) == 1
    assert only().state == DeliveryState.SENT
    assert len({request.id for request in receiver.received}) == 1


def test_410_switches_the_webhook_off(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver, account: Account
) -> None:
    webhook = hook()
    change(people[0])
    receiver.answers = [410]
    assert drain(webhook, AT) == 1
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.disabled_reason) == (False, Reason.GONE)
    assert only().state == DeliveryState.FAILED
    change(people[1])
    assert Delivery.objects.count() == 1
    assert webhooks_due(AT + DAY) == []
    editing.switch_webhook(webhook=webhook, on=True, at=AT)
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.disabled_reason) == (True, "")


def test_an_address_that_leads_inside_is_never_connected_to(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook = hook()
    Webhook.objects.update(url=f"https://localhost:{receiver.port}/hook")
    change(people[0])
    send_batch(webhook.pk, AT)
    assert receiver.received == []
    assert (only().state, only().error) == (DeliveryState.PENDING, Reason.REFUSED)


def test_what_is_no_longer_allowed_is_not_sent(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver, settings: Settings
) -> None:
    webhook = hook()
    change(people[0])
    settings.SEGMENTER_WEBHOOK_ALLOW = []
    send_batch(webhook.pk, AT)
    assert receiver.received == []
    assert only().error == Reason.REFUSED


# --- workers -------------------------------------------------------------------------------------


def test_what_a_killed_worker_held_is_sent_by_another_with_the_same_id(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook = hook()
    change(people[0])
    _webhook, deliveries = sender._claim(webhook.pk, uuid.uuid4(), AT)
    assert [delivery.pk for delivery in deliveries] == [only().pk]
    assert send_batch(webhook.pk, AT + LEASE - SECOND) == 0
    assert send_batch(webhook.pk, AT + LEASE) == 1
    assert receiver.received[0].id == str(deliveries[0])
    assert (only().state, only().tries) == (DeliveryState.SENT, 2)


def test_a_worker_that_comes_too_late_changes_nothing(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook, claim = hook(), uuid.uuid4()
    change(people[0])
    row, deliveries = sender._claim(webhook.pk, claim, AT)
    assert row is not None
    receiver.answers = [500, 200]
    outcomes = sender._send(row, deliveries, AT, 0.0)
    send_batch(webhook.pk, AT + LEASE)
    assert only().state == DeliveryState.SENT
    sender._record(webhook.pk, claim, outcomes, AT)
    assert only().state == DeliveryState.SENT


def test_a_person_s_messages_go_out_in_order(
    hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook = hook()
    for entered in (True, False, True):
        change(people[0], entered=entered)
    change(people[1])
    receiver.answers = [500, 500, 200]
    assert send_batch(webhook.pk, AT) == 2
    later = AT + 8 * SECOND
    assert drain(webhook, later) == 4
    bodies = [json.loads(request.body) for request in receiver.received]
    mine = [b for b in bodies if b["data"]["profile"]["id"] == str(people[0].pk)]
    kinds = [body["type"].rpartition(".")[2] for body in mine]
    assert kinds == ["entered", "entered", "left", "entered"]
    sequences = [body["data"]["sequence"] for body in mine]
    assert sequences == sorted(sequences)


def test_no_more_than_a_batch_is_under_way_at_a_time(
    hook: Hook, segment: Segment, receiver: Receiver
) -> None:
    webhook = hook()
    many(segment, 2 * BATCH)
    sender._claim(webhook.pk, uuid.uuid4(), AT)
    assert sender._claim(webhook.pk, uuid.uuid4(), AT)[1] == []
    assert drain(webhook, AT + LEASE) == 2 * BATCH
    assert len({request.id for request in receiver.received}) == 2 * BATCH
