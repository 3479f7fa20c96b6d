"""A list of the account is kept equal to the segment."""

from __future__ import annotations

import pytest

from profiles.lists.editing import add_to_list, create_list, delete_list, rename_list
from profiles.models import List, ListMember
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.destinations import editing
from segments.destinations.editing import ListPlan
from segments.models import ConnectionState, Destination, Segment
from tests.fixtures.cast import AT
from tests.segments.destinations.shop import (
    DAY,
    HOUR,
    leave,
    let_in,
    new_segment,
    person,
    run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account)


def new_list(segment: Segment, name: str = "Buyers here") -> Destination:
    plan = ListPlan({"list": name})
    return editing.create(segment=segment, kind="static_list", plan=plan, user=None, at=AT)


def on_list(key: str) -> set[int]:
    return set(ListMember.objects.filter(list__key=key).values_list("profile_id", flat=True))


def test_the_list_is_made_and_follows_the_segment(segment: Segment) -> None:
    anna, bo = let_in(segment, {"email": "anna@example.com"}, {"external_id": "B"})
    destination = run(new_list(segment))
    row = List.objects.get(account=segment.account)
    assert (row.name, destination.name) == ("Buyers here", "Buyers here")
    assert on_list(row.key) == {anna.pk, bo.pk}
    leave(segment, bo, AT + HOUR)
    run(destination, AT + HOUR)
    assert on_list(row.key) == {anna.pk}


def test_a_list_that_there_is_is_taken_over_and_strangers_are_taken_off_it(
    segment: Segment,
) -> None:
    account = segment.account
    row = create_list(account=account, name="Buyers here", at=AT)
    stranger = person(account, email="stranger@example.com")
    add_to_list(account=account, key=row.key, profile_ids=[stranger.pk], at=AT)
    (anna,) = let_in(segment, {"email": "anna@example.com"})
    destination = run(new_list(segment))
    assert on_list(row.key) == {anna.pk}
    add_to_list(account=account, key=row.key, profile_ids=[stranger.pk], at=AT)
    run(destination, AT + DAY)
    assert on_list(row.key) == {anna.pk}


def test_a_list_may_be_renamed(segment: Segment) -> None:
    (anna,) = let_in(segment, {"email": "anna@example.com"})
    destination = new_list(segment)
    key = destination.settings["key"]
    rename_list(account=segment.account, key=key, name="Other", at=AT)
    run(destination)
    assert on_list(key) == {anna.pk}


def test_a_list_that_was_deleted_needs_attention(segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    destination = new_list(segment)
    delete_list(account=segment.account, key=destination.settings["key"], at=AT)
    run(destination)
    assert destination.state == ConnectionState.BROKEN


def test_a_name_that_cannot_be_makes_nothing(segment: Segment) -> None:
    with pytest.raises(Invalid):
        new_list(segment, "x" * 201)
    assert not Destination.objects.exists()
    assert not List.objects.exists()


def test_a_list_of_another_account_is_not_taken_over(
    segment: Segment, other_account: Account
) -> None:
    row = create_list(account=other_account, name="Buyers here", at=AT)
    let_in(segment, {"email": "anna@example.com"})
    run(new_list(segment))
    assert on_list(row.key) == set()
