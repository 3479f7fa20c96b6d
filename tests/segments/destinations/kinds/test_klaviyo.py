"""Klaviyo: what is sent of a person, jobs that are late or fail, members without an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django import Settings

from segments.destinations.email_service import PATIENCE
from segments.destinations.kind import Outcome
from segments.destinations.kinds.klaviyo import KlaviyoList
from segments.engine.remote_call import NeedsAttention, TryAgain
from tests.segments.destinations.kinds.people import contact, contacts
from tests.segments.destinations.stand_ins.klaviyo import Klaviyo, receiver

KIND = KlaviyoList()
JOBS = "POST /api/profile-bulk-import-jobs"


@pytest.fixture
def klaviyo(settings: Settings) -> Iterator[Klaviyo]:
    with receiver(settings) as stand_in:
        yield stand_in


def test_a_profile_has_the_names_and_the_columns_and_no_other_identifier(klaviyo: Klaviyo) -> None:
    person = contact("anna@shop.example", first_name="Anna", plan="gold", clv=12.5, tags=["a", "b"])
    person = replace(person, fields={**person.fields, "$consent": ["email"]})
    KIND.put(klaviyo.access, [replace(person, phone_number="+46701234567", external_id="A-1")])
    assert klaviyo.profile("anna@shop.example") == {
        "email": "anna@shop.example",
        "first_name": "Anna",
        "properties": {"plan": "gold", "clv": 12.5, "tags": ["a", "b"]},
    }


def test_a_column_without_a_value_is_cleared(klaviyo: Klaviyo) -> None:
    KIND.put(klaviyo.access, [contact("anna@shop.example", plan="gold")])
    KIND.put(klaviyo.access, [contact("anna@shop.example", plan=None)])
    assert klaviyo.profile("anna@shop.example")["properties"] == {"plan": None}


def test_a_late_job_does_not_bring_back_who_was_removed(
    klaviyo: Klaviyo, monkeypatch: pytest.MonkeyPatch
) -> None:
    klaviyo.questions = 10
    with monkeypatch.context() as patch:
        patch.setattr("segments.destinations.kinds.klaviyo._PAUSES", (PATIENCE + 1,))
        with pytest.raises(TryAgain, match="not imported"):
            KIND.put(klaviyo.access, contacts(2))
    [late] = klaviyo.jobs.values()
    assert klaviyo.members() == set()
    klaviyo.questions = 1
    KIND.put(klaviyo.access, contacts(2))
    KIND.remove(klaviyo.access, ["person0@shop.example"])
    klaviyo.run(late)
    assert klaviyo.members() == {"person1@shop.example"}


def test_a_job_is_asked_about_in_growing_pauses(klaviyo: Klaviyo, pauses: list[float]) -> None:
    klaviyo.questions = 0
    assert KIND.put(klaviyo.access, contacts(2)) == Outcome()
    assert pauses == []
    klaviyo.questions = 6
    assert KIND.put(klaviyo.access, contacts(2)) == Outcome()
    assert pauses == [1, 1, 2, 3, 5, 5]


def test_what_the_job_refuses_is_said_of_the_person(klaviyo: Klaviyo) -> None:
    klaviyo.job_refuses = {"person1@shop.example": "Email is not deliverable"}
    klaviyo.checks_syntax_at_once = False
    outcome = KIND.put(klaviyo.access, [*contacts(3), contact("wrong@")])
    assert outcome.refusals == {
        "person1@shop.example": "Email is not deliverable",
        "wrong@": "Invalid email address",
    }
    assert klaviyo.members() == {"person0@shop.example", "person2@shop.example"}


def test_whom_a_job_does_not_tell_is_looked_up(klaviyo: Klaviyo) -> None:
    klaviyo.most_of_a_job = 10
    assert KIND.put(klaviyo.access, contacts(80)) == Outcome()
    assert len(klaviyo.members()) == 80


def test_many_wrong_addresses_cost_one_request_more(klaviyo: Klaviyo) -> None:
    people = [contact(f"wrong{number}@") for number in range(30)]
    assert len(KIND.put(klaviyo.access, [*contacts(30), *people]).refusals) == 30
    assert len(klaviyo.calls(JOBS)) == 2


def test_who_is_too_large_is_left_out_and_the_others_go_in_several_jobs(klaviyo: Klaviyo) -> None:
    people = [contact(f"p{number}@shop.example", text="x" * 90_000) for number in range(60)]
    outcome = KIND.put(klaviyo.access, [*people, contact("large@shop.example", text="x" * 100_000)])
    assert outcome.refusals == {
        "large@shop.example": "The columns of this person are larger than 100 KB."
    }
    assert len(klaviyo.members()) == 60
    assert len(klaviyo.calls(JOBS)) == 2


def test_a_profile_that_vanished_before_it_was_on_the_list_is_refused(klaviyo: Klaviyo) -> None:
    klaviyo.join(email="person0@shop.example")
    klaviyo.list_ids.clear()
    serve = klaviyo.serve

    def delete_first(query: object) -> object:
        if "relationships" in klaviyo.queries[-1].path:
            klaviyo.profiles.pop("01PRO000000", None)
        return serve(query)  # type: ignore[arg-type]

    klaviyo.serve = delete_first  # type: ignore[assignment,method-assign]
    [(key, words)] = KIND.put(klaviyo.access, contacts(3)).refusals.items()
    assert key == "person0@shop.example"
    assert "does not exist" in words
    assert klaviyo.members() == {"person1@shop.example", "person2@shop.example"}


def test_who_has_no_address_is_known_by_their_id_and_can_be_removed(klaviyo: Klaviyo) -> None:
    identifier = klaviyo.join(phone_number="+46701234567")
    KIND.put(klaviyo.access, contacts(1))
    keys = [key for page in KIND.keys(klaviyo.access) for key in page]
    assert set(keys) == {identifier, "person0@shop.example"}
    KIND.remove(klaviyo.access, [identifier])
    assert klaviyo.members() == {"person0@shop.example"}


@pytest.mark.parametrize("scope", ["lists:read", "lists:write", "profiles:read", "profiles:write"])
def test_a_check_names_the_scope_that_is_missing(klaviyo: Klaviyo, scope: str) -> None:
    klaviyo.scopes.remove(scope)
    with pytest.raises(NeedsAttention, match=scope):
        KIND.check(klaviyo.access)
    klaviyo.scopes.add(scope)
    assert KIND.check(klaviyo.access) == "VIPs"
