"""The demo data: well-formed facts, the same for a seed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from geopy.distance import great_circle

from profiles.demo import cdnow, made_up_shop
from profiles.demo.cities import CITIES, City
from profiles.demo.seasons import DAYS
from profiles.places import city_point, country_code, postal_code_point

SIZE = 1500
ENDS = datetime(2026, 11, 22, tzinfo=ZoneInfo(made_up_shop.TIME_ZONE))
IDENTIFIERS = ("email", "phone_number", "external_id", "anonymous_id")


@pytest.fixture(scope="module")
def people() -> list[dict[str, Any]]:
    return list(made_up_shop.people(size=SIZE, ends=ENDS))


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return list(made_up_shop.events(size=SIZE, ends=ENDS))


# The facts


def test_the_same_seed_gives_the_same_facts() -> None:
    first = [
        list(made_up_shop.people(size=80, ends=ENDS)),
        list(made_up_shop.events(size=80, ends=ENDS)),
    ]
    again = [
        list(made_up_shop.people(size=80, ends=ENDS)),
        list(made_up_shop.events(size=80, ends=ENDS)),
    ]
    other = list(made_up_shop.people(seed=2, size=80, ends=ENDS))
    assert json.dumps(first) == json.dumps(again)
    assert first[0] != other


def test_fewer_people_are_the_first_of_the_same_people(people: list[dict[str, Any]]) -> None:
    assert list(made_up_shop.people(size=60, ends=ENDS)) == people[:60]


def test_no_two_people_share_an_identifier(people: list[dict[str, Any]]) -> None:
    assert len(people) == SIZE
    for kind in IDENTIFIERS:
        values = [record[kind] for record in people if kind in record]
        assert len(values) == len(set(values)) > 200
    assert all(any(kind in record for kind in IDENTIFIERS) for record in people)


def test_addresses_belong_to_nobody(people: list[dict[str, Any]]) -> None:
    for record in people:
        if "email" in record:
            assert record["email"].endswith(("@example.com", "@example.org", "@example.net"))
            assert record["email"] == record["email"].lower()
            assert record["email"].isascii()
        if "phone_number" in record:
            number = phonenumbers.parse(record["phone_number"])
            assert phonenumbers.is_possible_number(number)
            number_text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            assert number_text == record["phone_number"]


def test_some_people_are_known_by_little(people: list[dict[str, Any]]) -> None:
    for missing in ("email", "phone_number", "location", "first_name"):
        assert 30 < sum(missing not in record for record in people) < 1200


def test_city_region_country_and_postcode_go_together(people: list[dict[str, Any]]) -> None:
    all_places = {
        (city.name, city.region, city.country, zip_code, city.zone)
        for city in CITIES
        for zip_code in (*city.zips, None)
    }
    for record in people:
        place = record.get("location")
        if place is not None and "city" in place:
            assert (
                place["city"],
                place["region"],
                place["country"],
                place.get("zip"),
                place["timezone"],
            ) in all_places
            ZoneInfo(place["timezone"])


@pytest.mark.parametrize("city", CITIES, ids=lambda city: f"{city.name}, {city.region}")
def test_a_city_is_where_the_maps_have_it(city: City) -> None:
    centre = (city.latitude, city.longitude)
    mapped = city_point(city.name, city.region, city.country)
    assert mapped is not None
    assert great_circle(centre, mapped).km < 10
    for zip_code in city.zips:
        mapped = postal_code_point(country_code(city.country), zip_code)
        assert mapped is not None, zip_code
        assert great_circle(centre, mapped).km < 15, zip_code


def test_every_event_is_well_formed(
    people: list[dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    assert len({event["unique_id"] for event in events}) == len(events)
    identifiers = {kind: {record.get(kind) for record in people} for kind in IDENTIFIERS}
    start = ENDS - timedelta(days=DAYS + 1)
    for event in events:
        assert set(event) == {"metric", "time", "value", "unique_id", "properties", "profile"}
        ((kind, value),) = event["profile"].items()
        assert value in identifiers[kind]
        assert start < datetime.fromisoformat(event["time"]) < ENDS
        assert event["value"] is None or event["value"] > 0


def test_every_metric_occurs(events: list[dict[str, Any]]) -> None:
    counts = Counter(event["metric"] for event in events)
    assert set(counts) == {
        "Received Email",
        "Opened Email",
        "Clicked Email",
        "Bounced Email",
        "Marked Email as Spam",
        "Unsubscribed",
        "Active on Site",
        "Viewed Product",
        "Added to Cart",
        "Started Checkout",
        "Placed Order",
        "Ordered Product",
        "Refunded Order",
        "Cancelled Order",
        "Submitted Form",
        "Received SMS",
        "Clicked SMS",
    }
    assert min(counts.values()) >= 3


def test_orders_say_what_was_bought(events: list[dict[str, Any]]) -> None:
    orders = [event for event in events if event["metric"] == "Placed Order"]
    lines = Counter(
        event["properties"]["Order ID"] for event in events if event["metric"] == "Ordered Product"
    )
    for order in orders:
        properties = order["properties"]
        assert len(properties["Items"]) == lines[properties["Order ID"]]
        assert properties["Item Count"] >= len(properties["Items"])
        assert properties["Currency"] == "EUR"
        assert ("Discount Code" in properties) == ("Discount Value" in properties)
    with_code = sum("Discount Code" in order["properties"] for order in orders)
    assert 0 < with_code < len(orders) / 2


def test_a_big_share_of_opens_is_made_by_machines(events: list[dict[str, Any]]) -> None:
    opens = Counter(
        event["properties"]["Apple Privacy Open"]
        for event in events
        if event["metric"] == "Opened Email"
    )
    assert set(opens) == {True, False}
    assert 0.3 < opens[True] / opens.total() < 0.65


def test_consents_differ(people: list[dict[str, Any]]) -> None:
    statuses: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    methods: Counter[str] = Counter()
    for record in people:
        for channel, consent in record["subscriptions"].items():
            marketing = consent["marketing"]
            statuses[channel, marketing["consent"]] += 1
            reasons.update(entry["reason"] for entry in marketing.get("suppression", []))
            methods[marketing.get("method", "none")] += 1
    for status in ("SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"):
        assert statuses["email", status] > 50
    for channel, status in (
        ("sms", "SUBSCRIBED"),
        ("sms", "UNSUBSCRIBED"),
        ("mobile_push", "SUBSCRIBED"),
        ("whatsapp", "SUBSCRIBED"),
    ):
        assert statuses[channel, status] > 5
    assert set(reasons) == {
        "HARD_BOUNCE",
        "USER_SUPPRESSED",
        "INVALID_EMAIL",
        "SPAM_COMPLAINT",
        "UNSUBSCRIBE",
    }
    assert {"FORM", "API", "MANUAL_IMPORT", "INTEGRATION", "CHECKOUT"} <= set(methods)


def test_a_leap_day_is_somebody_s_birthday(people: list[dict[str, Any]]) -> None:
    days = [record["properties"].get("Birthday", "") for record in people]
    assert sum(day.endswith("-02-29") for day in days) > 3
    for day in filter(None, days):
        datetime.fromisoformat(day)


def test_an_offer_was_sent_in_the_last_two_weeks_whatever_day_it_is() -> None:
    for day in range(0, 400, 13):
        ends = ENDS + timedelta(days=day)
        since = (ends - timedelta(days=14)).astimezone(UTC)
        codes = [
            event["properties"]["Discount Code"]
            for event in made_up_shop.events(size=25, ends=ends)
            if event["metric"] == "Received Email"
            and "Discount Code" in event["properties"]
            and datetime.fromisoformat(event["time"]) >= since
        ]
        assert codes


# The purchase log


def find(facts: list[dict[str, Any]], by: str, value: str) -> dict[str, Any]:
    return next(fact for fact in facts if fact.get(by) == value)


def test_the_purchase_log_is_whole() -> None:
    orders = list(cdnow.events(ends=datetime(2026, 11, 22, tzinfo=UTC), shift=False))
    customers = list(cdnow.people(ends=datetime(2026, 11, 22, tzinfo=UTC), shift=False))
    assert len(orders) == len({order["unique_id"] for order in orders}) == 69_659
    assert len(customers) == len({person["external_id"] for person in customers}) == 23_570
    assert {order["profile"]["external_id"] for order in orders} == {
        person["external_id"] for person in customers
    }
    assert sum(order["value"] == 0 for order in orders) == 80
    assert min(order["time"] for order in orders) == "1997-01-01T00:00:00+00:00"
    assert max(order["time"] for order in orders) == "1998-06-30T00:00:00+00:00"
    first = find(orders, "unique_id", "cdnow-1")
    assert first["value"] == 11.77
    assert first["properties"] == {"Quantity": 1}
    assert find(customers, "external_id", "00002")["created"] == "1997-01-12T00:00:00+00:00"


def test_shifted_by_whole_days_the_log_ends_yesterday() -> None:
    ends = datetime(2026, 11, 22, tzinfo=UTC)
    unshifted = list(cdnow.events(ends=ends, shift=False))
    shifted = list(cdnow.events(ends=ends))
    assert max(order["time"] for order in shifted) == "2026-11-21T00:00:00+00:00"
    moves = {
        datetime.fromisoformat(after["time"]) - datetime.fromisoformat(before["time"])
        for before, after in zip(unshifted, shifted, strict=True)
    }
    assert len(moves) == 1
    created = {person["external_id"]: person["created"] for person in cdnow.people(ends=ends)}
    assert all(created[order["profile"]["external_id"]] <= order["time"] for order in shifted)
