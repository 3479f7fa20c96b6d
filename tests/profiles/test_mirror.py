"""The mirror says what the rows say, whatever happens in between, and its files can be lost."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from typing import Any

import numpy as np
import pytest
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker, Settings

from profiles import facts
from profiles.columns import gather
from profiles.columns.column import Column
from profiles.columns.events import Events
from profiles.columns.mirror import homes, reading, upkeep
from profiles.columns.mirror.arrays import Damaged, read, verify, write
from profiles.columns.population import Population
from profiles.columns.rows import Rows
from profiles.erase import erase
from profiles.identity import merge
from profiles.ingest import ingest_events, ingest_profiles
from profiles.lists import remove_from_list
from profiles.models import Channel, List, Metric, Mirror, Profile, Property
from profiles.records import FILE_TIMES
from segmenter.accounts.models import Account, create_account

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
METRICS = ("Bought", "Viewed", "Opened")
WORDS = ("linen", "Leinen", "åäö", "", "2026-03-01", "5", "true")
VALUES: tuple[Any, ...] = (*WORDS, 0, 5, 5.0, -1.5, 2**53 - 1, True, False, [], ["a", 1], {"a": 1})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    settings.SEGMENTER_MIRROR = tmp_path / "mirror"
    settings.SEGMENTER_MIRROR_FROM = 1
    monkeypatch.setattr(gather, "BY_ROWS", 1)
    gather.forget()
    yield tmp_path / "mirror"
    gather.forget()


@pytest.fixture
def shop() -> Account:
    return create_account(slug="shop", time_zone="Europe/Stockholm")


def built(account: Account, at: datetime = NOON) -> Mirror:
    made = upkeep.build(account, at)
    assert made is not None
    return made


# --- what happens to a shop -----------------------------------------------------------------------


class Shop:
    """A shop to which things happen, drawn from a seed."""

    def __init__(self, account: Account, seed: int) -> None:
        self.account, self.draw = account, random.Random(seed)
        self.names = 0

    def people(self, count: int) -> None:
        records = []
        for _ in range(count):
            if self.names and self.draw.random() < 0.4:
                name = f"p{self.draw.randrange(self.names)}"
            else:
                name = f"p{self.names}"
                self.names += 1
            records.append(self._person(name))
        outcome = ingest_profiles(account=self.account, records=records, at=self._at())
        assert not outcome.rejected, outcome.rejected

    def _person(self, name: str) -> dict[str, Any]:
        draw = self.draw
        record: dict[str, Any] = {"external_id": name}
        if draw.random() < 0.5:
            record["email"] = f"{name}@{draw.choice(('a', 'b'))}.se"
        if draw.random() < 0.5:
            record["first_name"] = draw.choice((*WORDS, None))
        if draw.random() < 0.4:
            record["location"] = {
                "city": draw.choice(WORDS),
                "latitude": draw.choice((None, 59.3, -10.25)),
                "longitude": draw.choice((18.0, 3.5)),
            }
        if draw.random() < 0.6:
            names = draw.sample(("Colour", "Born", "Odd name: /\n'", "Late"), 2)
            record["properties"] = {each: draw.choice((*VALUES, None)) for each in names}
        if draw.random() < 0.3:
            record["lists"] = [{"name": draw.choice(("Letter", "VIP"))}]
        if draw.random() < 0.4:
            record["subscriptions"] = {
                draw.choice(("email", "sms")): {
                    "marketing": {
                        "consent": draw.choice(("SUBSCRIBED", "UNSUBSCRIBED")),
                        "consent_timestamp": self._past().isoformat(),
                    }
                }
            }
        return record

    def events(self, count: int) -> None:
        draw = self.draw
        records = []
        for _ in range(count):
            record: dict[str, Any] = {
                "metric": draw.choice(METRICS),
                "time": self._past() if draw.random() < 0.9 else NOON,
                "unique_id": str(draw.randrange(400)),
                "profile": {"external_id": f"p{draw.randrange(self.names + 1)}"},
            }
            if draw.random() < 0.5:
                record["value"] = draw.choice((0, 1.5, 99, -3))
            if draw.random() < 0.7:
                names = draw.sample(("Item", "Price", "Mixed"), 2)
                kinds = {"Item": WORDS, "Price": (0, 1, 2.5), "Mixed": VALUES}
                record["properties"] = {each: draw.choice(kinds[each]) for each in names}
            records.append(record)
        outcome = ingest_events(
            account=self.account, records=records, at=self._at(), times=FILE_TIMES
        )
        assert not outcome.rejected, outcome.rejected
        self.names += 1

    def erase(self) -> None:
        erase(account=self.account, profile_id=self._somebody(), at=self._at())

    def merge(self) -> None:
        keep, drop = self._somebody(), self._somebody()
        if keep != drop:
            merge(account=self.account, keep_id=keep, drop_id=drop, at=self._at())

    def leave(self) -> None:
        found = List.objects.filter(account=self.account).first()
        if found:
            ids = [self._somebody() for _ in range(3)]
            remove_from_list(account=self.account, key=found.key, profile_ids=ids, at=self._at())

    def anything(self) -> None:
        act = self.draw.choice((self.people, self.people, self.events, self.events, self.events))
        act(self.draw.randrange(1, 12))
        if self.draw.random() < 0.3 and Profile.objects.filter(account=self.account).count() > 3:
            self.draw.choice((self.erase, self.merge, self.leave))()

    def _somebody(self) -> int:
        ids = Profile.objects.filter(account=self.account).order_by("pk")
        return self.draw.choice(list(ids.values_list("pk", flat=True)))

    def _past(self) -> datetime:
        return NOON - timedelta(minutes=self.draw.randrange(600_000))

    def _at(self) -> datetime:
        return NOON + timedelta(seconds=self.draw.randrange(1_000))


# --- what is compared -----------------------------------------------------------------------------


def told(column: Column) -> list[tuple[str, Any]]:
    values = (column.get(row) for row in range(len(column)))
    return [(type(value).__name__ if value is not None else "", value) for value in values]


def told_events(events: Events, ids: np.ndarray[Any, Any], names: list[str]) -> list[Any]:
    whose = ids[events.who].tolist()
    values = np.nan_to_num(events.values[events.rows], nan=-999.25).tolist()
    columns = [told(events.column(name)) for name in names]
    rows = zip(whose, events.when.tolist(), values, *columns, strict=True)
    return sorted(rows, key=repr)


def everything(people: Population) -> dict[str, Any]:
    """All that can be asked of people, in a form that can be compared."""
    account_id = people.account_id
    found: dict[str, Any] = {"ids": people.ids.tolist()}
    for name in reading.ATTRIBUTES:
        found[name] = told(people.attribute(name))
    for name in reading.types_of(account_id, None):
        found[f"property {name}"] = told(people.profile_property(name))
    for channel in Channel.values:
        for name in reading.CONSENT_FIELDS:
            found[f"{channel} {name}"] = told(people.consent(channel, name))
        for reason in facts.SUPPRESSION_REASONS:
            found[f"{channel} {reason}"] = told(people.suppression(channel, reason))
    for row in List.objects.filter(account_id=account_id):
        group = people.group(row.key)
        found[row.name] = (people.ids[group.profiles].tolist(), group.since.tolist())
    found["points"] = [np.nan_to_num(axis, nan=-999).tolist() for axis in people.coordinates()]
    for metric in Metric.objects.filter(account_id=account_id):
        events = people.events(metric.key)
        assert (np.diff(events.when) >= 0).all()
        names = sorted(reading.types_of(account_id, metric))
        found[f"events {metric.name}"] = told_events(events, people.ids, names)
        found[f"count {metric.name}"] = events.count().tolist()
    return found


def expect_the_same(account: Account, chosen: list[int] | None = None) -> None:
    rows = everything(Population(Rows(account.pk, account.zone, chosen, NOON)))
    from_mirror = gather.all_of(account) if chosen is None else gather.some(account, chosen)
    assert "Rows" not in type(from_mirror._source).__name__, "the mirror was not used"
    mirrored = everything(from_mirror)
    for key, value in rows.items():
        assert mirrored[key] == value, key


def expect_the_answers(account: Account) -> None:
    """Everyone's answers, put together from the mirror and who has changed, are those of rows."""
    rows = Population(Rows(account.pk, account.zone, None, NOON))
    people = gather.everyone(account)
    assert people.ids.tolist() == rows.ids.tolist()
    questions: list[Callable[[Population], Any]] = [
        lambda part: part.attribute("email").is_set,
        lambda part: part.consent("email", "status").is_set,
        lambda part: part.profile_property("Colour").is_set,
        *(
            lambda part, key=metric.key: part.events(key).count() > 1
            for metric in Metric.objects.filter(account=account)
        ),
    ]
    for question in questions:
        assert people.answer(question).tolist() == question(rows).tolist()


