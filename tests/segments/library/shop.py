"""A small shop with orders, e-mails and products, in Sweden."""

from __future__ import annotations

from typing import Any

import pytest

from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT

Json = dict[str, Any]


def event(metric: str, who: str, time: str, value: float | None = None, **properties: Any) -> Json:
    return {
        "metric": metric,
        "time": time,
        "value": value,
        "unique_id": f"{metric}-{who}-{time}",
        "properties": {name.replace("_", " "): text for name, text in properties.items()},
        "profile": {"email": f"{who}@example.com"},
    }


def fill(account: Account) -> None:
    """Anna ordered for 30 and 90, Bo for 180; Cilla reads e-mails; Dag has done nothing."""
    people = [
        ("anna", {"city": "Falun", "region": "Dalarna", "country": "SE"}, {"Tags": ["VIP"]}),
        ("bo", {"city": "Falun", "country": "Sweden"}, {"Role": "Buyer", "Title": "Chef"}),
        ("cilla", {"city": "Mora", "country": "US"}, {"Interests": ["music"]}),
        ("dag", {}, {}),
    ]
    records = [
        {
            "email": f"{name}@example.com",
            "location": location,
            "properties": properties,
            "lists": [{"name": "Nyhetsbrev"}] if name == "cilla" else [],
        }
        for name, location, properties in people
    ]
    ingest_profiles(account=account, records=records, at=AT)
    events = [
        event("placed order", "anna", "2026-02-01T09:00:00Z", 30),
        event("placed order", "anna", "2026-02-20T09:00:00Z", 90),
        event("placed order", "bo", "2025-11-29T09:00:00Z", 180),
        event("Ordered Product", "anna", "2026-02-01T09:00:00Z", 30, Name="Tea"),
        event("Ordered Product", "bo", "2025-11-29T09:00:00Z", 180, Name="Cup"),
        event("Ordered Product", "bo", "2025-11-29T09:00:01Z", 180, Name="Tea"),
        event("Received Email", "cilla", "2026-02-01T09:00:00Z", Campaign_Name="Older"),
        event("Received Email", "cilla", "2026-02-02T09:00:00Z", Campaign_Name="Latest"),
        *(event("Opened Email", "cilla", f"2026-02-{d}T09:00:00Z") for d in ("03", "04", "05")),
        event("Clicked Email", "cilla", "2026-02-05T09:00:00Z"),
    ]
    ingest_events(account=account, records=events, at=AT)


@pytest.fixture
def filled(account: Account) -> Account:
    fill(account)
    return account
