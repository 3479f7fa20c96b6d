"""The large shop of the benchmarks: the same from the same seed, and whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from django.db import connection

from bench.large_shop import catalogue, tables
from bench.large_shop.draw import DAY, Shop
from bench.large_shop.load import load
from profiles.models import Event, Metric, Profile

ENDS = datetime(2026, 10, 1, tzinfo=UTC)


def test_the_same_seed_draws_the_same() -> None:
    one, two = (Shop(500, 10_000, ENDS, seed=7).event_chunk(0) for _ in range(2))
    other = Shop(500, 10_000, ENDS, seed=8).event_chunk(0)
    assert np.array_equal(one.times, two.times)
    assert not np.array_equal(one.times, other.times)


def test_events_come_in_the_order_received_and_end_before_the_end() -> None:
    shop = Shop(500, 10_000, ENDS)
    events = shop.event_chunk(0)
    assert len(events) == 10_000
    assert (np.diff(events.received) >= 0).all()
    assert events.times.max() < shop.end
    late = events.received - events.times > DAY
    assert 0.002 < late.mean() < 0.02


def test_few_do_most_and_lately() -> None:
    shop = Shop(2_000, 40_000, ENDS)
    events = shop.event_chunk(0)
    each = np.sort(np.bincount(events.profiles, minlength=2_000))
    assert each[-200:].sum() > 0.4 * each.sum()
    assert (events.times > shop.end - 365 * DAY).mean() > 0.5


def test_json_says_what_the_typed_columns_say() -> None:
    events = Shop(500, 10_000, ENDS).event_chunk(0)
    typed = tables.event_table(events, 1).to_pylist()
    names = {
        "Item": "item",
        "Price": "price",
        "Seconds": "seconds",
        "Quantity": "quantity",
        "Items": "items",
        "Item count": "item_count",
        "Campaign": "campaign",
        "Search term": "search_term",
        "Discount code": "discount_code",
    }
    for row, text in zip(typed, tables.event_json(events).to_pylist(), strict=True):
        values = json.loads(text)
        assert {name: row[column] for name, column in names.items() if row[column] is not None} == {
            name: values[name] for name in names if name in values
        }


@pytest.mark.django_db
def test_a_loaded_shop_is_what_ingest_would_have_left(tmp_path: Path) -> None:
    before = _indexes()
    account = load(Shop(300, 6_000, ENDS), tmp_path / "parquet", lambda text: None)
    assert _indexes() == before
    assert Event.objects.filter(account=account).count() == 6_000
    ordered = Metric.objects.get(account=account, name=catalogue.METRICS[catalogue.ORDERED])
    assert Event.objects.filter(metric=ordered, properties__has_key="Items").exists()
    assert Profile.objects.filter(account=account).count() == 300
    busiest = Event.objects.filter(account=account).order_by("time").first()
    assert busiest is not None
    assert Profile.objects.get(pk=busiest.profile_id).first_active == busiest.time


def _indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'profiles_%' ORDER BY indexdef"
        )
        return [row[0] for row in cursor.fetchall()]