# --- tests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_it_says_what_the_rows_say(shop: Account, seed: int) -> None:
    life = Shop(shop, seed)
    life.people(12)
    life.events(30)
    built(shop)
    expect_the_same(shop)
    for _ in range(8):
        life.anything()
        expect_the_same(shop)
        expect_the_answers(shop)
        ids = list(Profile.objects.filter(account=shop).values_list("pk", flat=True))
        some = life.draw.sample(ids, life.draw.randrange(1, len(ids)))
        expect_the_same(shop, [*some, 10**9])
        if life.draw.random() < 0.4:
            assert life.draw.choice((upkeep.build, upkeep.compact))(shop, NOON) is not None
            expect_the_same(shop)


def test_a_compaction_keeps_the_files_of_what_has_not_changed(shop: Account, folder: Path) -> None:
    life = Shop(shop, 1)
    life.people(10)
    life.events(40)
    before = {tuple(each["key"]): each["file"] for each in built(shop).files}
    viewed = Metric.objects.get(name="Viewed")
    person = Profile.objects.filter(account=shop).values_list("external_id", flat=True)[0]
    event = {"metric": "Viewed", "time": NOON, "profile": {"external_id": person}}
    ingest_events(account=shop, records=[event], at=NOON)
    row = upkeep.compact(shop, NOON)
    assert row is not None
    after = {tuple(each["key"]): each["file"] for each in row.files}
    changed = {key for key in before if before[key] != after.get(key)}
    assert {key[1] for key in changed if key[0] in {"events", "by person", "tally"}} == {viewed.key}
    assert ("attribute", "email") not in changed
    assert {path.name for path in homes.folder_of(homes.database(), shop.pk).iterdir()} == set(
        after.values()
    )
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
    built(shop)
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
        assert upkeep.compact(shop, NOON) is not None
        column = gather.all_of(shop).events(Metric.objects.get(name="Viewed").key).column("Item")
        sizes.append(len(column.values))
    assert len(set(sizes)) == 1


