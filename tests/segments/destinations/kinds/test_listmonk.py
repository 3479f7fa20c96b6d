"""Listmonk: unsubscriptions, permissions, versions, addresses in a private network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from segments.destinations.kind import Outcome
from segments.destinations.kinds.listmonk import ListmonkList
from segments.engine.remote_call import ApiFailure, NeedsAttention
from tests.segments.destinations.kinds.people import contact, contacts
from tests.segments.destinations.stand_ins.listmonk import LIST, Listmonk, receiver

KIND = ListmonkList()
OTHER = 9
ANNA = "anna@shop.example"


@pytest.fixture
def listmonk(settings: Settings) -> Iterator[Listmonk]:
    with receiver(settings) as stand_in:
        yield stand_in


def test_who_is_new_is_confirmed_only_with_consent_and_gets_no_e_mail(listmonk: Listmonk) -> None:
    person = contact(ANNA, first_name="Anna", last_name="Lind", plan="gold", tags=["a", 1])
    people = [person, contact("b@shop.example", has_consent=False)]
    assert KIND.put(listmonk.access, people) == Outcome()
    anna = listmonk.subscriber(ANNA)
    assert (anna.name, anna.lists) == ("Anna Lind", {LIST: "confirmed"})
    assert anna.attribs == {"plan": "gold", "tags": ["a", 1]}
    other = listmonk.subscriber("b@shop.example")
    assert (other.name, other.lists) == ("b", {LIST: "unconfirmed"})
    assert listmonk.e_mails == 0


def test_a_list_that_asks_nobody_takes_only_who_said_yes(listmonk: Listmonk) -> None:
    listmonk.optin = "single"
    words = "Did not subscribe to e-mail here, and the list has single opt-in."
    people = [*contacts(1), contact(ANNA, has_consent=False)]
    assert KIND.put(listmonk.access, people).refusals == {ANNA: words}
    assert [subscriber.email for subscriber in listmonk.subscribers] == ["person0@shop.example"]
    listmonk.join(ANNA, {LIST: "confirmed"})
    assert KIND.put(listmonk.access, people) == Outcome()


@pytest.mark.parametrize("status", ["confirmed", "unconfirmed"])
def test_a_subscription_stays_as_it_is(listmonk: Listmonk, status: str) -> None:
    listmonk.join(ANNA, {LIST: status, OTHER: "confirmed"}, name="Anna", attribs={"city": "Lund"})
    assert KIND.put(listmonk.access, [contact(ANNA, plan="gold")]) == Outcome()
    anna = listmonk.subscriber(ANNA)
    assert anna.lists == {LIST: status, OTHER: "confirmed"}
    assert (anna.name, anna.attribs) == ("Anna", {"city": "Lund", "plan": "gold"})


def test_an_unsubscription_is_neither_overruled_nor_forgotten(listmonk: Listmonk) -> None:
    listmonk.join(ANNA, {LIST: "unsubscribed"})
    words = "Unsubscribed from the list in Listmonk."
    assert KIND.put(listmonk.access, [*contacts(1), contact(ANNA)]).refusals == {ANNA: words}
    assert KIND.remove(listmonk.access, [ANNA]) == Outcome()
    assert listmonk.subscriber(ANNA).lists == {LIST: "unsubscribed"}
    keys = [key for page in KIND.keys(listmonk.access) for key in page]
    assert keys == ["person0@shop.example"]


def test_the_blocklist_is_not_overruled(listmonk: Listmonk) -> None:
    listmonk.join(ANNA, {OTHER: "unsubscribed"}, status="blocklisted")
    words = "On the blocklist of Listmonk."
    assert KIND.put(listmonk.access, [contact(ANNA)]).refusals == {ANNA: words}
    assert listmonk.subscriber(ANNA).lists == {OTHER: "unsubscribed"}


def test_a_removal_leaves_other_lists_alone(listmonk: Listmonk) -> None:
    listmonk.join(ANNA, {LIST: "confirmed", OTHER: "confirmed"})
    KIND.remove(listmonk.access, [ANNA])
    assert listmonk.subscriber(ANNA).lists == {OTHER: "confirmed"}


def test_nothing_is_written_of_who_has_not_changed(listmonk: Listmonk) -> None:
    person = contact(ANNA, first_name="Anna", plan="gold")
    KIND.put(listmonk.access, [person])
    steps = listmonk.steps()
    KIND.put(listmonk.access, [person])
    assert {query.method for query in listmonk.queries[steps:]} == {"GET"}


def test_an_old_listmonk_puts_people_on_the_list_and_leaves_their_data(listmonk: Listmonk) -> None:
    listmonk.knows_patch = False
    listmonk.join(ANNA, {OTHER: "confirmed"}, name="A.")
    assert KIND.put(listmonk.access, [contact(ANNA, first_name="Anna")]) == Outcome()
    anna = listmonk.subscriber(ANNA)
    assert (anna.name, anna.lists) == ("A.", {OTHER: "confirmed", LIST: "confirmed"})


def test_somebody_who_subscribes_meanwhile_is_not_created_twice(listmonk: Listmonk) -> None:
    serve = listmonk.serve

    def join_first(query: Any) -> Any:
        if query.method == "POST":
            listmonk.join(ANNA, {LIST: "confirmed"}, name="Anna")
            listmonk.serve = serve  # type: ignore[method-assign]
        return serve(query)

    listmonk.serve = join_first  # type: ignore[method-assign]
    assert KIND.put(listmonk.access, [contact(ANNA)]) == Outcome()
    assert listmonk.subscriber(ANNA).lists == {LIST: "confirmed"}


def test_a_list_that_the_user_may_not_manage_needs_attention(listmonk: Listmonk) -> None:
    listmonk.permissions.remove("manage")
    with pytest.raises(NeedsAttention, match="may not manage"):
        KIND.put(listmonk.access, contacts(2))


def test_a_check_names_the_permission_that_is_missing(listmonk: Listmonk) -> None:
    listmonk.permissions.remove("sql_query")
    with pytest.raises(NeedsAttention, match="subscribers:sql_query"):
        KIND.check(listmonk.access)


def test_an_address_in_a_private_network_is_only_for_the_operator_to_allow(
    listmonk: Listmonk, settings: Settings
) -> None:
    settings.SEGMENTER_WEBHOOK_ALLOW = []
    for url in (f"http://{listmonk.host}", f"https://{listmonk.host}", "ftp://x.example", "lists"):
        access = replace(listmonk.access, settings={**listmonk.access.settings, "url": url})
        with pytest.raises(ApiFailure):
            KIND.check(access)
    assert listmonk.steps() == 0
