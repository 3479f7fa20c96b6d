"""What the four e-mail services have in common: credentials, limits, faults, wrong addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from pytest_django import Settings

from segments.destinations.email_service import PATIENCE
from segments.destinations.kind import (
    DestinationAccess,
    ListDestination,
    Outcome,
    list_destinations,
)
from segments.engine.remote_call import NeedsAttention, TryAgain
from tests.segments.destinations.kinds.people import contact, contacts
from tests.segments.destinations.stand_ins import brevo, klaviyo, listmonk, mailchimp
from tests.segments.destinations.stand_ins.receiver import EmailService

RECEIVERS: dict[str, Callable[[Settings], AbstractContextManager[EmailService]]] = {
    "brevo": brevo.receiver,
    "klaviyo": klaviyo.receiver,
    "listmonk": listmonk.receiver,
    "mailchimp": mailchimp.receiver,
}
LIST_SETTING = {
    "brevo": ("list_id", "99"),
    "klaviyo": ("list_id", "NoList"),
    "listmonk": ("list_id", "99"),
    "mailchimp": ("audience_id", "nolist"),
}
WRONG_KEY = {
    "brevo": "Key not found",
    "klaviyo": "Missing or invalid private key.",
    "listmonk": "invalid API credentials",
    "mailchimp": "Your API key may be invalid",
}


@pytest.fixture(params=sorted(RECEIVERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kind(name: str) -> ListDestination:
    return list_destinations[name]


@pytest.fixture
def service(name: str, settings: Settings) -> Iterator[EmailService]:
    with RECEIVERS[name](settings) as stand_in:
        yield stand_in


def wrong_list(name: str, access: DestinationAccess) -> DestinationAccess:
    field, value = LIST_SETTING[name]
    return replace(access, settings={**access.settings, field: value})


def test_a_wrong_key_needs_attention_in_the_service_s_words(
    name: str, kind: ListDestination, service: EmailService
) -> None:
    [field] = service.access.secrets
    access = replace(service.access, secrets={field: "wrong-us21"})
    for ask in (
        lambda: kind.check(access),
        lambda: kind.put(access, contacts(1)),
        lambda: kind.remove(access, ["a@shop.example"]),
        lambda: list(kind.keys(access) or ()),
    ):
        with pytest.raises(NeedsAttention, match=WRONG_KEY[name]):
            ask()


def test_a_list_that_is_not_there_needs_attention(
    name: str, kind: ListDestination, service: EmailService
) -> None:
    with pytest.raises(NeedsAttention, match=r"no (list|audience) with this ID"):
        kind.check(wrong_list(name, service.access))


@pytest.mark.parametrize("name", ["brevo", "klaviyo", "mailchimp"])
def test_nobody_is_to_blame_for_a_list_that_is_gone(
    name: str, kind: ListDestination, service: EmailService
) -> None:
    with pytest.raises(NeedsAttention):
        kind.put(wrong_list(name, service.access), contacts(3))


def test_a_short_limit_is_waited_for(
    kind: ListDestination, service: EmailService, pauses: list[float]
) -> None:
    service.answers = [(429, {}, {"Retry-After": "2"}), (429, {}, {"Retry-After": "0"})]
    assert kind.put(service.access, contacts(2)) == Outcome()
    assert pauses[:2] == [2, 1]
    assert len(service.members()) == 2


def test_a_long_limit_ends_the_turn_and_says_how_long(
    kind: ListDestination, service: EmailService, pauses: list[float]
) -> None:
    service.answers = [(429, {}, {"Retry-After": str(int(PATIENCE) + 1)})]
    with pytest.raises(TryAgain) as failure:
        kind.put(service.access, contacts(2))
    assert failure.value.wait == PATIENCE + 1
    assert pauses == []


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}),
        (503, b"<html>Maintenance</html>"),
        (403, b"Forbidden"),
        (200, b"<html>"),
        (429, {}),
    ],
)
def test_what_may_pass_is_tried_again(
    kind: ListDestination, service: EmailService, answer: tuple[int, object]
) -> None:
    service.answers = [answer]
    with pytest.raises(TryAgain):
        kind.put(service.access, contacts(2))
    assert kind.put(service.access, contacts(2)) == Outcome()
    assert len(service.members()) == 2


def test_a_fault_at_any_request_loses_and_doubles_nobody(
    kind: ListDestination, service: EmailService
) -> None:
    people = [contact(f"p{number}@shop.example", plan="gold") for number in range(3)]
    keys = {each.key for each in people}
    steps: list[tuple[Callable[[], Outcome], set[str]]] = [
        (lambda: kind.put(service.access, people), keys),
        (lambda: kind.remove(service.access, sorted(keys)), set()),
    ]
    for ask, expected in steps:
        number = 0
        while True:
            service.loses_answer_to = service.steps() + number
            try:
                ask()
            except TryAgain:
                number += 1
                continue
            break
        assert number > 0
        assert service.members() == expected
        service.loses_answer_to = None


def test_a_wrong_address_is_refused_with_words_and_stops_nobody(
    kind: ListDestination, service: EmailService
) -> None:
    people = [*contacts(5), contact("no-address@"), contact("neither@"), contact("z@shop.example")]
    refusals = kind.put(service.access, people).refusals
    assert set(refusals) == {"no-address@", "neither@"}
    assert all("email" in words.lower() for words in refusals.values())
    assert service.members() == {each.key for each in people} - set(refusals)
    assert kind.remove(service.access, [each.key for each in people]) == Outcome()
    assert service.members() == set()


def test_a_batch_of_wrong_addresses_breaks_nothing(
    kind: ListDestination, service: EmailService
) -> None:
    people = [contact(f"wrong{number}@") for number in range(4)]
    assert len(kind.put(service.access, people).refusals) == 4
    assert service.members() == set()


def test_strange_addresses_are_put_and_removed(
    kind: ListDestination, service: EmailService
) -> None:
    emails = [
        "o'brien@shop.example",
        'a"b\\c@shop.example',
        "plus+tag&x=1%20@shop.example",
        "zażółć@sklep.example",
        "semi;colon--'@shop.example",
        f"{'long' * 15}@{'domain' * 10}.example",
    ]
    assert kind.put(service.access, [contact(email) for email in emails]) == Outcome()
    assert service.members() == set(emails)
    assert {each for page in kind.keys(service.access) or () for each in page} == set(emails)
    assert kind.remove(service.access, emails[1:]) == Outcome()
    assert service.members() == {emails[0]}


def test_more_than_a_page_of_members_is_read(kind: ListDestination, service: EmailService) -> None:
    people = contacts(510)
    for start in range(0, len(people), kind.batch):
        kind.put(service.access, people[start : start + kind.batch])
    pages = list(kind.keys(service.access) or ())
    assert sorted(each for page in pages for each in page) == sorted(each.key for each in people)


def test_names_that_are_not_here_are_not_taken_away_there(
    kind: ListDestination, service: EmailService
) -> None:
    kind.put(service.access, [contact("a@shop.example", first_name="Anna", last_name="Lind")])
    kind.put(service.access, [contact("a@shop.example", plan="gold")])
    assert "Anna" in service.words_about("a@shop.example")
