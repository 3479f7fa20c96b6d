"""The pages of webhooks: what they show, what they change, and for whom."""

from __future__ import annotations

import base64
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.models import Delivery, DeliveryState, Reason, Segment, Webhook
from segments.webhooks.sender import send_batch
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn
from tests.page_source import source
from tests.segments.webhooks.conftest import Change, Hook
from tests.segments.webhooks.page_requests import FORM, address, client
from tests.segments.webhooks.receiver import Receiver, reply

__all__ = ["client"]

pytestmark = pytest.mark.django_db


def once(page: str) -> str:
    """The secret that a page shows once."""
    match = re.search(r'value="(whsec_[^"]+)"\s+id="secret"', page)
    assert match is not None
    return match[1]


# --- making and changing -------------------------------------------------------------------------


def test_the_settings_lead_to_webhooks(client: Client, viewer: User, sign_in: SignIn) -> None:
    for browser in (client, sign_in(viewer)):
        page = browser.get("/settings/me").content.decode()
        assert 'href="/settings/webhooks/"' in page
    assert 'href="/settings/webhooks/new"' in client.get("/settings/webhooks/").content.decode()
    empty = sign_in(viewer).get("/settings/webhooks/").content.decode()
    assert "No webhooks yet" in empty
    assert "/settings/webhooks/new" not in empty


def test_a_webhook_is_made_and_its_secret_shown_once(
    client: Client, account: Account, segment: Segment
) -> None:
    new_segment(account, "Other")
    form = FORM | {"which": "chosen", "segments": [segment.key], "leaving": ""}
    answer = client.post("/settings/webhooks/new", form)
    secret = once(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    webhook = Webhook.objects.get()
    assert (webhook.account, webhook.name, webhook.url, webhook.secret) == (
        account,
        "CRM",
        "https://example.com/hook",
        secret,
    )
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert (webhook.entering, webhook.leaving, webhook.definitions, webhook.all_segments) == (
        True,
        False,
        False,
        False,
    )
    assert list(webhook.segments.all()) == [segment]
    for name in ("list", "detail", "edit"):
        page = client.get(address(name, webhook if name != "list" else None)).content.decode()
        assert secret not in page
        assert "CRM" in page


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"url": "http://example.com/"}, "must begin with https"),
        ({"url": "https://10.0.0.1/"}, "must be a public one"),
        ({"url": "nonsense"}, "This is no address"),
        ({"entering": "", "leaving": ""}, "Choose what is to be sent."),
        ({"which": "chosen"}, "Choose a segment at least."),
        ({"which": "nonsense"}, "not one of the available choices"),
        ({"which": "chosen", "segments": ["nonono"]}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    client: Client, segment: Segment, wrong: dict[str, object], message: str
) -> None:
    answer = client.post("/settings/webhooks/new", FORM | wrong)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Webhook.objects.exists()


def test_a_webhook_is_edited(client: Client, hook: Hook, segment: Segment) -> None:
    webhook = hook(segments=[segment], leaving=False)
    page = source(client.get(address("edit", webhook)))
    assert re.search(rf'value="{segment.key}" checked', page)
    assert re.search(r'name="which" value="chosen"[^>]* checked', page)
    answer = client.post(address("edit", webhook), FORM | {"name": "New", "definitions": "on"})
    assert answer["Location"] == address("detail", webhook)
    webhook.refresh_from_db()
    assert (webhook.name, webhook.url) == ("New", "https://example.com/hook")
    assert (webhook.all_segments, webhook.leaving, webhook.definitions) == (True, True, True)
    assert not webhook.segments.exists()
    refused = client.post(address("edit", webhook), FORM | {"url": "ftp://example.com/"})
    assert refused.status_code == 422
    assert 'id="id_url"' in refused.content.decode()


def test_a_new_secret_is_shown_once_beside_how_long_the_old_one_lasts(
    client: Client, hook: Hook
) -> None:
    webhook = hook()
    old = webhook.secret
    answer = client.post(address("secret", webhook))
    page = answer.content.decode()
    secret = once(page)
    assert "no-store" in answer["Cache-Control"]
    assert "signs too until" in page
    assert old not in page
    webhook.refresh_from_db()
    assert (webhook.secret, webhook.old_secret) == (secret, old)
    assert secret not in client.get(address("detail", webhook)).content.decode()


def test_a_webhook_is_switched_off_and_on_and_deleted(client: Client, hook: Hook) -> None:
    webhook = hook()
    client.post(address("switch", webhook), {"on": "0"})
    assert not Webhook.objects.get().is_active
    assert "Switch on" in client.get(address("detail", webhook)).content.decode()
    client.post(address("switch", webhook), {"on": "1"})
    assert Webhook.objects.get().is_active
    assert client.post(address("delete", webhook))["Location"] == "/settings/webhooks/"
    assert not Webhook.objects.exists()


