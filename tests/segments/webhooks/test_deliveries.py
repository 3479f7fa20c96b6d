"""The queue of messages: recipients, giving up, sending again, clearing away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_events
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid, NotFound
from segments.engine import membership
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.live import follow
from segments.engine.queries import resolve_names
from segments.models import (
    Build,
    Delivery,
    DeliveryState,
    MembershipChange,
    Reason,
    Segment,
    Webhook,
)
from segments.webhooks import deliveries, editing
from segments.webhooks.editing import WebhookSettings, create_webhook
from tests.builders.definitions import both, once
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT
from tests.segments.webhooks.conftest import Change, Hook, noted_change

pytestmark = pytest.mark.django_db


def changes_for(webhook: Webhook) -> list[int | None]:
    """The changes that a webhook gets messages about, in order."""
    rows = Delivery.objects.filter(webhook=webhook).order_by("pk")
    return list(rows.values_list("change_id", flat=True))


def test_a_webhook_is_told_what_it_asked_for(
    hook: Hook, segment: Segment, account: Account, people: list[Profile]
) -> None:
    other = new_segment(account, "Other")
    everything = hook(definitions=True)
    usual = hook()
    entering, leaving = hook(leaving=False), hook(entering=False)
    selective = hook(segments=[other])
    off = hook()
    editing.switch_webhook(webhook=off, on=False, at=AT)
    rows = [
        noted_change(segment, people[0]).pk,
        noted_change(segment, people[0], entered=False).pk,
        noted_change(other, people[1]).pk,
        noted_change(segment, people[2], cause=Cause.DEFINITION).pk,
        noted_change(segment, people[1], cause=Cause.REPAIR).pk,
    ]
    deliveries.enqueue(account.pk, rows[0])
    assert changes_for(everything) == rows
    assert changes_for(usual) == [rows[0], rows[1], rows[2], rows[4]]
    assert changes_for(entering) == [rows[0], rows[2], rows[4]]
    assert changes_for(leaving) == [rows[1]]
    assert changes_for(selective) == [rows[2]]
    assert changes_for(off) == []
    deliveries.enqueue(account.pk, rows[0])
    assert Delivery.objects.count() == 5 + 4 + 3 + 1 + 1


def test_a_webhook_of_another_account_is_told_nothing(
    hook: Hook, segment: Segment, other_account: Account, people: list[Profile]
) -> None:
    theirs = hook(account=other_account)
    row = noted_change(segment, people[0]).pk
    deliveries.enqueue(segment.account_id, row)
    deliveries.enqueue(other_account.pk, row)
    assert changes_for(theirs) == []


def test_an_account_without_webhooks_pays_one_look_at_an_index(
    segment: Segment, people: list[Profile], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [noted_change(segment, person).pk for person in people]
    with django_assert_num_queries(1):
        deliveries.enqueue(segment.account_id, rows[0])


def test_any_number_of_changes_and_webhooks_is_one_statement(
    hook: Hook, segment: Segment, people: list[Profile]
) -> None:
    for _ in range(3):
        hook()
    rows = [noted_change(segment, person).pk for person in people]
    with CaptureQueriesContext(connection) as queries:
        deliveries.enqueue(segment.account_id, rows[0])
    assert len(queries) == 2
    assert Delivery.objects.count() == 9


def test_what_is_rolled_back_is_not_sent(
    hook: Hook, segment: Segment, people: list[Profile]
) -> None:
    hook()
    with transaction.atomic():
        deliveries.enqueue(segment.account_id, noted_change(segment, people[0]).pk)
        assert Delivery.objects.exists()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_a_nudge_comes_after_the_commit_once_for_each_webhook(
    hook: Hook,
    segment: Segment,
    people: list[Profile],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    woken: list[int] = []
    one, _none, other = hook(), hook(entering=False), hook()
    monkeypatch.setattr(deliveries.new_deliveries, "subscribers", [woken.append])
    rows = [noted_change(segment, person).pk for person in people]
    with django_capture_on_commit_callbacks(execute=True):
        deliveries.enqueue(segment.account_id, rows[0])
        assert woken == []
    assert woken == [one.pk, other.pk]


def test_membership_tells_the_webhooks() -> None:
    assert deliveries.enqueue in membership.new_ledger_rows.subscribers


def test_what_nobody_could_be_told_for_a_day_is_given_up(
    hook: Hook, change: Change, people: list[Profile]
) -> None:
    webhook = hook()
    change(people[0])
    assert deliveries.fail_expired(AT + timedelta(hours=24)) == 0
    editing.switch_webhook(webhook=webhook, on=False, at=AT)
    assert deliveries.fail_expired(AT + timedelta(hours=25)) == 1
    row = Delivery.objects.get()
    assert (row.state, row.error, row.next_at) == (DeliveryState.FAILED, Reason.EXPIRED, None)


def test_a_message_that_kills_its_workers_is_given_up(
    hook: Hook, change: Change, people: list[Profile]
) -> None:
    hook()
    change(people[0])
    Delivery.objects.update(tries=deliveries.MOST_TRIES)
    assert deliveries.fail_expired(AT) == 1


def test_one_message_and_all_failed_ones_are_sent_again(
    hook: Hook, change: Change, people: list[Profile]
) -> None:
    webhook, later = hook(), AT + timedelta(days=2)
    for person in people:
        change(person)
    first, second, third = Delivery.objects.order_by("pk")
    ids = [first.message_id, second.message_id, third.message_id]
    Delivery.objects.update(state=DeliveryState.FAILED, next_at=None, tries=11, error="status")
    Delivery.objects.filter(pk=first.pk).update(state=DeliveryState.SENT, error="")
    again = deliveries.replay(webhook=webhook, delivery_id=first.pk, at=later)
    assert (again.state, again.tries, again.since) == (DeliveryState.PENDING, 0, later)
    assert deliveries.replay_failed(webhook=webhook, at=later) == 2
    rows = Delivery.objects.order_by("pk")
    assert [row.message_id for row in rows] == ids
    assert {row.next_at for row in rows} == {later}
    assert deliveries.fail_expired(later) == 0


def test_only_a_webhook_s_own_messages_are_sent_again(
    hook: Hook, change: Change, people: list[Profile]
) -> None:
    hook()
    change(people[0])
    with pytest.raises(NotFound):
        deliveries.replay(webhook=hook(), delivery_id=Delivery.objects.get().pk, at=AT)


def test_the_log_is_kept_for_thirty_days_and_what_waits_for_longer(
    hook: Hook, change: Change, people: list[Profile]
) -> None:
    hook()
    change(people[0])
    change(people[1])
    change(people[2], at=AT + timedelta(days=1))
    Delivery.objects.exclude(profile_id=people[1].pk).update(state=DeliveryState.SENT)
    assert deliveries.delete_old(AT + timedelta(days=30, hours=1)) == 1
    remaining = set(Delivery.objects.values_list("profile_id", flat=True))
    assert remaining == {people[1].pk, people[2].pk}


def test_counts(hook: Hook, change: Change, people: list[Profile], account: Account) -> None:
    webhook, idle = hook(), hook(entering=False)
    for person in (*people, *people, people[0]):
        change(person)
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=ids[:1]).update(state=DeliveryState.FAILED)
    Delivery.objects.filter(pk__in=ids[1:3]).update(state=DeliveryState.SENT)
    Delivery.objects.filter(pk__in=ids[3:4]).update(error=Reason.STATUS)
    Webhook.objects.filter(pk=webhook.pk).update(sent=40)
    assert deliveries.counts(account) == {
        webhook.pk: {"pending": 4, "retrying": 1, "failed": 1, "sent": 40},
        idle.pk: {"pending": 0, "retrying": 0, "failed": 0, "sent": 0},
    }


def test_what_receivers_said_of_a_person_is_forgotten_with_them(
    hook: Hook, change: Change, people: list[Profile]
) -> None:
    webhook = hook()
    for person in people[:2]:
        change(person)
    Delivery.objects.update(answer="hello anna@example.com")
    deliveries.blank_answers(webhook.account_id, [people[0].pk])
    answers = dict(Delivery.objects.values_list("profile_id", "answer"))
    assert answers == {people[0].pk: "", people[1].pk: "hello anna@example.com"}


# --- webhooks themselves -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"name": "a" * 121}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"url": "http://example.com/"}, "/url"),
        ({"entering": False, "leaving": False}, "/entering"),
        ({"segments": []}, "/segments"),
    ],
)
def test_settings_that_mean_nothing_are_refused(
    options: dict[str, Any], pointer: str, account: Account
) -> None:
    settings = WebhookSettings(**({"name": "CRM", "url": "https://example.com/"} | options))
    with pytest.raises(Invalid) as refused:
        create_webhook(account=account, settings=settings, at=AT)
    assert refused.value.problems[0].pointer == pointer
    assert not Webhook.objects.exists()


def test_segments_of_others_and_too_many_webhooks_are_refused(
    account: Account, other_account: Account, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = WebhookSettings("CRM", "https://example.com/", [segment])
    with pytest.raises(NotFound):
        create_webhook(account=other_account, settings=settings, at=AT)
    monkeypatch.setattr(editing, "MOST_WEBHOOKS", 1)
    create_webhook(account=account, settings=settings, at=AT)
    with pytest.raises(Conflict):
        create_webhook(account=account, settings=settings, at=AT)


def test_a_webhook_is_deleted_with_its_log(
    hook: Hook, change: Change, people: list[Profile]
) -> None:
    webhook = hook()
    change(people[0])
    editing.delete_webhook(webhook=webhook)
    assert not Delivery.objects.exists()
    with pytest.raises(NotFound):
        editing.renew_secret(webhook=webhook, at=AT)


# --- from the event to the message ---------------------------------------------------------------


def test_an_order_reaches_the_queue_in_the_transaction_that_lets_its_person_in(
    hook: Hook, account: Account, marketer: User, people: list[Profile]
) -> None:
    usual, everything = hook(), hook(definitions=True)
    definition = resolve_names(account, both(once("Placed Order")))
    save_segment(account=account, user=marketer, name="Buyers", definition=definition, at=AT)
    for build in Build.objects.filter(finished=None):
        run_build(build.pk, AT)
    follow(account, AT)
    assert len(changes_for(usual)) == 0
    assert len(changes_for(everything)) == 1
    order: dict[str, Any] = {"metric": "Placed Order", "time": AT.isoformat(), "unique_id": "x"}
    order["profile"] = {"email": "bo@example.com"}
    ingest_events(account=account, records=[order], at=AT)
    follow(account, AT)
    row = MembershipChange.objects.latest("pk")
    assert (row.profile_id, row.entered) == (people[1].pk, True)
    assert changes_for(usual) == [row.pk]
    assert len(changes_for(everything)) == 2


def test_erasing_a_person_blanks_what_receivers_answered_about_them(
    change: Change, hook: Hook, account: Account, people: list[Profile]
) -> None:
    hook()
    for person in people[:2]:
        change(person)
    Delivery.objects.update(answer="Hello")
    erase(account=account, profile_id=people[0].pk, at=AT)
    answers = dict(Delivery.objects.values_list("profile_id", "answer"))
    assert answers == {people[0].pk: "", people[1].pk: "Hello"}
