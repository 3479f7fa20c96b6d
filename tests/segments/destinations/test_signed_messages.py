"""A URL is told who is added and removed, in signed messages of many people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.destinations import editing
from segments.destinations.editing import ListPlan
from segments.destinations.kind import DestinationAccess
from segments.destinations.kinds.webhook import SignedMessages
from segments.engine.signature import new_signing_secret, signature
from segments.models import ConnectionState, Destination, Segment
from tests.fixtures.cast import AT
from tests.segments.destinations.shop import HOUR, leave, let_in, new_segment, run
from tests.segments.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db
SECRET = new_signing_secret()


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    server = Receiver().start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [f"127.0.0.1:{server.port}"]
    yield server
    server.stop()


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account)


def new_hook(segment: Segment, server: Receiver, secret: str = SECRET) -> Destination:
    plan = ListPlan({"url": server.url, "secret": secret}, columns=("city",))
    return editing.create(segment=segment, kind="webhook", plan=plan, user=None, at=AT)


def messages(server: Receiver) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in server.received]


def test_who_enters_and_leaves_is_sent_signed(server: Receiver, segment: Segment) -> None:
    anna, _bo = let_in(
        segment,
        {"email": "anna@example.com", "location": {"city": "Falun"}},
        {"email": "bo@example.com"},
    )
    destination = run(new_hook(segment, server))
    test, everyone = messages(server)
    assert test["type"] == "destination.test"
    assert everyone["type"] == "segment.members.changed"
    assert [each["email"] for each in everyone["data"]["added"]] == [
        "anna@example.com",
        "bo@example.com",
    ]
    assert everyone["data"]["added"][0]["fields"] == {"city": "Falun"}
    leave(segment, anna, AT + HOUR)
    run(destination, AT + HOUR)
    assert messages(server)[-1]["data"] == {"added": [], "removed": [{"id": str(anna.pk)}]}
    for each in server.received:
        timestamp = int(each.headers["webhook-timestamp"])
        expected = signature(SECRET, each.id, timestamp, each.body)
        assert each.headers["webhook-signature"] == expected


@pytest.mark.parametrize(("status", "state"), [(503, "on"), (429, "on"), (400, "broken")])
def test_an_answer_that_is_no_success_is_a_failure(
    server: Receiver, segment: Segment, status: int, state: str
) -> None:
    let_in(segment, {"email": "anna@example.com"})
    destination = new_hook(segment, server)
    server.answers = [status]
    run(destination)
    assert destination.state == ConnectionState(state)
    assert f"HTTP {status}" in destination.error


@pytest.mark.parametrize("secret", ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_!"])
def test_a_secret_that_is_too_weak_is_refused(
    server: Receiver, segment: Segment, secret: str
) -> None:
    with pytest.raises(Invalid):
        new_hook(segment, server, secret)
    assert server.received == []


def test_nobody_is_no_message(server: Receiver) -> None:
    access = DestinationAccess({"url": server.url}, {"secret": SECRET}, 0)
    SignedMessages().put(access, [])
    SignedMessages().remove(access, [])
    assert server.received == []


def test_a_private_address_is_refused(
    server: Receiver, segment: Segment, settings: Settings
) -> None:
    settings.SEGMENTER_WEBHOOK_ALLOW = []
    with pytest.raises(Invalid):
        new_hook(segment, server)
