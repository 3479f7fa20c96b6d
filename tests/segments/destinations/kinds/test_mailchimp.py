"""Mailchimp: statuses that stay as they are, tags, merge fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django import Settings

from segments.destinations.kind import Outcome
from segments.destinations.kinds.mailchimp import MailchimpTag
from segments.engine.remote_call import NeedsAttention
from tests.segments.destinations.kinds.people import contact, contacts
from tests.segments.destinations.stand_ins.mailchimp import Mailchimp, receiver

KIND = MailchimpTag()


@pytest.fixture
def mailchimp(settings: Settings) -> Iterator[Mailchimp]:
    with receiver(settings) as stand_in:
        yield stand_in


def test_the_name_is_that_of_the_audience_and_its_tag(mailchimp: Mailchimp) -> None:
    assert KIND.check(mailchimp.access) == "Shop: vip"


def test_who_is_new_is_subscribed_only_with_consent(mailchimp: Mailchimp) -> None:
    KIND.put(mailchimp.access, [*contacts(1), contact("b@shop.example", has_consent=False)])
    assert mailchimp.member("person0@shop.example").status == "subscribed"
    assert mailchimp.member("b@shop.example").status == "transactional"
    assert len(mailchimp.members()) == 2


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "pending"])
def test_a_status_is_not_changed_by_the_tag(mailchimp: Mailchimp, status: str) -> None:
    mailchimp.join("Person0@Shop.example", status)
    assert KIND.put(mailchimp.access, contacts(1)) == Outcome()
    assert mailchimp.members() == {"person0@shop.example"}
    assert [key for page in KIND.keys(mailchimp.access) for key in page] == ["person0@shop.example"]
    KIND.remove(mailchimp.access, ["person0@shop.example"])
    assert mailchimp.members() == set()
    assert mailchimp.member("person0@shop.example").status == status


def test_a_refusal_is_in_mailchimp_s_words(mailchimp: Mailchimp) -> None:
    outcome = KIND.put(mailchimp.access, [*contacts(2), contact("a@blocked.example")])
    assert outcome.refusals == {
        "a@blocked.example": "a@blocked.example is in a compliance state and cannot be subscribed."
    }
    assert len(mailchimp.members()) == 2


def test_addresses_that_make_the_whole_request_invalid_are_found(mailchimp: Mailchimp) -> None:
    mailchimp.refuses_syntax_as_a_whole = True
    outcome = KIND.put(mailchimp.access, [contact("wrong@"), *contacts(3), contact("w2@")])
    assert outcome.refusals == {
        "wrong@": "Schema describes email",
        "w2@": "Schema describes email",
    }
    assert len(mailchimp.members()) == 3


@pytest.mark.parametrize("is_error", [True, False])
def test_who_has_the_tag_already_is_no_refusal(mailchimp: Mailchimp, is_error: bool) -> None:
    mailchimp.is_there_is_an_error = is_error
    mailchimp.join("person1@shop.example", is_tagged=True)
    assert KIND.put(mailchimp.access, contacts(3)) == Outcome()
    assert len(mailchimp.members()) == 3


def test_columns_become_merge_fields_of_their_type(mailchimp: Mailchimp) -> None:
    people = [
        contact("a@shop.example", first_name="Anna", clv=12.5, plan="gold", mixed=1),
        contact("b@shop.example", clv=None, plan=None, mixed="many", empty=None),
    ]
    assert KIND.put(mailchimp.access, people) == Outcome()
    fields = {field["name"]: field for field in mailchimp.merge_fields.values()}
    assert {name: field["type"] for name, field in fields.items()} == {
        "First Name": "text",
        "Last Name": "text",
        "clv": "number",
        "plan": "text",
        "mixed": "text",
    }
    tags = {name: field["tag"] for name, field in fields.items()}
    assert mailchimp.member("a@shop.example").merge_fields == {
        "FNAME": "Anna",
        tags["clv"]: 12.5,
        tags["plan"]: "gold",
        tags["mixed"]: "1",
    }
    assert mailchimp.member("b@shop.example").merge_fields[tags["clv"]] == ""
    KIND.put(mailchimp.access, [contact("a@shop.example", CLV="much", Plan=["x", True])])
    assert len(mailchimp.merge_fields) == 5
    assert mailchimp.member("a@shop.example").merge_fields[tags["clv"]] == ""
    assert mailchimp.member("a@shop.example").merge_fields[tags["plan"]] == "x, true"


def test_a_field_too_many_needs_attention_and_names_the_column(mailchimp: Mailchimp) -> None:
    mailchimp.most_merge_fields = 2
    with pytest.raises(NeedsAttention, match=r"“plan”.*limit of merge fields"):
        KIND.put(mailchimp.access, [contact("a@shop.example", plan="gold")])


def test_a_tag_that_is_not_there_needs_attention(mailchimp: Mailchimp) -> None:
    access = replace(mailchimp.access, settings={**mailchimp.access.settings, "tag": "VI"})
    with pytest.raises(NeedsAttention, match="no tag “VI”"):
        KIND.check(access)


@pytest.mark.parametrize("key", ["", "0123abc", "0123abc-", "0123abc-evil.example/x", "a b-us21"])
def test_a_key_without_a_data_center_is_sent_nowhere(mailchimp: Mailchimp, key: str) -> None:
    access = replace(mailchimp.access, secrets={"api_key": key})
    with pytest.raises(NeedsAttention, match="no API key of Mailchimp"):
        KIND.check(access)
    assert mailchimp.steps() == 0
