"""A list elsewhere equals the segment, whatever people, strangers and the receiver do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_profiles
from segmenter.accounts.models import Account
from segments.destinations import delta, list_sync, runs, sync
from segments.destinations.contacts import ContactReader
from segments.destinations.kind import KeyKind
from segments.destinations.sync import bring_up_to_date
from segments.models import (
    ConnectionState,
    DestinationMember,
    DestinationRun,
    Membership,
    Segment,
)
from tests.fixtures.cast import AT
from tests.segments.audiences.shop import consents, suppressed
from tests.segments.destinations.receiver import Receiver
from tests.segments.destinations.shop import (
    DAY,
    HOUR,
    enter,
    installed,
    leave,
    let_in,
    new_destination,
    new_segment,
    person,
    run,
)

pytestmark = pytest.mark.django_db
ANNA, BO, CIA = ({"email": f"{name}@example.com"} for name in ("anna", "bo", "cia"))
A, B, C = "anna@example.com", "bo@example.com", "cia@example.com"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with installed("receiver", receiver):
        yield receiver


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account)


def test_everyone_is_put_there_in_batches_and_the_next_time_follows_the_schedule(
    receiver: Receiver, segment: Segment
) -> None:
    let_in(segment, {**ANNA, "first_name": "Anna", "external_id": "A-1"}, BO, CIA)
    person(segment.account, email="stranger@example.com")
    destination = run(new_destination(segment))
    assert receiver.people.keys() == {A, B, C}
    assert [len(keys) for name, keys in receiver.requests if name == "put"] == [2, 1]
    anna = receiver.people[A]
    assert anna is not None
    assert (anna.first_name, anna.external_id, anna.fields) == ("Anna", "A-1", {})
    log = DestinationRun.objects.get()
    assert (log.added, log.updated, log.removed, log.refused, log.is_full) == (3, 0, 0, 0, True)
    assert log.finished is not None
    assert HOUR > destination.next_at - AT >= timedelta(hours=1)


def test_who_left_is_removed_who_entered_is_added_and_nobody_is_sent_twice(
    receiver: Receiver, segment: Segment
) -> None:
    anna, _bo = let_in(segment, ANNA, BO)
    destination = run(new_destination(segment))
    receiver.requests.clear()
    leave(segment, anna, AT + HOUR)
    let_in(segment, CIA, at=AT + HOUR)
    run(destination, AT + HOUR)
    assert receiver.requests == [("remove", [A]), ("put", [C])]
    assert set(receiver.people) == {B, C}


def test_whose_data_change_is_sent_again_and_another_address_replaces_the_old_one(
    receiver: Receiver, segment: Segment
) -> None:
    anna, bo = let_in(segment, ANNA, BO)
    destination = run(new_destination(segment))
    receiver.requests.clear()
    account = segment.account
    ingest_profiles(
        account=account,
        records=[{"id": anna.pk, "email": "new@example.com"}, {"id": bo.pk, "first_name": "Bo"}],
        at=AT + HOUR,
    )
    run(destination, AT + HOUR)
    assert set(receiver.people) == {"new@example.com", B}
    assert sorted(receiver.sent("put")) == [B, "new@example.com"]
    assert receiver.sent("remove") == [A]


def test_two_people_may_swap_their_addresses(receiver: Receiver, segment: Segment) -> None:
    anna, bo = let_in(segment, {**ANNA, "external_id": "a"}, {**BO, "external_id": "b"})
    destination = run(new_destination(segment))
    for email, who in (("x@example.com", anna), (A, bo), (B, anna)):
        ingest_profiles(
            account=segment.account, records=[{"id": who.pk, "email": email}], at=AT + HOUR
        )
    run(destination, AT + HOUR)
    contacts = {key: contact.external_id for key, contact in receiver.people.items() if contact}
    assert contacts == {A: "b", B: "a"}


def test_people_without_an_address_are_left_out_and_kept_by_profile(
    receiver: Receiver, segment: Segment
) -> None:
    (nameless,) = let_in(segment, {"external_id": "A-1"})
    run(new_destination(segment))
    assert receiver.people == {}
    with installed("by_profile", Receiver(key_kind=KeyKind.PROFILE)) as _nothing:
        other = new_destination(segment, "by_profile")
        run(other)
        assert DestinationMember.objects.get(destination=other).key == str(nameless.pk)


def test_only_who_can_be_reached_is_there_if_so_chosen(
    receiver: Receiver, segment: Segment
) -> None:
    no = {"subscriptions": {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}}
    anna, _bo = let_in(segment, ANNA, {**BO, **no})
    destination = run(new_destination(segment, channel="email"))
    assert set(receiver.people) == {A}
    ingest_profiles(account=segment.account, records=[{"id": anna.pk, **no}], at=AT + HOUR)
    run(destination, AT + HOUR)
    assert receiver.people == {}


def test_consent_to_e_mail_is_said_and_its_withdrawal_is_a_change(
    receiver: Receiver, segment: Segment
) -> None:
    let_in(segment, {**ANNA, **consents(email="SUBSCRIBED")}, BO)
    let_in(segment, {**CIA, **suppressed()})
    destination = run(new_destination(segment))
    assert {key: each and each.has_consent for key, each in receiver.people.items()} == {
        A: True,
        B: False,
        C: False,
    }
    receiver.requests.clear()
    person(segment.account, AT + HOUR, **ANNA, **consents(email="UNSUBSCRIBED"))
    run(destination, AT + HOUR)
    assert receiver.sent("put") == [A]
    anna = receiver.people[A]
    assert anna is not None
    assert not anna.has_consent


def test_chosen_columns_are_sent_and_their_change_is_one(
    receiver: Receiver, segment: Segment
) -> None:
    (anna,) = let_in(segment, {**ANNA, "properties": {"size": 38, "tags": ["a"]}})
    destination = run(new_destination(segment, columns=["size", "tags", "city"]))
    contact = receiver.people[A]
    assert contact is not None
    assert contact.fields == {"size": 38, "tags": ["a"], "city": None}
    ingest_profiles(
        account=segment.account,
        records=[{"id": anna.pk, "properties": {"size": 40}}],
        at=AT + HOUR,
    )
    run(destination, AT + HOUR)
    contact = receiver.people[A]
    assert contact is not None
    assert contact.fields["size"] == 40


def test_a_column_that_is_no_more_needs_attention(receiver: Receiver, segment: Segment) -> None:
    let_in(segment, ANNA)
    destination = run(new_destination(segment, columns=["never was"]))
    assert destination.state == ConnectionState.BROKEN
    assert "never was" in destination.error
    assert receiver.people == {}


def test_the_full_comparison_repairs_what_strangers_did_there(
    receiver: Receiver, segment: Segment
) -> None:
    let_in(segment, ANNA, BO)
    destination = run(new_destination(segment))
    del receiver.people[A]
    receiver.people["stranger@example.com"] = None
    run(destination, AT + HOUR)
    assert set(receiver.people) == {B, "stranger@example.com"}
    run(destination, AT + DAY)
    assert set(receiver.people) == {A, B}


def test_who_is_on_the_list_already_is_kept_if_a_member_and_taken_out_if_not(
    receiver: Receiver, segment: Segment
) -> None:
    let_in(segment, ANNA)
    receiver.people = {A: None, "old@example.com": None}
    run(new_destination(segment))
    assert set(receiver.people) == {A}
    assert receiver.people[A] is not None


def test_a_receiver_that_cannot_tell_whom_it_has_is_kept_by_what_was_sent(
    receiver: Receiver, segment: Segment
) -> None:
    receiver.is_telling = False
    anna, _bo = let_in(segment, ANNA, BO)
    destination = run(new_destination(segment))
    leave(segment, anna)
    run(destination, AT + DAY)
    assert set(receiver.people) == {B}


def test_who_is_refused_is_told_and_tried_again_only_when_their_data_change(
    receiver: Receiver, segment: Segment
) -> None:
    anna, _bo = let_in(segment, ANNA, BO)
    receiver.refused = {A: "Looks fake.\0"}
    destination = run(new_destination(segment))
    assert set(receiver.people) == {B}
    assert DestinationMember.objects.get(key=A).refusal == "Looks fake."
    log = DestinationRun.objects.get()
    assert (log.added, log.refused) == (1, 1)
    receiver.requests.clear()
    run(destination, AT + DAY)
    assert receiver.sent("put") == []
    receiver.refused = {}
    later = AT + DAY + HOUR
    ingest_profiles(
        account=segment.account, records=[{"id": anna.pk, "first_name": "Anna"}], at=later
    )
    run(destination, later)
    assert set(receiver.people) == {A, B}
    assert DestinationMember.objects.get(key=A).refusal == ""


def test_an_erased_person_is_taken_out_at_once_and_then_forgotten(
    receiver: Receiver, segment: Segment
) -> None:
    anna, _bo = let_in(segment, ANNA, BO)
    destination = run(new_destination(segment))
    erase(account=segment.account, profile_id=anna.pk, at=AT)
    Membership.objects.filter(profile_id=anna.pk).delete()
    assert DestinationMember.objects.get(key=A).profile_id is None
    run(destination, AT + timedelta(seconds=10))
    assert set(receiver.people) == {B}
    assert set(DestinationMember.objects.values_list("key", flat=True)) == {B}


def test_who_is_erased_before_anything_was_sent_is_forgotten_at_once(
    receiver: Receiver, segment: Segment
) -> None:
    (anna,) = let_in(segment, ANNA)
    receiver.faults = ["before"]
    destination = new_destination(segment)
    with transaction.atomic():
        reader = ContactReader(destination, KeyKind.EMAIL, AT)
        delta.compare(destination, reader, anna.pk, anna.pk)
    erase(account=segment.account, profile_id=anna.pk, at=AT)
    assert not DestinationMember.objects.exists()


def test_a_failure_is_written_down_and_tried_again_after_a_pause(
    receiver: Receiver, segment: Segment
) -> None:
    let_in(segment, ANNA)
    receiver.faults = ["before"]
    destination = run(new_destination(segment))
    assert (destination.failures, destination.error) == (1, "It is down.")
    assert DestinationRun.objects.get().error == "It is down."
    assert not bring_up_to_date(destination.pk, AT + timedelta(seconds=30))
    run(destination, destination.next_at)
    assert set(receiver.people) == {A}
    assert (destination.failures, destination.error) == (0, "")
    assert DestinationRun.objects.get().finished is not None


def test_an_ending_destination_is_emptied_and_then_deleted(
    receiver: Receiver, segment: Segment
) -> None:
    let_in(segment, ANNA, BO, CIA)
    destination = run(new_destination(segment))
    receiver.people["stranger@example.com"] = None
    destination.is_ending, destination.compared_all, destination.next_at = True, None, AT
    destination.save()
    assert bring_up_to_date(destination.pk, AT)
    assert receiver.people == {}
    assert not DestinationMember.objects.exists()
    assert not bring_up_to_date(destination.pk, AT + DAY)


def test_a_segment_that_is_being_built_is_waited_for(receiver: Receiver, segment: Segment) -> None:
    let_in(segment, ANNA)
    Segment.objects.update(as_of=None)
    destination = run(new_destination(segment))
    assert receiver.people == {}
    assert destination.state == ConnectionState.ON
    assert destination.failures == 1


def test_secrets_that_no_key_decrypts_need_attention(receiver: Receiver, segment: Segment) -> None:
    destination = run(new_destination(segment, secrets="rubbish"))
    assert destination.state == ConnectionState.BROKEN


def test_a_kind_that_is_not_installed_any_more_needs_attention(segment: Segment) -> None:
    assert run(new_destination(segment, "gone")).state == ConnectionState.BROKEN


def test_a_paused_destination_is_not_due(receiver: Receiver, segment: Segment) -> None:
    destination = new_destination(segment, state=ConnectionState.PAUSED)
    assert sync.due_destinations(AT) == []
    assert not bring_up_to_date(destination.pk, AT)


def test_times_of_a_clock_that_was_ahead_are_put_right(
    receiver: Receiver, segment: Segment
) -> None:
    let_in(segment, ANNA)
    destination = run(new_destination(segment), AT + 30 * DAY)
    sync.rewind(segment.account_id, AT)
    let_in(segment, BO)
    run(destination, AT)
    assert set(receiver.people) == {A, B}


def test_old_runs_are_deleted(receiver: Receiver, segment: Segment) -> None:
    run(new_destination(segment))
    runs.clear_away(AT + runs.KEPT + DAY)
    assert not DestinationRun.objects.exists()


def test_many_people_are_compared_in_blocks(
    receiver: Receiver, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "BLOCK", 2)
    monkeypatch.setattr(list_sync, "FEW", 2)
    people = let_in(segment, *({"email": f"p{n}@example.com"} for n in range(7)))
    destination = run(new_destination(segment))
    assert len(receiver.people) == 7
    for each in people[1:]:
        leave(segment, each, AT + HOUR)
    run(destination, AT + HOUR)
    assert set(receiver.people) == {"p0@example.com"}
    enter(segment, people[3], AT + 2 * HOUR)
    run(destination, AT + 2 * HOUR)
    assert set(receiver.people) == {"p0@example.com", "p3@example.com"}


def test_who_is_there_already_and_leaves_before_being_sent_is_taken_out(
    receiver: Receiver, segment: Segment
) -> None:
    (anna,) = let_in(segment, ANNA)
    destination = new_destination(segment)
    with transaction.atomic():
        reader = ContactReader(destination, KeyKind.EMAIL, AT)
        delta.compare(destination, reader, anna.pk, anna.pk)
    leave(segment, anna)
    receiver.people = {A: None}
    run(destination)
    assert receiver.people == {}
