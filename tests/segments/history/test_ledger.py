"""Finding what happened to some people in a ledger of any size."""

from __future__ import annotations

import pytest
from django.db import connection

from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.history import ledger
from segments.models import MembershipChange, Segment
from segments.models.membership import BLOCK_BITS
from tests.builders.shops import new_segment
from tests.segments.webhooks.conftest import noted_change

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account, "All")


def test_people_are_found_in_all_blocks(
    segment: Segment, account: Account, other_account: Account
) -> None:
    block = 1 << BLOCK_BITS
    rows = [noted_change(segment, 7, id=number).pk for number in (block - 1, block, 4 * block + 3)]
    noted_change(segment, 8, id=block + 1)
    entries = MembershipChange.objects.of_people(account.pk, [7, 9]).order_by("pk")
    assert list(entries.values_list("pk", flat=True)) == rows
    assert not MembershipChange.objects.of_people(other_account.pk, [7]).exists()


def test_an_empty_ledger_says_nothing(account: Account) -> None:
    assert not MembershipChange.objects.of_people(account.pk, [7]).exists()


def test_the_index_by_person_serves_them(segment: Segment, account: Account) -> None:
    noted_change(segment, 7)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = MembershipChange.objects.of_people(account.pk, [7]).explain()
    assert "ledger_by_profile_in_blocks" in plan
    assert "Index Cond: ((account_id = " in plan
    assert "(id >> 20)" in plan.split("Index Cond")[1]


@pytest.mark.parametrize("few", [0, 1, 200])
def test_words_find_the_same_people_few_or_many(
    few: int, segment: Segment, people: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "FEW", few)
    anna, bo = people[0].pk, people[1].pk
    rows = {person: noted_change(segment, person).pk for person in (anna, bo)}
    stranger = noted_change(segment, 10**12).pk

    def matches(words: str) -> list[int]:
        return [row.pk for row in ledger.ledger_of(segment, words=words).order_by("pk")]

    assert matches("anna@") == [rows[anna]]
    assert matches("") == [*rows.values(), stranger]
    assert matches(f"#{10**12}") == [stranger]
    assert matches("nobody") == []
