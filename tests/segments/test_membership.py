"""Writing membership: the difference and nothing else, with its ledger, in both ways of writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from profiles.models import Cause
from segmenter.accounts.models import Account
from segments.engine import membership
from segments.engine.membership import (
    Moves,
    Reason,
    difference,
    members,
    memberships,
    write,
    write_certain,
)
from segments.models import Membership, MembershipChange, Segment
from tests.fixtures.cast import AT

REASON = Reason(Cause.DEFINITION, AT - timedelta(hours=1))
pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    """A segment with the members 1 to 5; people need not exist for this."""
    made = Segment.objects.create(
        account=account, name="All", definition={}, created=AT, updated=AT, size=5
    )
    Membership.objects.bulk_create(
        Membership(account=account, segment=made, profile_id=id_, entered=AT) for id_ in range(1, 6)
    )
    return made


def turning_into(segment: Segment, *wanted: int) -> Moves:
    return difference(segment.pk, members(segment.pk), np.array(wanted, dtype=np.int64), REASON)


@pytest.mark.parametrize("way", [write, write_certain])
@pytest.mark.parametrize("wanted", [(4, 5, 6, 7), (), (1, 2, 3, 4, 5, 6), (1, 2, 3, 4, 5)])
def test_one_set_becomes_another(
    segment: Segment,
    way: Callable[..., int],
    wanted: tuple[int, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[int] = []
    hook = lambda account_id, ids: told.extend(ids)  # noqa: E731
    monkeypatch.setattr(membership, "ledger_written", [hook])
    entering, leaving = set(wanted) - set(range(1, 6)), set(range(1, 6)) - set(wanted)

    written = way(segment.account_id, turning_into(segment, *wanted), at=AT)

    assert members(segment.pk).tolist() == sorted(wanted)
    segment.refresh_from_db()
    assert segment.size == len(wanted)
    ledger = MembershipChange.objects.filter(segment=segment)
    rows = set(ledger.values_list("profile_id", "entered", "cause", "true_since", "at"))
    why = (Cause.DEFINITION.value, REASON.since, AT)
    assert rows == {(id_, True, *why) for id_ in entering} | {(id_, False, *why) for id_ in leaving}
    assert set(told) == set(ledger.values_list("pk", flat=True))
    assert written == len(told) == len(entering) + len(leaving)
    new = Membership.objects.filter(segment=segment, profile_id__in=entering)
    assert set(new.values_list("entered", flat=True)) <= {REASON.since}


def test_who_is_where_they_should_be_makes_no_row(segment: Segment) -> None:
    moves = Moves(
        np.full(3, segment.pk),
        np.array([1, 9, 10]),
        np.array([True, False, True]),
        [REASON],
        np.zeros(3, dtype=np.int64),
    )

    assert write(segment.account_id, moves, at=AT) == 1

    assert members(segment.pk).tolist() == [1, 2, 3, 4, 5, 10]
    assert MembershipChange.objects.get().profile_id == 10
    segment.refresh_from_db()
    assert segment.size == 6


def test_a_difference_that_is_not_one_is_refused(segment: Segment) -> None:
    moves = difference(segment.pk, np.array([2, 3, 4, 5]), np.arange(1, 6), REASON)

    with pytest.raises(IntegrityError), transaction.atomic():
        write_certain(segment.account_id, moves, at=AT)

    assert not MembershipChange.objects.exists()


def test_members_and_memberships_of_some(segment: Segment, account: Account) -> None:
    assert members(segment.pk, [2, 4, 9]).tolist() == [2, 4]
    assert members(segment.pk, []).tolist() == []
    segments, people = memberships(account.pk, np.array([1, 3, 9]))
    assert (set(segments.tolist()), sorted(people.tolist())) == ({segment.pk}, [1, 3])
    assert len(memberships(account.pk, np.array([9]))[0]) == 0
