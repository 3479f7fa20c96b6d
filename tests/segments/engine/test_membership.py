"""Writing membership: the difference and nothing else, with its ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from profiles.models import Cause
from segmenter.accounts.models import Account
from segments.engine import membership
from segments.engine.membership import (
    ChangeReason,
    Moves,
    difference,
    members,
    memberships,
    write_moves,
)
from segments.models import Membership, MembershipChange, Segment
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT

REASON = ChangeReason(Cause.DEFINITION, AT - timedelta(hours=1))
pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    """A segment with the members 1 to 5; people need not exist for this."""
    return new_segment(account, "All", *range(1, 6), size=5)


def turning_into(segment: Segment, *after: int) -> Moves:
    return difference(segment.pk, members(segment.pk), np.array(after, dtype=np.int64), REASON)


@pytest.mark.parametrize("after", [(4, 5, 6, 7), (), (1, 2, 3, 4, 5, 6), (1, 2, 3, 4, 5)])
def test_one_set_becomes_another(
    segment: Segment, after: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[int, int]] = []
    hook = lambda account_id, first: calls.append((account_id, first))  # noqa: E731
    monkeypatch.setattr(membership.new_ledger_rows, "subscribers", [hook])
    entering, leaving = set(after) - set(range(1, 6)), set(range(1, 6)) - set(after)

    write_moves(segment.account_id, turning_into(segment, *after), at=AT)

    assert members(segment.pk).tolist() == sorted(after)
    segment.refresh_from_db()
    assert segment.size == len(after)
    ledger = MembershipChange.objects.filter(segment=segment)
    rows = set(ledger.values_list("profile_id", "entered", "cause", "true_since", "at"))
    why = (Cause.DEFINITION.value, REASON.since, AT)
    assert rows == {(id_, True, *why) for id_ in entering} | {(id_, False, *why) for id_ in leaving}
    first = ledger.order_by("pk").values_list("pk", flat=True).first()
    assert calls == ([(segment.account_id, first)] if first else [])
    new = Membership.objects.filter(segment=segment, profile_id__in=entering)
    assert set(new.values_list("entered", flat=True)) <= {REASON.since}


def test_several_segments_and_reasons_at_once(segment: Segment, account: Account) -> None:
    other = new_segment(account, "Other")
    late = ChangeReason(Cause.EVENT, AT, change_id=77)
    moves = Moves(
        np.array([segment.pk, segment.pk, other.pk, other.pk]),
        np.array([1, 9, 9, 10]),
        np.array([False, True, True, True]),
        [REASON, late],
        np.array([0, 1, 1, 0]),
    )

    write_moves(account.pk, moves, at=AT)

    assert (members(segment.pk).tolist(), members(other.pk).tolist()) == ([2, 3, 4, 5, 9], [9, 10])
    assert set(Segment.objects.values_list("pk", "size")) == {(segment.pk, 5), (other.pk, 2)}
    ledger = MembershipChange.objects.values_list("profile_id", "cause", "change_id", "true_since")
    nine, ten = (9, "event", 77, AT), (10, "definition", None, REASON.since)
    assert sorted(ledger.filter(segment=other)) == [nine, ten]
    assert sorted(ledger.filter(segment=segment)) == [(1, *ten[1:]), nine]


@pytest.mark.parametrize(("before", "after"), [((2, 3, 4, 5), range(1, 6)), (range(1, 7), (1, 2))])
def test_a_difference_that_is_not_one_is_refused(
    before: Iterable[int], after: Iterable[int], segment: Segment
) -> None:
    moves = difference(segment.pk, np.array([*before]), np.array([*after]), REASON)

    with pytest.raises(IntegrityError), transaction.atomic():
        write_moves(segment.account_id, moves, at=AT)

    assert not MembershipChange.objects.exists()
    assert members(segment.pk).tolist() == [1, 2, 3, 4, 5]


def test_members_and_memberships_of_some(segment: Segment, account: Account) -> None:
    assert members(segment.pk, [2, 4, 9]).tolist() == [2, 4]
    assert members(segment.pk, []).tolist() == []
    segments, people = memberships([segment.pk, 0], np.array([1, 3, 9]))
    assert (set(segments.tolist()), sorted(people.tolist())) == ({segment.pk}, [1, 3])
    assert len(memberships([segment.pk], np.array([9]))[0]) == 0
