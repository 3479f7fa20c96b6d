"""Changes: one row for each person something happened to, with the facts and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from profiles.changes import any_since, current_snapshot, people_since
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import List, Metric, Profile, ProfileChange
from segmenter.accounts.models import Account, create_account

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def shop() -> Account:
    account = create_account(slug="shop")
    people(account, {"external_id": "a"}, {"external_id": "b"})
    ProfileChange.objects.all().delete()
    return account


def people(account: Account, *records: dict[str, Any], at: datetime = NOON) -> None:
    outcome = ingest_profiles(account=account, records=records, at=at)
    assert not outcome.rejected


def visits(account: Account, *times: datetime, person: str = "a") -> None:
    records = [
        {"metric": "Visited", "time": time, "profile": {"external_id": person}} for time in times
    ]
    outcome = ingest_events(account=account, records=records, at=NOON)
    assert not outcome.rejected


def facts_by_person() -> dict[str, set[str]]:
    """The facts of the changes since the last call, by external id."""
    names = {row.pk: str(row.external_id) for row in Profile.objects.all()}
    rows = list(ProfileChange.objects.all())
    assert len({row.profile_id for row in rows}) == len(rows)
    ProfileChange.objects.all().delete()
    return {names[row.profile_id]: set(row.facts) for row in rows}


UPDATED = "attribute:updated"


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({"first_name": "Ada"}, {"attribute:first_name", UPDATED}),
        ({"email": "a@x.se"}, {"attribute:email", UPDATED}),
        ({"properties": {"size": 1, "a,b": [1]}}, {"property:size", "property:a,b", UPDATED}),
        ({"properties": {"a\x1fb": 1}}, {"property:a\x1fb", UPDATED}),
        (
            {"location": {"city": "Falun", "country": "Sweden"}},
            {"attribute:city", "attribute:country", "place", UPDATED},
        ),
        ({"location": {"address1": "Storgatan 1"}}, {"attribute:address1", UPDATED}),
        ({"created": "2020-01-01"}, {"attribute:created", UPDATED}),
        ({"subscriptions": {"sms": {"marketing": {"consent": "SUBSCRIBED"}}}}, {"consent:sms"}),
        (
            {
                "subscriptions": {
                    "email": {"marketing": {"suppression": [{"reason": "UNSUBSCRIBE"}]}}
                }
            },
            {"consent:email"},
        ),
        ({"first_name": None, "properties": {"size": None}}, None),
    ],
)
def test_what_was_said_is_what_is_told(
    shop: Account, fields: dict[str, Any], facts: set[str] | None
) -> None:
    people(shop, {"external_id": "a", **fields}, {"external_id": "b"})
    assert facts_by_person() == ({} if facts is None else {"a": facts})
    people(shop, {"external_id": "a", **fields}, {"external_id": "b"}, at=LATER)
    assert facts_by_person() == {}


def test_a_new_person_exists(shop: Account) -> None:
    people(shop, {"external_id": "c"})
    assert facts_by_person() == {"c": {"exists", "attribute:external_id", UPDATED}}
    people(shop, {"external_id": "d", "first_name": "Dan"})
    first_facts = {"attribute:external_id", "attribute:first_name"}
    assert facts_by_person() == {"d": {"exists", *first_facts, UPDATED}}


def test_joining_a_list_is_told_by_its_key(shop: Account) -> None:
    people(shop, {"external_id": "a", "lists": ["Newsletter"]})
    assert facts_by_person() == {"a": {f"group:{List.objects.get().key}"}}
    people(shop, {"external_id": "a", "lists": ["Newsletter"]}, at=LATER)
    assert facts_by_person() == {}


def test_an_event_tells_its_metric_and_how_the_activity_moved(shop: Account) -> None:
    visits(shop, NOON - timedelta(days=2))
    visited = f"metric:{Metric.objects.get().key}"
    first, last = "attribute:first_active", "attribute:last_active"
    assert facts_by_person() == {"a": {visited, first, last}}
    visits(shop, NOON - timedelta(days=1))
    assert facts_by_person() == {"a": {visited, last}}
    visits(shop, NOON - timedelta(days=3))
    assert facts_by_person() == {"a": {visited, first}}
    visits(shop, NOON - timedelta(days=1.5), NOON + timedelta(days=1))
    assert facts_by_person() == {"a": {visited}}
    visits(shop, NOON - timedelta(days=1))
    assert facts_by_person() == {}


def test_a_change_keeps_cause_and_time(shop: Account) -> None:
    visits(shop, NOON)
    people(shop, {"external_id": "b", "title": "Dr"}, at=LATER)
    rows = ProfileChange.objects.order_by("at").values_list("cause", "at", "handled")
    assert list(rows) == [("event", NOON, None), ("property", LATER, None)]


@pytest.mark.django_db(transaction=True)
def test_people_since_a_snapshot_are_those_who_changed(shop: Account) -> None:
    other = create_account(slug="other")
    snapshot = current_snapshot()
    assert not any_since(shop.pk, snapshot)
    visits(other, NOON)
    assert not any_since(shop.pk, snapshot)
    people(shop, {"external_id": "b", "title": "Dr"})
    assert any_since(shop.pk, snapshot)
    assert people_since(shop.pk, snapshot) == [Profile.objects.get(external_id="b").pk]
    assert not any_since(shop.pk, current_snapshot())


def test_what_ones_own_transaction_changes_counts_whatever_others_commit_meanwhile(
    shop: Account,
) -> None:
    people(shop, {"external_id": "c"})  # this transaction has an id by now
    with psycopg.connect(connection.connection.info.dsn) as other:
        other.execute("SELECT pg_current_xact_id()")
    snapshot = current_snapshot()
    people(shop, {"external_id": "a", "first_name": "Ada"})
    ada = Profile.objects.get(external_id="a").pk
    assert any_since(shop.pk, snapshot)
    assert ada in people_since(shop.pk, snapshot)
