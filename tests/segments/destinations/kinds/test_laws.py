"""What every list destination obeys. A new kind joins by a stand-in of its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from importlib.util import find_spec
from typing import cast

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from pytest_django import Settings

from segments.destinations.kind import Contact, KeyKind, ListDestination, Outcome, list_destinations
from tests.draws import draws
from tests.segments.destinations.kinds.people import contact
from tests.segments.destinations.stand_ins.receiver import Receiver

pytestmark = pytest.mark.django_db
STAND_INS = "tests.segments.destinations.stand_ins"
import_module("segments.destinations.kinds")  # registers all of them
NAMES = sorted(name for name in list_destinations if find_spec(f"{STAND_INS}.{name}"))


def key(kind: ListDestination, number: int) -> str:
    is_email = kind.key_kind is KeyKind.EMAIL
    return f"person{number}@shop.example" if is_email else str(1_000 + number)


def person(kind: ListDestination, number: int) -> Contact:
    return contact(key(kind, number), first_name="Anna", plan=f"P{number}")


def keys_there(kind: ListDestination, receiver: Receiver) -> set[str] | None:
    pages = kind.keys(receiver.access)
    if pages is None:
        return None
    keys = [each for page in pages for each in page]
    assert len(keys) == len(set(keys))
    return set(keys)


@pytest.fixture(params=NAMES)
def kind(request: pytest.FixtureRequest) -> ListDestination:
    return list_destinations[request.param]


@pytest.fixture
def receiver(
    request: pytest.FixtureRequest, kind: ListDestination, settings: Settings
) -> Iterator[Receiver]:
    name = request.node.callspec.params["kind"]
    module = import_module(f"{STAND_INS}.{name}")
    with cast("AbstractContextManager[Receiver]", module.receiver(settings)) as stand_in:
        yield stand_in


def test_every_kind_has_a_stand_in_and_obeys_the_laws() -> None:
    assert sorted(set(list_destinations)) == NAMES


def test_a_check_says_the_name_of_the_list(kind: ListDestination, receiver: Receiver) -> None:
    assert kind.check(receiver.access)
    assert receiver.members() == set()


def test_who_is_put_is_there(kind: ListDestination, receiver: Receiver) -> None:
    people = [person(kind, number) for number in range(3)]
    assert kind.put(receiver.access, people) == Outcome()
    assert receiver.members() == {each.key for each in people}
    assert keys_there(kind, receiver) in (None, receiver.members())


def test_putting_twice_is_the_same_as_once(kind: ListDestination, receiver: Receiver) -> None:
    people = [person(kind, number) for number in range(3)]
    for _time in range(2):
        assert kind.put(receiver.access, people) == Outcome()
        assert receiver.members() == {each.key for each in people}


def test_who_is_removed_is_gone_and_the_others_stay(
    kind: ListDestination, receiver: Receiver
) -> None:
    people = [person(kind, number) for number in range(4)]
    kind.put(receiver.access, people)
    for _time in range(2):
        assert kind.remove(receiver.access, [people[0].key, people[2].key]) == Outcome()
        assert receiver.members() == {people[1].key, people[3].key}


def test_the_removal_of_a_stranger_is_no_error(kind: ListDestination, receiver: Receiver) -> None:
    kind.put(receiver.access, [person(kind, 1)])
    assert kind.remove(receiver.access, [key(kind, 8), key(kind, 9)]) == Outcome()
    assert kind.remove(receiver.access, [key(kind, 8), key(kind, 1)]) == Outcome()
    assert receiver.members() == set()


def test_nobody_is_put_or_removed_by_an_empty_batch(
    kind: ListDestination, receiver: Receiver
) -> None:
    kind.put(receiver.access, [person(kind, 1)])
    steps = receiver.steps()
    assert kind.put(receiver.access, []) == Outcome()
    assert kind.remove(receiver.access, []) == Outcome()
    assert receiver.steps() == steps
    assert receiver.members() == {key(kind, 1)}


def test_a_full_batch_is_one_that_the_receiver_takes(
    kind: ListDestination, receiver: Receiver
) -> None:
    people = [person(kind, number) for number in range(kind.batch)]
    keys = {each.key for each in people}
    assert kind.put(receiver.access, people) == Outcome()
    assert receiver.members() == keys
    assert keys_there(kind, receiver) in (None, keys)
    assert kind.remove(receiver.access, sorted(keys)) == Outcome()
    assert receiver.members() == set()


@property_settings(
    max_examples=draws(4, nightly=60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    batches=st.lists(st.tuples(st.booleans(), st.sets(st.integers(0, 9), max_size=6)), max_size=6)
)
def test_after_any_puts_and_removals_it_has_who_was_put_last(
    kind: ListDestination, receiver: Receiver, batches: list[tuple[bool, set[int]]]
) -> None:
    kind.remove(receiver.access, sorted(receiver.members()))
    expected: set[str] = set()
    for is_removal, numbers in batches:
        keys = {key(kind, number) for number in numbers}
        if is_removal:
            outcome = kind.remove(receiver.access, sorted(keys))
            expected -= keys
        else:
            outcome = kind.put(receiver.access, [person(kind, number) for number in numbers])
            expected |= keys
        assert outcome == Outcome()
    assert receiver.members() == expected
    assert keys_there(kind, receiver) in (None, expected)
