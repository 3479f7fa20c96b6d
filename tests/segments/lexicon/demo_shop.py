"""A small part of the demo's shop, once for a module of tests, and conditions in short words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pytest
from django.db import transaction

from profiles.columns.gather import forget
from profiles.demo import made_up_shop
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account, create_account
from segments.engine.vocabulary import Catalog
from tests.fixtures.cast import AT

SIZE = 100


def load_demo_shop() -> Account:
    """The people of the demo's shop with their events, in an account of its own."""
    slug = "lexicon-shop"
    account = create_account(slug=slug, time_zone=made_up_shop.TIME_ZONE)
    ends = AT.astimezone(account.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    people = list(made_up_shop.people(size=SIZE, ends=ends))
    ingest_profiles(account=account, records=people, at=AT)
    events = made_up_shop.events(size=SIZE, ends=ends)
    while batch := list(islice(events, 10_000)):
        ingest_events(account=account, records=batch, at=AT, times=FILE_TIMES)
    spam = {
        "metric": "Marked Email as Spam",
        "time": "2026-02-01T10:00:00Z",
        "unique_id": "spam",
        "profile": {"email": "somebody@example.com"},
    }
    ingest_events(account=account, records=[spam], at=AT)
    return account


@pytest.fixture(scope="module")
def demo_shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Account]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo_shop()
        transaction.set_rollback(True)
    forget()


def in_short(fragment: Mapping[str, Any], catalog: Catalog) -> str:
    """A condition in a few words: what it is about, not its values."""
    if not fragment:
        return "-"
    match fragment:
        case {"type": "profile-metric", "metric_id": key, "metric_filters": [first, *_]}:
            return f"where {catalog.metric(key)} {first['property']}"
        case {"type": "profile-metric", "measurement_filter": {"operator": "equals", "value": 0}}:
            return f"never {catalog.metric(fragment['metric_id'])}"
        case {"type": "profile-metric", "measurement": "count", "metric_id": key}:
            return f"event {catalog.metric(key)}"
        case {"type": "profile-metric", "measurement": measurement, "metric_id": key}:
            return f"{measurement} {catalog.metric(key)}"
        case {"type": "profile-metric-ratio", "numerator": {"metric_id": key}}:
            return f"ratio {catalog.metric(key)}"
        case {"type": "profile-metric-funnel", "steps": [{"metric_id": key}, *_]}:
            return f"funnel {catalog.metric(key)}"
        case {"type": "profile-marketing-consent", "consent": consent}:
            return f"consent {consent['channel']} {consent['consent_status']['subscription']}"
        case {"type": "profile-property", "property": "location['country']", "filter": test}:
            value = test.get("value", "")
            return f"country {value if isinstance(value, str) else value[0]}"
        case {"type": "profile-property", "property": path}:
            name = path.removeprefix("properties['").removesuffix("']")
            return (
                f"property {name}" if name != path and "location" not in path else f"field {path}"
            )
        case {"type": "profile-predictive-analytics", "dimension": dimension}:
            return f"prediction {dimension}"
        case {"type": "profile-group-membership", "group_ids": [key]}:
            return f"group {catalog.group(key)}"
        case {"type": "profile-location-distance", "label": place}:
            return f"near {place.split(',')[0]}"
        case {"type": "profile-region", "region": region}:
            return f"region {region}"
    kind = fragment["type"].removeprefix("profile-")
    return {
        "location-distance": "near",
        "group-membership": "group",
        "metric-funnel": "funnel",
    }.get(kind, kind)