# --- the log -------------------------------------------------------------------------------------


def test_a_test_message_is_sent_and_noted(client: Client, hook: Hook, receiver: Receiver) -> None:
    webhook = hook()
    client.post(address("test", webhook))
    pending = client.get(address("detail", webhook)).content.decode()
    assert 'hx-trigger="load' in pending
    send_batch(webhook.pk, Delivery.objects.get().created)
    page = client.get(address("detail", webhook)).content.decode()
    assert 'hx-trigger="load' not in page
    assert re.search(r"badge good\">Delivered<", page)
    assert f"msg_{Delivery.objects.get().message_id.hex}" in page
    assert len(receiver.received) == 1


def test_the_log_tells_what_the_receiver_answered(
    client: Client, hook: Hook, change: Change, people: list[Profile], receiver: Receiver
) -> None:
    webhook = hook()
    change(people[0])
    change(people[1], entered=False)
    receiver.answers = [lambda handler: reply(handler, 500, b"Database is away")]
    send_batch(webhook.pk, AT)
    page = client.get(address("detail", webhook)).content.decode()
    assert page.count("Database is away") == 2
    assert "<code>500</code>" in page
    assert "next try" in page
    assert "Anna Lind" in page
    assert ">entered<" in page
    assert ">left<" in page
    assert "Failing" in page


def test_the_log_is_filtered_by_state(
    client: Client, hook: Hook, change: Change, people: list[Profile]
) -> None:
    webhook = hook()
    for person in people:
        change(person)
    first, second, third = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state=DeliveryState.SENT, next_at=None)
    Delivery.objects.filter(pk=second.pk).update(state=DeliveryState.FAILED, next_at=None)

    def pks(state: str) -> list[int]:
        rows = client.get(address("detail", webhook), {"state": state}).context["rows"]
        return [row["delivery"].pk for row in rows]

    assert pks("sent") == [first.pk]
    assert pks("failed") == [second.pk]
    assert pks("pending") == [third.pk]
    assert pks("nonsense") == [third.pk, second.pk, first.pk]
    partial = client.get(address("detail", webhook), headers={"HX-Request": "true"})
    assert b"<html" not in partial.content


def test_one_failed_message_and_all_of_them_are_sent_again(
    client: Client, hook: Hook, change: Change, people: list[Profile]
) -> None:
    webhook = hook()
    for person in people:
        change(person)
    Delivery.objects.update(state=DeliveryState.FAILED, next_at=None, tries=11)
    first = Delivery.objects.order_by("pk")[0]
    answer = client.post(address("replay", webhook), {"delivery": first.pk})
    assert answer["Location"] == address("detail", webhook)
    assert Delivery.objects.filter(state=DeliveryState.PENDING).get() == first
    client.post(address("replay-failed", webhook))
    assert Delivery.objects.filter(state=DeliveryState.PENDING).count() == 3


@pytest.mark.parametrize("key", ["", "x", "-1", "0", "٣", "²", "9" * 30, "987654321"])
def test_a_message_that_is_not_there(client: Client, hook: Hook, key: str) -> None:
    assert client.post(address("replay", hook()), {"delivery": key}).status_code == 404


def test_a_page_of_the_log_asks_the_database_as_often_for_many_as_for_one(
    client: Client,
    hook: Hook,
    change: Change,
    people: list[Profile],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    webhook = hook()
    for person in people:
        change(person)
    client.get(address("detail", webhook))
    with django_assert_num_queries(10):
        client.get(address("detail", webhook))
    for person in people * 5:
        change(person)
    with django_assert_num_queries(10):
        client.get(address("detail", webhook))


def test_the_list_asks_as_often_for_many_as_for_one(
    client: Client, hook: Hook, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    hook()
    with django_assert_num_queries(6):
        client.get("/settings/webhooks/")
    for _ in range(5):
        hook()
    with django_assert_num_queries(6):
        page = client.get("/settings/webhooks/")
    assert len(page.context["rows"]) == 6


def test_why_a_webhook_was_switched_off_is_told(client: Client, hook: Hook) -> None:
    webhook = hook()
    Webhook.objects.update(is_active=False, disabled_reason=Reason.GONE)
    page = client.get(address("detail", webhook)).content.decode()
    assert "answered 410" in page
    assert "Switched off" in client.get("/settings/webhooks/").content.decode()
