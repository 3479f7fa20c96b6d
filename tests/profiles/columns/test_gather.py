"""Columns equal the rows of the account's own people, and miss no commit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connections, transaction

from profiles.columns import gather
from profiles.columns.column import Column
from profiles.columns.gather import all_of, everyone, some
from profiles.columns.instants import to_micros
from profiles.columns.population import Population, UnknownKey
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import (
    Cause,
    Consent,
    Event,
    List,
    ListMember,
    Metric,
    Profile,
    Suppression,
)
from segmenter.accounts.models import Account, create_account

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TEXTS = ["", " ", "a,b", 'say "hi"', "two\nlines", "crlf\r\n", "\r", "\\N", "\\.", "null", "NaN"]
TEXTS += ["åäö", "🎈", "İstanbul", "\u2028", "'", "1", "-1.5e3", "2026-03-10", "true", '""', "{}"]
VALUES: list[Any] = [*TEXTS, 0, -1, 1.5, 2**53 - 1, True, False, [], [1, "a"], {}, {"a": None}]
PROPERTY = 'Quiz: "färg"?\n%s {} , \\'
FIELDS = ("first_name", "last_name", "organization", "title", "locale", "image")
PLACES = ("address1", "address2", "city", "region", "country", "zip")


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    gather.forget()
    yield
    gather.forget()


def people(account: Account, *records: dict[str, Any]) -> list[int]:
    outcome = ingest_profiles(account=account, records=records, at=NOON, cause=Cause.IMPORT)
    assert not outcome.rejected
    return [id_ for id_ in outcome.profile_ids if id_ is not None]


def population(account: Account) -> Population:
    """Everyone, of whom no part is apart."""
    people = everyone(account)
    assert isinstance(people, Population)
    return people


def by_id(crowd: Population, column: Column) -> dict[int, Any]:
    values = [column.get(row) for row in range(len(column))]
    assert len(values) == len(crowd)
    return dict(zip(crowd.ids.tolist(), values, strict=True))


def values_by_id(name: str) -> dict[int, Any]:
    rows = dict(Profile.objects.values_list("pk", name))
    return {k: to_micros(v) if isinstance(v, datetime) else v for k, v in rows.items()}


def test_attributes_are_what_the_rows_hold(shop: Account) -> None:
    records: list[dict[str, Any]] = [{"external_id": "unset"}]
    for n, text in enumerate(TEXTS):
        location: dict[str, Any] = dict.fromkeys(PLACES, text)
        location |= {"latitude": n - 0.1, "longitude": -n / 3, "timezone": "Europe/Stockholm"}
        records.append(
            {
                "external_id": f"p{n}{text}".strip(),
                "email": f"{n}@x.se",
                "phone_number": f"+4670123450{n % 10}" if n < 10 else None,
                "location": location,
                "created": (NOON - timedelta(days=n, microseconds=n)).isoformat(),
                **dict.fromkeys(FIELDS, text),
            }
        )
    people(shop, *records)
    event = {"metric": "Visited", "time": NOON, "profile": {"external_id": "p0"}}
    ingest_events(account=shop, records=[event], at=NOON)
    crowd = all_of(shop)
    names = (*FIELDS, *PLACES, "email", "phone_number", "external_id", "time_zone")
    for name in (*names, "latitude", "longitude", "created", "updated", "last_active"):
        assert by_id(crowd, crowd.attribute(name)) == values_by_id(name), name
    latitudes, longitudes = crowd.coordinates()
    points = Profile.objects.order_by("pk").values_list("point_latitude", "point_longitude")
    expected = np.array(points, dtype=float)
    np.testing.assert_array_equal(np.column_stack([latitudes, longitudes]), expected)


def test_properties_are_what_the_rows_hold(shop: Account) -> None:
    records = [
        {"external_id": f"p{n}", "properties": {PROPERTY: v, "number": n}}
        for n, v in enumerate(VALUES)
    ]
    people(shop, {"external_id": "unset"}, *records, {"external_id": "also unset"})
    crowd = all_of(shop)
    rows = dict(Profile.objects.values_list("pk", "properties"))
    for name in (PROPERTY, "number", "unheard of"):
        column = by_id(crowd, crowd.profile_property(name))
        assert repr(column) == repr({k: v.get(name) for k, v in sorted(rows.items())})


def test_events_are_what_the_rows_hold(shop: Account) -> None:
    values = [None, 0, -1.5, 1e15, 0.1]
    records = [
        {
            "metric": "Placed Order",
            "time": NOON - timedelta(hours=(n * 7) % 11, microseconds=n),
            "value": values[n % len(values)],
            "unique_id": str(n),
            "properties": {PROPERTY: value},
            "profile": {"external_id": f"p{n % 3}"},
        }
        for n, value in enumerate([*VALUES, None])
    ]
    ingest_events(account=shop, records=records, at=NOON)
    ingest_events(account=shop, records=[{**records[0], "metric": "Other"}], at=NOON)
    crowd = all_of(shop)
    events = crowd.events(Metric.objects.get(name="Placed Order").key)
    rows = list(Event.objects.filter(metric__name="Placed Order").order_by("time", "pk"))
    assert crowd.ids[events.who].tolist() == [row.profile_id for row in rows]
    assert events.when.tolist() == [to_micros(row.time) for row in rows]
    expected = [float("nan") if row.value is None else row.value for row in rows]
    np.testing.assert_array_equal(events.values, expected)
    column = events.column(PROPERTY)
    properties = [column.get(row) for row in range(len(rows))]
    assert repr(properties) == repr([row.properties[PROPERTY] for row in rows])
    assert not events.column("unheard of").is_set.any()
    with pytest.raises(UnknownKey):
        crowd.events("nokeyy")


def test_consents_suppressions_and_lists_are_what_the_rows_hold(shop: Account) -> None:
    texts = [None, *TEXTS]
    records: list[dict[str, Any]] = [{"external_id": "unset"}]
    for n, text in enumerate(texts):
        marketing: dict[str, Any] = {
            "consent": ["SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"][n % 3],
            "consent_timestamp": (NOON - timedelta(days=n)).isoformat() if n % 4 else None,
            "method": text,
            "method_detail": text,
            "custom_method_detail": text,
            "double_optin": [None, True, False][n % 3],
        }
        if n % 2:
            marketing["suppression"] = [{"reason": "HARD_BOUNCE", "timestamp": "2026-01-01"}]
        lists = [{"name": "VIP", "joined": f"2026-01-0{n % 9 + 1}"}] if n % 3 else []
        subscriptions = {"email": {"marketing": marketing}}
        records.append({"external_id": f"p{n}", "subscriptions": subscriptions, "lists": lists})
    people(shop, *records)
    crowd = all_of(shop)
    names = ("status", "method", "method_detail", "custom_source", "is_double_opt_in")
    for name in (*names, "status_date", "recorded"):
        rows = dict(Consent.objects.values_list("profile_id", name))
        expected = {
            k: to_micros(v) if isinstance(v := rows.get(k), datetime) else v
            for k in crowd.ids.tolist()
        }
        assert by_id(crowd, crowd.consent("email", name)) == expected, name
    assert not crowd.consent("sms", "status").is_set.any()
    rows = dict(Suppression.objects.values_list("profile_id", "date"))
    dates = by_id(crowd, crowd.suppression("email", "hard_bounce"))
    assert {k: v for k, v in dates.items() if v} == {k: to_micros(v) for k, v in rows.items()}
    group = crowd.group(List.objects.get().key)
    members = ListMember.objects.order_by("profile_id").values_list("profile_id", "joined")
    assert list(zip(crowd.ids[group.profiles].tolist(), group.since.tolist(), strict=True)) == [
        (id_, to_micros(since)) for id_, since in members
    ]
    with pytest.raises(UnknownKey):
        crowd.group("nokeyy")


def test_an_account_without_people_has_empty_columns(shop: Account) -> None:
    crowd = all_of(shop)
    assert len(crowd) == 0
    assert len(crowd.attribute("email")) == len(crowd.profile_property("x")) == 0
    assert len(crowd.consent("email", "status")) == 0


def test_some_are_those_asked_for_and_of_this_account(shop: Account) -> None:
    other = create_account(slug="other")
    a, b, c = people(shop, *({"external_id": n, "title": n} for n in "abc"))
    (theirs,) = people(other, {"external_id": "a", "title": "theirs"})
    for account, person in ((shop, "a"), (shop, "b"), (other, "a")):
        event = {"metric": "Visited", "time": NOON, "profile": {"external_id": person}}
        ingest_events(account=account, records=[event], at=NOON)
    crowd = some(shop, [c, theirs, a, a, 10**15])
    assert crowd.ids.tolist() == [a, c]
    assert by_id(crowd, crowd.attribute("title")) == {a: "a", c: "c"}
    visits = crowd.events(Metric.objects.get(account=shop).key)
    assert crowd.ids[visits.who].tolist() == [a]
    with pytest.raises(UnknownKey):
        crowd.events(Metric.objects.get(account=other).key)
    assert all_of(shop).ids.tolist() == [a, b, c]
    assert len(some(other, [a, b])) == 0


# --- everyone, cached from one read to the next ---


@pytest.mark.django_db(transaction=True)
def test_everyone_is_read_once_until_somebody_changes(shop: Account) -> None:
    other = create_account(slug="other")
    people(shop, {"external_id": "a"})
    first = everyone(shop)
    people(other, {"external_id": "theirs"})
    second = everyone(shop)
    assert second is first
    assert everyone(other).ids.tolist() != first.ids.tolist()
    people(shop, {"external_id": "a", "title": "Dr"})
    assert population(shop).attribute("title").get(0) == "Dr"


@pytest.mark.django_db(transaction=True)
def test_everyone_sees_a_commit_that_began_before_one_already_seen(shop: Account) -> None:
    people(shop, {"external_id": "a"}, {"external_id": "b"})

    def titles() -> dict[Any, Any]:
        crowd = population(shop)
        names = by_id(crowd, crowd.attribute("external_id"))
        titles = by_id(crowd, crowd.attribute("title"))
        return {names[id_]: titles[id_] for id_ in names}

    def in_a_thread(work: Any) -> Any:
        def run() -> Any:
            try:
                return work()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run).result()

    assert titles() == {"a": None, "b": None}
    with transaction.atomic():
        people(shop, {"external_id": "a", "title": "began first"})
        in_a_thread(lambda: people(shop, {"external_id": "b", "title": "committed first"}))
        assert in_a_thread(titles) == {"a": None, "b": "committed first"}
        assert in_a_thread(titles) == {"a": None, "b": "committed first"}
    assert titles() == {"a": "began first", "b": "committed first"}


@pytest.mark.django_db(transaction=True)
def test_the_watermark_moves_with_each_look(shop: Account) -> None:
    people(shop, {"external_id": "a"})
    first = everyone(shop).as_of
    assert everyone(shop).as_of > first
