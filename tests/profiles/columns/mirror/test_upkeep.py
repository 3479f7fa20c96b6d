"""A mirror is built again when that is due, and its files hold no more than they should."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from profiles.columns import gather
from profiles.columns.mirror import compaction, location, upkeep
from profiles.columns.rows import Rows
from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Metric, Mirror, Profile
from segmenter.accounts.models import Account
from tests.profiles.columns.mirror.comparing import expect_the_same, mirror_of
from tests.profiles.columns.mirror.shop import NOON, Shop

pytestmark = pytest.mark.django_db


def test_a_compaction_keeps_the_files_of_what_has_not_changed(shop: Account, folder: Path) -> None:
    life = Shop(shop, 1)
    life.people(10)
    life.events(40)
    before = {tuple(each["key"]): each["file"] for each in mirror_of(shop).files}
    viewed = Metric.objects.get(name="Viewed")
    person = Profile.objects.filter(account=shop).values_list("external_id", flat=True)[0]
    event = {"metric": "Viewed", "time": NOON, "profile": {"external_id": person}}
    ingest_events(account=shop, records=[event], at=NOON)
    row = compaction.compact(shop, NOON)
    assert row is not None
    after = {tuple(each["key"]): each["file"] for each in row.files}
    changed_keys = {key for key in before if before[key] != after.get(key)}
    assert {key[1] for key in changed_keys if key[0] in {"events", "by person", "tally"}} == {
        viewed.key
    }
    assert ("attribute", "email") not in changed_keys
    assert {
        path.name for path in location.folder_of(location.database(), shop.pk).iterdir()
    } == set(after.values())
    assert (
        row.events
        == 1
        + sum(
            len(gather.all_of(shop).events(each.key))
            for each in Metric.objects.exclude(pk=viewed.pk)
        )
        + len(gather.all_of(shop).events(viewed.key))
        - 1
    )
    expect_the_same(shop)


def test_what_was_compacted_again_and_again_does_not_grow(shop: Account) -> None:
    life = Shop(shop, 2)
    life.people(8)
    life.events(30)
    mirror_of(shop)
    sizes = []
    for turn in range(4):
        ingest_events(
            account=shop,
            records=[
                {
                    "metric": "Viewed",
                    "time": NOON,
                    "unique_id": f"same {turn}",
                    "properties": {"Item": "linen", "Price": 1, "Mixed": True},
                    "profile": {"external_id": "p1"},
                }
            ],
            at=NOON,
        )
        assert compaction.compact(shop, NOON) is not None
        column = gather.all_of(shop).events(Metric.objects.get(name="Viewed").key).column("Item")
        sizes.append(len(column.values))
    assert len(set(sizes)) == 1


def test_an_erased_person_leaves_the_files(shop: Account, folder: Path) -> None:
    records = [{"external_id": name, "email": f"{name}@x.se"} for name in ("anna", "secretive")]
    ids = ingest_profiles(account=shop, records=records, at=NOON).profile_ids
    event = {"metric": "Bought", "time": NOON, "properties": {"Note": "hush-hush"}}
    ingest_events(
        account=shop, records=[{**event, "profile": {"external_id": "secretive"}}], at=NOON
    )
    row = mirror_of(shop)

    def holding(words: bytes) -> int:
        return sum(
            words in path.read_bytes()
            for path in location.folder_of(location.database(), shop.pk).iterdir()
        )

    assert holding(b"secretive")
    assert holding(b"hush-hush")
    assert ids[1] is not None
    erase(account=shop, profile_id=ids[1], at=NOON)
    assert upkeep.maintain(shop, row.taken + timedelta(seconds=60)) is not None
    assert not holding(b"secretive")
    assert not holding(b"hush-hush")
    assert holding(b"anna")
    expect_the_same(shop)


@pytest.mark.django_db(transaction=True)
def test_a_mirror_is_made_again_when_many_have_changed_or_it_is_old(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "FEW_CHANGED", 3)
    life = Shop(shop, 7)
    life.people(10)
    row = mirror_of(shop)
    Mirror.objects.update(seconds=1)
    later = row.taken + timedelta(seconds=upkeep.REST + 1)
    ingest_profiles(account=shop, records=[{"external_id": "p1", "first_name": "a"}], at=NOON)
    assert upkeep.maintain(shop, later) is None
    assert upkeep.maintain(shop, row.taken + upkeep.OLDEST + timedelta(seconds=1)) is not None
    Mirror.objects.update(seconds=1)
    many = [{"external_id": f"p{n}", "first_name": "b"} for n in range(8)]
    ingest_profiles(account=shop, records=many, at=NOON)
    mirror = Mirror.objects.get()
    assert upkeep.maintain(shop, mirror.taken + timedelta(seconds=1)) is None, (
        "it has just been made"
    )
    assert upkeep.maintain(shop, mirror.taken + timedelta(seconds=upkeep.REST + 1)) is not None
    ancient = Mirror.objects.get()
    Mirror.objects.update(taken=ancient.taken - timedelta(days=40))
    assert upkeep.maintain(shop, ancient.taken) is not None


def test_a_mirror_that_is_far_behind_is_read_anew(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Shop(shop, 13)
    life.people(6)
    life.events(20)
    first = mirror_of(shop)
    monkeypatch.setattr("profiles.columns.mirror.tail.MOST_EVENTS", 10)
    life.events(20)
    assert isinstance(gather.all_of(shop)._source, Rows)
    mirror = upkeep.maintain(shop, NOON)
    assert mirror is not None
    assert mirror.events > first.events


def test_small_accounts_have_none(shop: Account, settings: Settings) -> None:
    Shop(shop, 8).people(3)
    settings.SEGMENTER_MIRROR_FROM = Profile.objects.count() + 1
    assert shop.pk not in upkeep.large_accounts()
    settings.SEGMENTER_MIRROR_FROM = Profile.objects.count()
    assert shop.pk in upkeep.large_accounts()
