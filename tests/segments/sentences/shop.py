"""A small shop with names and values that sentences mention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from profiles.columns.gather import forget
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import List
from segmenter.accounts.models import Account, create_account
from segments.models import Segment
from tests.fixtures.cast import AT

METRICS = (
    *("Placed Order", "Ordered Product", "Viewed Product", "Added to Cart", "Started Checkout"),
    *("Opened Email", "Clicked Email", "Received Email", "Active on Site", "Submitted Form"),
)
PRODUCTS = ("Linen Shorts", "Red Shirt", "Wool Socks")
PEOPLE = (
    ("Boston", "United States", "red", 41, True),
    ("Stockholm", "Sweden", "blue", 38, False),
    ("Oslo", "Norway", "dark red", 44, True),
    ("Warszawa", "Poland", "green", 39, False),
    ("Copenhagen", "Denmark", "blue", 40, False),
)


def make_shop() -> Account:
    account = create_account(slug="words", time_zone="Europe/Stockholm")
    people = [
        {
            "email": f"person{i}@example.com",
            "first_name": "Ann",
            "location": {"city": city, "country": country},
            "properties": {
                "Favourite colour": colour,
                "Shoe size": size,
                "Loyalty member": is_member,
                "Birthday": "1990-05-04",
            },
        }
        for i, (city, country, colour, size, is_member) in enumerate(PEOPLE)
    ]
    ingest_profiles(account=account, records=people, at=AT)
    events = [
        {
            "metric": metric,
            "time": "2026-02-01T10:00:00Z",
            "unique_id": f"{metric} {i}",
            "value": 100,
            "profile": {"email": f"person{i}@example.com"},
            "properties": _properties(metric, i),
        }
        for metric in METRICS
        for i in range(3)
    ]
    ingest_events(account=account, records=events, at=AT)
    for key, name in (("News12", "Newsletter"), ("Vip123", "VIP"), ("Alum12", "Alumni")):
        List.objects.create(account=account, key=key, name=name, created=AT, updated=AT)
    Segment.objects.create(
        account=account, key="Big123", name="Big spenders", definition={}, created=AT, updated=AT
    )
    return account


def _properties(metric: str, i: int) -> dict[str, Any]:
    if metric in {"Ordered Product", "Viewed Product", "Added to Cart"}:
        return {"Name": PRODUCTS[i]}
    if "Email" in metric:
        return {"Campaign Name": ("Spring sale", "Black Friday", "Winter")[i]}
    return {}


@pytest.fixture(scope="module")
def words_shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Account]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_shop()
        transaction.set_rollback(True)
    forget()
