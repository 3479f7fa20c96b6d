"""A segment kept equal to a list at each e-mail service, from the rows to the requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from pytest_django import Settings

from profiles.ingest.erase import erase
from segmenter.accounts.models import Account
from segments.destinations.access import encrypt_secrets
from segments.destinations.sync import bring_up_to_date
from segments.models import ConnectionState, Destination, DestinationMember
from tests.fixtures.cast import AT
from tests.segments.audiences.shop import consents
from tests.segments.destinations.shop import (
    DAY,
    HOUR,
    enter,
    leave,
    let_in,
    new_destination,
    new_segment,
)
from tests.segments.destinations.stand_ins import brevo, klaviyo, listmonk, mailchimp
from tests.segments.destinations.stand_ins.receiver import EmailService

pytestmark = pytest.mark.django_db
RECEIVERS: dict[str, Callable[[Settings], AbstractContextManager[EmailService]]] = {
    "brevo": brevo.receiver,
    "klaviyo": klaviyo.receiver,
    "listmonk": listmonk.receiver,
    "mailchimp": mailchimp.receiver,
}


@pytest.fixture(params=sorted(RECEIVERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def service(name: str, settings: Settings) -> Iterator[EmailService]:
    with RECEIVERS[name](settings) as stand_in:
        yield stand_in


def destination_at(service: EmailService, name: str, account: Account) -> Destination:
    access = service.access
    return new_destination(
        new_segment(account),
        kind=name,
        settings=dict(access.settings),
        secrets=encrypt_secrets(dict(access.secrets)),
    )


def subscriber(email: str) -> dict[str, Any]:
    return {"email": email, "first_name": "Anna", **consents(email="SUBSCRIBED")}


def test_the_list_follows_the_segment(name: str, service: EmailService, account: Account) -> None:
    destination = destination_at(service, name, account)
    records = [subscriber(f"Person{number}@Shop.example") for number in range(3)]
    anna, bo, _cia = let_in(destination.segment, *records, {"phone_number": "+46701234567"})[:3]
    assert bring_up_to_date(destination.pk, AT)
    assert service.members() == {f"person{number}@shop.example" for number in range(3)}
    leave(destination.segment, anna, AT + HOUR)
    erase(account=account, profile_id=bo.pk, at=AT + HOUR)
    assert bring_up_to_date(destination.pk, AT + HOUR)
    assert service.members() == {"person2@shop.example"}
    assert DestinationMember.objects.filter(destination=destination).count() == 1
    steps = service.steps()
    assert bring_up_to_date(destination.pk, AT + 2 * HOUR)
    assert service.steps() == steps
    destination.refresh_from_db()
    assert (destination.state, destination.error) == (ConnectionState.ON, "")


def test_a_lost_answer_to_any_request_changes_nothing_in_the_end(
    name: str, service: EmailService, account: Account
) -> None:
    destination = destination_at(service, name, account)
    anna, _bo = let_in(
        destination.segment, subscriber("a@shop.example"), subscriber("b@shop.example")
    )
    everyone, at = {"a@shop.example", "b@shop.example"}, AT
    for number in range(40):
        any_lost = False
        for expected in (everyone, everyone - {"a@shop.example"}):
            if expected == everyone and number:
                enter(destination.segment, anna, at)
            elif expected != everyone:
                leave(destination.segment, anna, at)
            service.loses_answer_to = last = service.steps() + number
            bring_up_to_date(destination.pk, at)
            any_lost |= service.steps() > last
            at += DAY + HOUR
            service.loses_answer_to = None
            bring_up_to_date(destination.pk, at)
            assert service.members() == expected
            at += DAY
        if not any_lost:
            break
    assert 3 < number < 39
