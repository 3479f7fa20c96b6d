"""Segments of all sorts over the made-up shop, as many as are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from bench.definitions import ALL_TIME, all_of, did, has, near

METRICS = ("Placed Order", "Viewed Product", "Opened Email", "Clicked Email", "Started Checkout")
COUNTRIES = ("Sweden", "Norway", "Denmark", "Germany", "United Kingdom", "United States")


def definitions(most: int) -> Iterator[dict[str, Any]]:
    """The first `most` definitions, the same each time."""
    return islice(_endless(), most)


def _endless() -> Iterator[dict[str, Any]]:
    for turn in count():
        metric = METRICS[turn % len(METRICS)]
        days = (7, 14, 30, 60, 90, 180, 365)[turn % 7]
        times = 1 + turn % 4
        country = has("location['country']", "equals", COUNTRIES[turn % len(COUNTRIES)])
        recent = did(metric, "greater-than-or-equal", times, days)
        total = did("Placed Order", "greater-than", 50 * times, days, measurement="sum")
        never = did("Placed Order", "equals", 0, days)
        yield all_of([recent])
        yield all_of([recent, total], [country])
        yield all_of([never], [did("Viewed Product", "greater-than", times, days)])
        yield all_of([near(100 * (1 + turn % 20)), country], [{"not": recent}])
        yield all_of([_funnel(metric, turn)])
        yield all_of([_email()], [total, never], [recent])
        yield all_of([did(metric, "greater-than", times - 1, turn % 48 + 1, unit="hour")])
        yield all_of([all_of([recent], [country]), all_of([total], [_email()])])


def _funnel(metric: str, turn: int) -> dict[str, Any]:
    return {
        "type": "profile-metric-funnel",
        "timeframe_filter": ALL_TIME,
        "completion_window_seconds": 86_400 * (1 + turn % 9),
        "steps": [
            {"metric_exists": True, "metric": metric},
            {"metric_exists": turn % 2 == 0, "metric": "Placed Order"},
        ],
    }


def _email() -> dict[str, Any]:
    status = {"subscription": "any"}
    consent = {"channel": "email", "can_receive_marketing": True, "consent_status": status}
    return {"type": "profile-marketing-consent", "consent": consent}
