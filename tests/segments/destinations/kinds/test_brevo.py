"""Brevo: the blocklist, attributes, limits in its own header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django import Settings

from segments.destinations.kind import Outcome
from segments.destinations.kinds.brevo import BrevoList
from segments.engine.remote_call import NeedsAttention
from tests.segments.destinations.kinds.people import contact, contacts
from tests.segments.destinations.stand_ins.brevo import Brevo, receiver

KIND = BrevoList()


@pytest.fixture
def brevo(settings: Settings) -> Iterator[Brevo]:
    with receiver(settings) as stand_in:
        yield stand_in


def test_the_blocklist_is_never_written(brevo: Brevo) -> None:
    brevo.join("person0@shop.example", is_blocked=True)
    assert KIND.put(brevo.access, contacts(2)) == Outcome()
    KIND.remove(brevo.access, ["person1@shop.example"])
    assert brevo.contact("person0@shop.example").is_blocked
    documents = [query.document for query in brevo.calls("POST /v3/contacts")]
    assert "lacklist" not in str(documents)


def test_who_did_not_say_yes_is_put_on_the_list_only_if_brevo_has_them(brevo: Brevo) -> None:
    people = [contact(f"{name}@shop.example", has_consent=False, plan="gold") for name in "ab"]
    brevo.join("a@shop.example").lists.clear()
    words = "Not in Brevo yet, and did not subscribe to e-mail here."
    assert KIND.put(brevo.access, people).refusals == {"b@shop.example": words}
    assert brevo.members() == {"a@shop.example"}
    assert brevo.contact("a@shop.example").attributes == {"PLAN": "gold"}
    assert len(brevo.contacts) == 1


def test_columns_become_attributes_of_their_type(brevo: Brevo) -> None:
    brevo.attributes.pop("LASTNAME")
    people = [
        contact("a@shop.example", last_name="Lind", clv=12.5, vip=True, **{"Größe (cm)": "M"}),
        contact("b@shop.example", clv="unknown", vip=None, empty=None, **{"Größe (cm)": None}),
    ]
    assert KIND.put(brevo.access, people[:1]) == Outcome()
    assert KIND.put(brevo.access, people[1:]) == Outcome()
    assert brevo.attributes == {
        "FIRSTNAME": "text",
        "LASTNAME": "text",
        "CLV": "float",
        "VIP": "boolean",
        "GROE_CM": "text",
    }
    attributes = {"LASTNAME": "Lind", "CLV": 12.5, "VIP": True, "GROE_CM": "M"}
    assert brevo.contact("a@shop.example").attributes == attributes
    assert brevo.contact("b@shop.example").attributes == {}


def test_an_empty_column_clears_the_attribute(brevo: Brevo) -> None:
    KIND.put(brevo.access, [contact("a@shop.example", plan="gold", clv=3)])
    KIND.put(brevo.access, [contact("a@shop.example", plan=None, clv=None)])
    assert brevo.contact("a@shop.example").attributes == {}


def test_columns_cannot_change_who_a_contact_is(brevo: Brevo) -> None:
    brevo.attributes.update({"SMS": "text", "EMAIL": "text"})
    fields = {"email": "other@shop.example", "SMS": "+46701234567", "ext id": "1", "plan": "gold"}
    person = replace(contact("a@shop.example"), fields=fields)
    assert KIND.put(brevo.access, [person]) == Outcome()
    assert brevo.contact("a@shop.example").attributes == {"PLAN": "gold"}
    assert "EXT_ID" not in brevo.attributes


def test_a_name_that_brevo_does_not_take_needs_attention(brevo: Brevo) -> None:
    with pytest.raises(NeedsAttention, match="“BLACKLIST”: Attribute name must be unique"):
        KIND.put(brevo.access, [contact("a@shop.example", Blacklist="yes")])


def test_contacts_without_an_address_are_known_by_their_id(brevo: Brevo) -> None:
    stranger = brevo.join(None)
    KIND.put(brevo.access, contacts(1))
    keys = [key for page in KIND.keys(brevo.access) for key in page]
    assert keys == [str(stranger.id), "person0@shop.example"]
    assert KIND.remove(brevo.access, keys) == Outcome()
    assert brevo.members() == set()


def test_one_wrong_address_does_not_keep_others_on_the_list(brevo: Brevo) -> None:
    KIND.put(brevo.access, contacts(4))
    keys = ["person0@shop.example", "wrong@", "person2@shop.example", "gone@shop.example"]
    assert KIND.remove(brevo.access, keys) == Outcome()
    assert brevo.members() == {"person1@shop.example", "person3@shop.example"}


def test_the_limit_is_read_from_brevo_s_own_header(brevo: Brevo, pauses: list[float]) -> None:
    brevo.answers = [(429, {"message": "Too many"}, {"x-sib-ratelimit-reset": "4"})]
    assert KIND.put(brevo.access, contacts(1)) == Outcome()
    assert pauses == [4]


def test_the_id_of_a_list_is_a_number(brevo: Brevo) -> None:
    for text in ("", "VIPs", "1/../2", "٣", "1" * 30):
        access = type(brevo.access)({"list_id": text}, brevo.access.secrets, 1)
        with pytest.raises(NeedsAttention, match="a number"):
            KIND.check(access)
    assert brevo.steps() == 0
