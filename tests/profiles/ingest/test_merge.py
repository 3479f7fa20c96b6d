"""Two people are merged: nothing is lost or doubled, even during concurrent writes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from typing import Any

import pytest
from django.db import connections, transaction

from profiles.facts import FactKey
from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import (
    Consent,
    Event,
    ListMember,
    Profile,
    ProfileChange,
    ProfileMerge,
    Suppression,
)
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.errors import ApplicationError, Invalid, NotFound

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def new_people(account: Account, *records: dict[str, Any]) -> list[int]:
    outcome = ingest_profiles(account=account, records=records, at=NOON)
    assert not outcome.rejected
    return [id_ for id_ in outcome.profile_ids if id_ is not None]


def visits(account: Account, person: str, *days_ago: int) -> None:
    records = [
        {
            "metric": "Visited",
            "time": NOON - timedelta(days=days),
            "unique_id": str(days),
            "profile": {"external_id": person},
        }
        for days in days_ago
    ]
    outcome = ingest_events(account=account, records=records, at=NOON)
    assert not outcome.rejected


def test_everything_of_both_is_in_the_one_who_stays(shop: Account) -> None:
    keep, drop = new_people(
        shop,
        {
            "external_id": "keep",
            "first_name": "Ada",
            "properties": {"size": 1, "colour": "red"},
            "lists": ["Both", "Keep"],
            "subscriptions": {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}},
        },
        {
            "external_id": "drop",
            "email": "a@x.se",
            "first_name": "Eve",
            "last_name": "Ek",
            "created": "2020-01-01T00:00:00Z",
            "location": {"city": "Falun", "country": "Sweden", "timezone": "Europe/Stockholm"},
            "properties": {"size": 2, "quiz": [1]},
            "lists": ["Both", "Drop"],
            "subscriptions": {
                "email": {
                    "marketing": {
                        "consent": "SUBSCRIBED",
                        "suppression": [{"reason": "HARD_BOUNCE"}],
                    }
                },
                "sms": {"marketing": {"consent": "SUBSCRIBED"}},
            },
        },
    )
    visits(shop, "keep", 1, 2)
    visits(shop, "drop", 2, 3)

    person = merge(account=shop, keep_id=keep, drop_id=drop, at=LATER)

    person.refresh_from_db()
    assert (person.pk, person.external_id, person.email) == (keep, "keep", "a@x.se")
    assert (person.first_name, person.last_name, person.city) == ("Ada", "Ek", "Falun")
    assert person.time_zone == "Europe/Stockholm"
    assert person.point_latitude == pytest.approx(60.6, abs=0.1)
    assert person.properties == {"size": 1, "colour": "red", "quiz": [1]}
    assert person.created == datetime(2020, 1, 1, tzinfo=UTC)
    assert person.updated == LATER
    assert person.first_active == NOON - timedelta(days=3)
    assert person.last_active == NOON - timedelta(days=1)
    rows = Event.objects.values_list("profile_id", "unique_id")
    assert sorted(rows) == [(keep, "1"), (keep, "2"), (keep, "3")]
    lists = ListMember.objects.values_list("profile_id", "list__name")
    assert sorted(lists) == [(keep, "Both"), (keep, "Drop"), (keep, "Keep")]
    consents = Consent.objects.values_list("profile_id", "channel", "status")
    assert sorted(consents) == [
        (keep, "email", "unsubscribed"),
        (keep, "sms", "subscribed"),
    ]
    assert list(Suppression.objects.values_list("profile_id", "reason")) == [(keep, "hard_bounce")]


def test_a_merge_tells_of_both_and_of_all_that_moved(shop: Account) -> None:
    keep, drop = new_people(
        shop,
        {"external_id": "keep"},
        {
            "external_id": "drop",
            "lists": ["Drop"],
            "subscriptions": {"sms": {"marketing": {"suppression": [{"reason": "UNSUBSCRIBE"}]}}},
        },
    )
    visits(shop, "drop", 1)
    ProfileChange.objects.all().delete()
    merge(account=shop, keep_id=keep, drop_id=drop, at=LATER)
    changes_by_person = {
        c.profile_id: (c.cause, set(c.facts), c.at) for c in ProfileChange.objects.all()
    }
    assert changes_by_person.keys() == {keep, drop}
    assert changes_by_person[drop] == ("merge", {"exists"}, LATER)
    cause, facts, _at = changes_by_person[keep]
    assert cause == "merge"
    assert {FactKey.parse(fact).kind for fact in facts} == {"exists", "metric", "group", "consent"}
    assert "consent:sms" in facts


def test_what_cannot_be_merged_stays_as_it_was(shop: Account) -> None:
    one, two = new_people(shop, {"external_id": "1"}, {"external_id": "2"})
    with pytest.raises(Invalid):
        merge(account=shop, keep_id=one, drop_id=one, at=NOON)
    with pytest.raises(NotFound):
        merge(account=shop, keep_id=one, drop_id=two + 1000, at=NOON)
    merge(account=shop, keep_id=one, drop_id=two, at=NOON)
    with pytest.raises(Invalid):
        merge(account=shop, keep_id=one, drop_id=two, at=NOON)
    assert ProfileMerge.objects.count() == 1


def test_another_accounts_events_and_people_are_left_alone(shop: Account) -> None:
    other = create_account(slug="other")
    keep, drop = new_people(shop, {"external_id": "keep"}, {"external_id": "drop"})
    (theirs,) = new_people(other, {"external_id": "drop"})
    visits(shop, "drop", 1)
    visits(other, "drop", 1)
    merge(account=shop, keep_id=keep, drop_id=drop, at=NOON)
    assert Event.objects.get(account=other).profile_id == theirs
    assert Event.objects.get(account=shop).profile_id == keep


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_waited_for_a_merge_finds_the_one_who_stays(shop: Account) -> None:
    keep, drop = new_people(shop, {"external_id": "keep"}, {"external_id": "drop"})
    started = Signal()

    def late() -> None:
        try:
            started.set()
            visits(shop, "drop", 1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            list(Profile.objects.select_for_update().filter(pk=drop))
            future = pool.submit(late)
            started.wait()
            merge(account=shop, keep_id=keep, drop_id=drop, at=NOON)
        future.result()
    event = Event.objects.get()
    assert event.profile_id in set(Profile.objects.values_list("pk", flat=True))
    outcome = ingest_profiles(account=shop, records=[{"id": str(drop)}], at=NOON)
    assert outcome.profile_ids == [keep]


@pytest.mark.django_db(transaction=True)
def test_merges_race_with_batches_and_nothing_is_lost(shop: Account) -> None:
    ids = new_people(shop, *({"external_id": str(n)} for n in range(1, 13)))

    def send(sender: int) -> list[int | None]:
        try:
            ids_of_batch: list[int | None] = []
            for n in range(15):
                records = [
                    {
                        "metric": "Visited",
                        "time": NOON,
                        "unique_id": f"{sender}-{n}-{id_}",
                        "profile": {"id": str(id_)},
                    }
                    for id_ in ids
                ]
                outcome = ingest_events(account=shop, records=records, at=NOON)
                assert not outcome.rejected
                assert outcome.accepted == 12
                ids_of_batch += outcome.profile_ids
            return ids_of_batch
        finally:
            connections.close_all()

    def join(pairs: list[tuple[int, int]]) -> int:
        try:
            done = 0
            for keep, drop in pairs:
                try:
                    merge(account=shop, keep_id=keep, drop_id=drop, at=NOON)
                    done += 1
                except ApplicationError:
                    pass  # the other one was first, or they are one by now
            return done
        finally:
            connections.close_all()

    down = [(ids[n], ids[n + 1]) for n in range(0, 12, 2)]
    up = [(ids[n + 1], ids[n]) for n in range(0, 12, 2)]
    with ThreadPoolExecutor(4) as pool:
        senders = [pool.submit(send, n) for n in range(2)]
        joins = [pool.submit(join, pairs) for pairs in (down, up)]
        assert sum(work.result() for work in joins) == 6
        for work in senders:
            work.result()
    remaining = set(Profile.objects.values_list("pk", flat=True))
    assert len(remaining) == 6
    assert Event.objects.count() == 2 * 15 * 12
    assert set(Event.objects.values_list("profile_id", flat=True)) == remaining
