"""After any fault the destination equals the segment: killed workers, a receiver that fails before
or after it has done what was asked, strangers there, people who change and go meanwhile.

Everything is committed, as it would be between real workers.
"""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.destinations.sync import bring_up_to_date
from segments.engine.remote_sync import LEASE, MOST_WAIT
from segments.models import ConnectionState, Destination, DestinationMember, Membership, Segment
from tests.draws import draws
from tests.fixtures.cast import AT
from tests.segments.destinations.receiver import Killed, Receiver, killed_at_step
from tests.segments.destinations.shop import (
    HOUR,
    enter,
    installed,
    leave,
    let_in,
    new_destination,
    new_segment,
)

pytestmark = pytest.mark.django_db(transaction=True)
FAULTS = ("before", "after", "killed before", "killed after")
MACHINES = settings(
    max_examples=draws(12, nightly=400),
    stateful_step_count=draws(25, nightly=50),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def wanted(segment: Segment) -> dict[str, str | None]:
    """Key and first name of everybody who is to be there, from the rows."""
    people = Profile.objects.filter(
        pk__in=Membership.objects.filter(segment=segment).values("profile_id")
    )
    return {each.email: each.first_name for each in people if each.email}


def at_receiver(receiver: Receiver) -> dict[str, str | None]:
    return {
        key: contact.first_name if contact else "a stranger"
        for key, contact in receiver.people.items()
    }


def work(destination: Destination, at: datetime) -> None:
    """A worker has its turn, if something is due, and may be killed."""
    try:
        bring_up_to_date(destination.pk, at)
    except Killed:
        return


def recover(destination: Destination, at: datetime) -> None:
    """Without further faults the lease of a killed worker ends, and workers go on."""
    at += max(LEASE, MOST_WAIT)
    for _turn in range(3):
        at += HOUR
        assert bring_up_to_date(destination.pk, at)
    destination.refresh_from_db()
    assert (destination.failures, destination.state) == (0, ConnectionState.ON)
    assert not DestinationMember.objects.filter(destination=destination, is_due=True).exists()


def erase_member(segment: Segment, profile: Profile, at: datetime) -> None:
    leave(segment, profile, at)
    erase(account=segment.account, profile_id=profile.pk, at=at)


@pytest.mark.parametrize("is_first", [True, False], ids=["at first", "later"])
@pytest.mark.parametrize("fault", ["killed", *FAULTS])
def test_after_a_fault_at_any_step_the_destination_equals_the_segment(
    account: Account, fault: str, is_first: bool
) -> None:
    for step in itertools.count():
        receiver = Receiver()
        segment = new_segment(account, f"{fault} {step}")
        let_in(segment, *({"email": f"{name}@example.com"} for name in "abcde"))
        people = list(Profile.objects.order_by("pk"))
        with installed("receiver", receiver):
            destination = new_destination(segment)
            at = AT
            if not is_first:
                work(destination, at)
                at += HOUR
            leave(segment, people[0], at)
            ingest_profiles(
                account=account, records=[{"id": people[1].pk, "first_name": "Be"}], at=at
            )
            with ExitStack() as stack:
                if fault == "killed":
                    stack.enter_context(killed_at_step(step))
                else:
                    receiver.faults = [""] * step + [fault]
                work(destination, at)
            has_struck = fault == "killed" or not receiver.faults
            receiver.faults = []
            destination.refresh_from_db()
            if not has_struck or (fault == "killed" and destination.claim is None):
                assert step > 1
                return
            erase_member(segment, people[2], at)
            leave(segment, people[3], at)
            recover(destination, at)
            assert at_receiver(receiver) == wanted(segment)
        for profile in Profile.objects.all():
            erase(account=account, profile_id=profile.pk, at=AT)


class Life(RuleBasedStateMachine):
    """Anything that can happen to a segment, its destination and the worker, in any order."""

    account: Account
    numbers = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        number = next(self.numbers)
        self.receiver = Receiver()
        self.stack.enter_context(installed(f"receiver {number}", self.receiver))
        self.segment = new_segment(self.account, f"Segment {number}")
        self.destination = new_destination(self.segment, f"receiver {number}")
        self.at = AT
        self.prefix = f"life{number}"
        self.addresses = itertools.count()
        self.has_strangers = False

    @property
    def people(self) -> QuerySet[Profile]:
        rows = Profile.objects.filter(account=self.account, external_id__startswith=self.prefix)
        return rows.order_by("pk")

    @rule()
    def somebody_enters(self) -> None:
        number = next(self.addresses)
        record = {
            "email": f"{self.prefix}-{number}@example.com",
            "external_id": f"{self.prefix}-{number}",
        }
        let_in(self.segment, record, at=self.at)

    @rule(place=st.integers(0, 5))
    def somebody_leaves_or_comes_back(self, place: int) -> None:
        for who in self.people[place : place + 1]:
            if Membership.objects.filter(segment=self.segment, profile=who).exists():
                leave(self.segment, who, self.at)
            else:
                enter(self.segment, who, self.at)

    @rule(place=st.integers(0, 5), name=st.sampled_from(["Anna", "Bo"]))
    def data_change(self, place: int, name: str) -> None:
        for who in self.people[place : place + 1]:
            self.store({"id": who.pk, "first_name": name})

    @rule(place=st.integers(0, 5))
    def an_address_changes(self, place: int) -> None:
        for who in self.people[place : place + 1]:
            self.store({"id": who.pk, "email": f"{self.prefix}-{next(self.addresses)}@example.com"})

    @rule(place=st.integers(0, 5))
    def addresses_are_swapped(self, place: int) -> None:
        pair = list(self.people[place : place + 2])
        if len(pair) == 2:
            (one, first), (other, second) = ((each.pk, each.email) for each in pair)
            aside = f"{self.prefix}-{next(self.addresses)}@example.com"
            for pk, email in ((one, aside), (other, first), (one, second)):
                self.store({"id": pk, "email": email})

    @rule(place=st.integers(0, 5))
    def two_become_one(self, place: int) -> None:
        pair = list(self.people[place : place + 2])
        if len(pair) == 2:
            into, source = pair
            leave(self.segment, source, self.at)
            merge(account=self.account, keep_id=into.pk, drop_id=source.pk, at=self.at)

    @rule(place=st.integers(0, 5))
    def somebody_is_erased(self, place: int) -> None:
        for who in self.people[place : place + 1]:
            erase_member(self.segment, who, self.at)

    @rule(place=st.integers(0, 5))
    def a_stranger_takes_somebody_out(self, place: int) -> None:
        for key in sorted(self.receiver.people)[place : place + 1]:
            del self.receiver.people[key]
            self.has_strangers = True

    @rule(number=st.integers(0, 8))
    def a_stranger_puts_somebody_in(self, number: int) -> None:
        key = f"{self.prefix}-{number}@example.com"
        self.receiver.people.setdefault(key, self.receiver.contacts.get(key))
        self.has_strangers = True

    @rule(
        hours=st.integers(0, 2),
        faults=st.lists(st.sampled_from(["", *FAULTS]), max_size=6),
        step=st.none() | st.integers(0, 14),
    )
    def a_worker_has_its_turn(self, hours: int, faults: list[str], step: int | None) -> None:
        self.at += hours * HOUR + timedelta(minutes=6)
        self.receiver.faults = faults
        with killed_at_step(-1 if step is None else step):
            work(self.destination, self.at)
        self.receiver.faults = []

    @rule()
    def the_destination_equals_the_segment(self) -> None:
        if self.has_strangers:
            Destination.objects.filter(pk=self.destination.pk).update(compared_all=None)
        recover(self.destination, self.at)
        self.at += 10 * HOUR
        assert at_receiver(self.receiver) == wanted(self.segment)
        self.has_strangers = False

    def teardown(self) -> None:
        self.the_destination_equals_the_segment()
        self.stack.close()

    def store(self, record: dict[str, object]) -> None:
        outcome = ingest_profiles(account=self.account, records=[record], at=self.at)
        assert not outcome.rejected


def test_whatever_happens_the_destination_equals_the_segment_in_the_end(account: Account) -> None:
    Life.account = account
    run_state_machine_as_test(Life, settings=MACHINES)