def test_a_file_that_is_damaged_or_lost_is_noticed_and_made_anew(
    shop: Account, folder: Path
) -> None:
    life = Shop(shop, 3)
    life.people(8)
    life.events(20)
    harms: list[Callable[[Path], object]] = [
        lambda path: path.write_bytes(b"x" * path.stat().st_size),
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\x01\x02"),
        lambda path: path.unlink(),
    ]
    for harm in harms:
        built(shop)
        gather.forget()
        homes._seen.clear()
        victim = max(
            homes.folder_of(homes.database(), shop.pk).iterdir(),
            key=lambda path: path.stat().st_size,
        )
        harm(victim)
        assert gather.everyone(shop).ids.tolist()
        assert not Mirror.objects.filter(account=shop), "the row speaks of files that are no good"
        assert upkeep.keep(shop, NOON) is not None
        expect_the_same(shop)


def test_a_lost_folder_is_another_home(shop: Account, folder: Path) -> None:
    life = Shop(shop, 4)
    life.people(5)
    built(shop)
    gather.forget()
    shutil.rmtree(folder)
    assert homes.current(shop.pk) is None
    rows = Rows(shop.pk, shop.zone, None, NOON)
    assert gather.everyone(shop).ids.tolist() == rows.ids.tolist()
    assert upkeep.keep(shop, NOON) is not None
    expect_the_same(shop)


def test_a_folder_that_goes_while_it_is_read_does_no_harm(shop: Account, folder: Path) -> None:
    life = Shop(shop, 5)
    life.people(5)
    life.events(20)
    built(shop)
    people = gather.everyone(shop)
    shutil.rmtree(folder)
    key = Metric.objects.filter(account=shop)[0].key
    rows = Population(Rows(shop.pk, shop.zone, None, NOON))
    counts = people.answer(lambda part: part.events(key).count() > 0)
    assert counts.tolist() == (rows.events(key).count() > 0).tolist()


def test_another_database_is_not_taken_for_this_one(shop: Account) -> None:
    Shop(shop, 6).people(4)
    built(shop)
    Mirror.objects.update(database="7000-1-5")
    assert homes.current(shop.pk) is None


def test_an_erased_person_leaves_the_files(shop: Account, folder: Path) -> None:
    records = [{"external_id": name, "email": f"{name}@x.se"} for name in ("anna", "secretive")]
    ids = ingest_profiles(account=shop, records=records, at=NOON).profile_ids
    event = {"metric": "Bought", "time": NOON, "properties": {"Note": "hush-hush"}}
    ingest_events(
        account=shop, records=[{**event, "profile": {"external_id": "secretive"}}], at=NOON
    )
    row = built(shop)

    def holding(words: bytes) -> int:
        return sum(
            words in path.read_bytes()
            for path in homes.folder_of(homes.database(), shop.pk).iterdir()
        )

    assert holding(b"secretive")
    assert holding(b"hush-hush")
    assert ids[1] is not None
    erase(account=shop, profile_id=ids[1], at=NOON)
    assert upkeep.keep(shop, row.taken + timedelta(seconds=60)) is not None
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
    row = built(shop)
    Mirror.objects.update(seconds=1)
    later = row.taken + timedelta(seconds=upkeep.REST + 1)
    ingest_profiles(account=shop, records=[{"external_id": "p1", "first_name": "a"}], at=NOON)
    assert upkeep.keep(shop, later) is None
    assert upkeep.keep(shop, row.taken + upkeep.OLDEST + timedelta(seconds=1)) is not None
    Mirror.objects.update(seconds=1)
    many = [{"external_id": f"p{n}", "first_name": "b"} for n in range(8)]
    ingest_profiles(account=shop, records=many, at=NOON)
    held = Mirror.objects.get()
    assert upkeep.keep(shop, held.taken + timedelta(seconds=1)) is None, "it has just been made"
    assert upkeep.keep(shop, held.taken + timedelta(seconds=upkeep.REST + 1)) is not None
    ancient = Mirror.objects.get()
    Mirror.objects.update(taken=ancient.taken - timedelta(days=40))
    assert upkeep.keep(shop, ancient.taken) is not None


