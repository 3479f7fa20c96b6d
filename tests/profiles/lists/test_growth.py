"""How a list grew: who was added and removed, also after a merge and an erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.lists.editing import add_to_list, create_list, remove_from_list
from profiles.lists.growth import list_growth
from profiles.models import List, ListRemoval
from segmenter.accounts.models import Account
from segmenter.kernel.periods import Unit
from tests.fixtures.cast import AT
from tests.live.steps import people

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def readers(account: Account) -> tuple[List, list[int]]:
    """Three joined 3 days ago; one left a day later and came back today."""
    ids = people(account, AT - 5 * DAY, *({"external_id": f"p{n}"} for n in range(3)))
    group = create_list(account=account, name="Readers", at=AT - 4 * DAY)
    add_to_list(account=account, key=group.key, profile_ids=ids, at=AT - 3 * DAY)
    remove_from_list(account=account, key=group.key, profile_ids=ids[:1], at=AT - 2 * DAY)
    add_to_list(account=account, key=group.key, profile_ids=ids[:1], at=AT)
    return group, ids


def moves(group: List, unit: Unit = Unit.DAY) -> list[tuple[int, int, int]]:
    periods = list_growth(group, group.members.count(), unit, AT)
    return [(one.added, one.removed, one.size) for one in periods]


def test_each_day_has_who_was_added_and_removed(readers: tuple[List, list[int]]) -> None:
    group, _ids = readers
    assert moves(group)[-5:] == [(0, 0, 0), (3, 0, 3), (0, 1, 2), (0, 0, 2), (1, 0, 3)]
    assert len(moves(group)) == 30
    assert len(moves(group, Unit.WEEK)) == 26
    assert len(moves(group, Unit.MONTH)) == 12
    assert sum(added - removed for added, removed, _ in moves(group, Unit.MONTH)) == 3


def test_an_erased_person_was_removed_then(
    account: Account, readers: tuple[List, list[int]]
) -> None:
    group, ids = readers
    erase(account=account, profile_id=ids[1], at=AT)
    assert moves(group)[-1] == (1, 1, 2)


def test_a_merged_person_keeps_what_happened(
    account: Account, readers: tuple[List, list[int]]
) -> None:
    group, ids = readers
    merge(account=account, keep_id=ids[1], drop_id=ids[0], at=AT)
    assert ListRemoval.objects.get(list=group).profile_id == ids[1]
    assert moves(group)[-1][2] == 2


def test_the_page_shows_growth_and_says_what_is_not_known(
    client: Client, readers: tuple[List, list[int]]
) -> None:
    group, _ids = readers
    with time_machine.travel(AT, tick=False):
        page = client.get(f"/lists/{group.key}/")
        part = client.get(f"/lists/{group.key}/?growth&unit=week").content.decode()
    assert page.context["growth"][0].size == 3
    assert "is not known" not in page.content.decode()
    assert "<html" not in part
    group.removals_since = AT
    group.save()
    assert "is not known" in client.get(f"/lists/{group.key}/").content.decode()


def test_a_deleted_list_takes_its_removals_along(readers: tuple[List, list[int]]) -> None:
    group, _ids = readers
    group.delete()
    assert not ListRemoval.objects.exists()
