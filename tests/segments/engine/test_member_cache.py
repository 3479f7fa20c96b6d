"""The cache of membership equals what is committed, by whichever process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pytest
from cachetools import LRUCache
from django.db import connection, transaction

from profiles.models import Cause
from segmenter.accounts.models import Account
from segments.engine import member_cache as module
from segments.engine.member_cache import MemberCache, forget, member_cache_of
from segments.engine.membership import ChangeReason, Moves, difference, members, write_moves
from segments.models import Membership, MembershipChange, Segment
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT

REASON = ChangeReason(Cause.EVENT, AT)
IDS = np.arange(1, 13)
pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    """A segment with the members 2 to 6."""
    new = new_segment(account, "Kept")
    turn(new, range(2, 7))
    return new


def turn(segment: Segment, ids: Iterable[int]) -> None:
    """Make these the members, as another worker would."""
    moves = difference(
        segment.pk, members(segment.pk), np.array(sorted(ids), dtype=np.int64), REASON
    )
    write_moves(segment.account_id, moves, at=AT)


def inside(segment: Segment) -> list[int]:
    """Who of IDS is in, by what the process remembers."""
    insiders = member_cache_of(segment.account_id).inside([segment.pk], IDS)
    assert insiders.keys() == {segment.pk}
    return IDS[insiders[segment.pk]].tolist()


def recorder(calls: list[str], name: str, real: Callable[..., Any], *arguments: Any) -> Any:
    calls.append(name)
    return real(*arguments)


def table(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often membership itself is read from now on: whole, or looked up."""
    calls: list[str] = []
    for name in ("members", "memberships"):
        monkeypatch.setattr(module, name, partial(recorder, calls, name, getattr(module, name)))
    return calls


def test_membership_is_read_once_and_then_followed(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = table(monkeypatch)
    assert inside(segment) == [2, 3, 4, 5, 6]
    turn(segment, [3, 4, 9])
    assert inside(segment) == [3, 4, 9]
    turn(segment, [9])
    turn(segment, [4, 9, 2**40])  # in, out and in again since it was looked at
    assert inside(segment) == [4, 9]
    turn(segment, [])
    assert inside(segment) == []
    assert calls == ["members"]


def test_few_are_looked_up_until_that_has_cost_as_much_as_reading_all(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(segment, range(4, 304))
    calls = table(monkeypatch)
    for _ in range(3):  # 12 people each, of whom each costs as much as 16 members
        assert inside(segment) == [*range(4, 13)]
    assert calls == ["memberships", "members"]


def test_what_is_too_large_to_be_kept_is_looked_up(
    segment: Segment, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_segment(account, "Other")
    turn(other, [1, 12, 13])
    monkeypatch.setattr(module, "MOST_MEMBERS", 7)
    calls = table(monkeypatch)
    for _ in range(2):
        insiders = member_cache_of(account.pk).inside([segment.pk, other.pk], IDS)
        assert IDS[insiders[segment.pk]].tolist() == [2, 3, 4, 5, 6]
        assert IDS[insiders[other.pk]].tolist() == [1, 12]
    assert calls == ["members", "memberships", "memberships"]


def test_what_is_rolled_back_was_never_so(segment: Segment) -> None:
    assert inside(segment) == [2, 3, 4, 5, 6]
    with transaction.atomic():
        assert inside(segment) == [2, 3, 4, 5, 6]
        turn(segment, [7])
        transaction.set_rollback(True)
    assert inside(segment) == [2, 3, 4, 5, 6]


def test_other_accounts_and_segments_change_nothing(
    segment: Segment, account: Account, other_account: Account
) -> None:
    assert inside(segment) == [2, 3, 4, 5, 6]
    for whose in (account, other_account):
        other = new_segment(whose, "Other")
        turn(other, [2, 10])
    assert inside(segment) == [2, 3, 4, 5, 6]


def test_who_is_far_behind_reads_anew(segment: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert inside(segment) == [2, 3, 4, 5, 6]
    monkeypatch.setattr(module, "MOST_NEW", 2)
    calls = table(monkeypatch)
    turn(segment, [11])
    assert inside(segment) == [11]
    assert calls == ["members"]


def test_a_database_that_was_set_back_is_read_anew(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inside(segment) == [2, 3, 4, 5, 6]
    Membership.objects.filter(profile_id=2).update(profile_id=1)  # as it was in the copy
    assert inside(segment) == [2, 3, 4, 5, 6]
    monkeypatch.setattr(module, "_newest", lambda: 0)
    assert inside(segment) == [1, 3, 4, 5, 6]


def test_the_first_row_of_a_ledger_is_seen(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """A fresh sequence is distinguished from one that has returned its first number."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE segments_membershipchange_id_seq RESTART")
    new = new_segment(account, "New")
    assert inside(new) == []
    turn(new, [3])
    assert MembershipChange.objects.get(segment=new).pk == 1
    assert inside(new) == [3]
    assert not caplog.text


def test_a_size_that_does_not_fit_is_told_and_read_anew(
    segment: Segment, caplog: pytest.LogCaptureFixture
) -> None:
    assert inside(segment) == [2, 3, 4, 5, 6]
    Membership.objects.filter(profile_id=2).delete()  # what nobody may do
    Segment.objects.update(size=4)
    assert inside(segment) == [3, 4, 5, 6]
    assert "has 4 members, not 5" in caplog.text


def test_a_segment_that_was_deleted_is_forgotten_in_silence(
    segment: Segment, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    assert inside(segment) == [2, 3, 4, 5, 6]
    segment.delete()
    member_cache_of(account.pk)
    assert not caplog.text
    assert not module._kept[account.pk]._members


def test_only_so_many_accounts_are_kept(segment: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_kept", LRUCache(2))
    assert inside(segment) == [2, 3, 4, 5, 6]
    for number in (-1, -2):
        member_cache_of(number)
    assert segment.account_id not in module._kept
    assert inside(segment) == [2, 3, 4, 5, 6]
    forget(-1)
    forget(-2)


@pytest.mark.parametrize("seed", range(5))
def test_it_says_what_the_table_says(
    seed: int, segment: Segment, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random moves of several segments, looked at now and then by one of two workers."""
    random = Random(seed)
    workers = [MemberCache(account.pk), MemberCache(account.pk)]
    others = [new_segment(account, str(n)) for n in range(3)]
    every = [segment, *others]
    monkeypatch.setattr(module, "LOOKUP_COST", random.choice([0, 16]))
    for _turn in range(40):
        target = random.choice(every)
        turn(target, random.sample(range(1, 30), random.randrange(20)))
        if random.random() < 0.3:
            worker = random.choice(workers)
            worker.catch_up()
            insiders = worker.inside([one.pk for one in every], IDS)
            for one in every:
                ids = members(one.pk, IDS.tolist()).tolist()
                assert IDS[insiders[one.pk]].tolist() == ids


def test_several_moves_of_one_batch_are_one_step(segment: Segment, account: Account) -> None:
    other = new_segment(account, "Other")
    member_cache_of(account.pk).inside([segment.pk, other.pk], IDS)
    moves = Moves(
        np.array([segment.pk, other.pk, other.pk]),
        np.array([2, 2, 3]),
        np.array([False, True, True]),
        [REASON],
        np.zeros(3, dtype=np.int64),
    )
    write_moves(account.pk, moves, at=AT)
    insiders = member_cache_of(account.pk).inside([segment.pk, other.pk], IDS)
    assert IDS[insiders[segment.pk]].tolist() == [3, 4, 5, 6]
    assert IDS[insiders[other.pk]].tolist() == [2, 3]