def test_small_accounts_have_none(shop: Account, settings: Settings) -> None:
    Shop(shop, 8).people(3)
    settings.SEGMENTER_MIRROR_FROM = Profile.objects.count() + 1
    assert shop.pk not in upkeep.accounts_large()
    settings.SEGMENTER_MIRROR_FROM = Profile.objects.count()
    assert shop.pk in upkeep.accounts_large()


def test_no_account_sees_anothers(shop: Account) -> None:
    other = create_account(slug="other")
    Shop(shop, 9).people(5)
    Shop(other, 9).people(5)
    built(shop)
    built(other)
    ids = list(Profile.objects.values_list("pk", flat=True))
    for account in (shop, other):
        own = set(Profile.objects.filter(account=account).values_list("pk", flat=True))
        assert set(gather.some(account, ids).ids.tolist()) == own
        assert set(gather.everyone(account).ids.tolist()) == own


def test_a_property_whose_types_are_not_what_is_said_is_read_all_the_same(shop: Account) -> None:
    life = Shop(shop, 10)
    life.people(6)
    life.events(30)
    Property.objects.update(types=["number"])
    built(shop)
    expect_the_same(shop)


# --- transactions that commit out of order --------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_row_is_missed_when_transactions_commit_out_of_order(
    shop: Account, django_db_blocker: DjangoDbBlocker
) -> None:
    life = Shop(shop, 11)
    life.people(6)
    life.events(20)
    stored, go_on = Signal(), Signal()

    def slow(number: int) -> None:
        """Store events now, commit them when told."""
        try:
            with django_db_blocker.unblock(), transaction.atomic():
                records = [
                    {
                        "metric": "Bought",
                        "time": NOON,
                        "unique_id": f"slow {number} {n}",
                        "properties": {"Item": "late"},
                        "profile": {"external_id": f"slow{number}-{n % 2}"},
                    }
                    for n in range(5)
                ]
                ingest_events(account=shop, records=records, at=NOON)
                stored.set()
                assert go_on.wait(30)
        finally:
            connections.close_all()

    for number, make in enumerate((upkeep.build, upkeep.compact, None)):
        stored.clear()
        go_on.clear()
        if number:
            expect_the_same(shop)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(slow, number)
            assert stored.wait(30)
            records = [
                {
                    "metric": "Bought",
                    "time": NOON,
                    "unique_id": f"quick {number} {n}",
                    "profile": {"external_id": "p1"},
                }
                for n in range(5)
            ]
            ingest_events(account=shop, records=records, at=NOON)
            if make is not None:
                assert make(shop, NOON) is not None
            expect_the_same(shop)
            go_on.set()
            waiting.result()
        expect_the_same(shop)
        expect_the_answers(shop)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_there_for_others(shop: Account) -> None:
    life = Shop(shop, 12)
    life.people(6)
    built(shop)
    expect_the_same(shop)
    with transaction.atomic():
        life.events(10)
        life.people(3)
        expect_the_same(shop)
        transaction.set_rollback(True)
    expect_the_same(shop)
    expect_the_answers(shop)


def test_files_are_named_by_their_content(tmp_path: Path) -> None:
    arrays = {"a": np.arange(5), "b": np.zeros(0)}
    name = write(tmp_path, arrays)
    assert write(tmp_path, arrays) == name
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert read(tmp_path, name)["a"].to_pylist() == [0, 1, 2, 3, 4]
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(Damaged):
        verify(tmp_path, name)


def test_a_mirror_that_is_far_behind_is_read_anew(
    shop: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Shop(shop, 13)
    life.people(6)
    life.events(20)
    first = built(shop)
    monkeypatch.setattr("profiles.columns.mirror.tail.MOST_EVENTS", 10)
    life.events(20)
    assert isinstance(gather.all_of(shop)._source, Rows)
    made = upkeep.keep(shop, NOON)
    assert made is not None
    assert made.events > first.events
