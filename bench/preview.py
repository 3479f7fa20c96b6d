"""How soon a count is there: `.venv/bin/python -m bench preview`.

The made-up demo shop (5,000 people, 290,000 events; `--size small`: a tenth), counted as the
builder counts it: every condition and group by itself, too. "First" reads the columns from the
database, as after a change; "again" is the median of 15 more while nobody has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

from profiles.columns import gather
from profiles.demo import made_up_shop
from profiles.ingest import ingest_events, ingest_profiles
from profiles.records import FILE_TIMES
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segments.definition.codec import decode
from segments.insight.preview import preview
from segments.queries import resolve_names

AGAIN = 15
BATCH = 5_000
ALL_TIME = {"type": "date", "operator": "alltime"}


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for a shop of so many people."""
    account = create_account(slug="bench-shop", time_zone="Europe/Stockholm")
    ends = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    started = perf_counter()
    _fill(account, made_up_shop.people(size=people, ends=ends), ingest_profiles)
    events = _fill(
        account, made_up_shop.events(size=people, ends=ends), ingest_events, times=FILE_TIMES
    )
    taken = perf_counter() - started
    yield f"made-up shop, {people:,} people drawn and stored", taken, "s"
    yield "made-up shop, its events", events, "events"
    whole = decode(resolve_names(account, DEFINITIONS["one condition"]))
    started = perf_counter()
    preview(account, whole, now())
    yield "preview, the very first of a process", (perf_counter() - started) * 1000, "ms"
    for name, definition in DEFINITIONS.items():
        tree = decode(resolve_names(account, definition))
        gather.forget()
        times, counts = [], set()
        for _ in range(AGAIN + 1):
            started = perf_counter()
            found = preview(account, tree, now())
            times.append((perf_counter() - started) * 1000)
            counts.add(found.count)
        if len(counts) != 1 or not 0 < min(counts) < people:
            raise AssertionError(f"{name}: {counts} of {people} people")
        yield f"preview, {name} ({min(counts):,} people): first", times[0], "ms"
        yield f"preview, {name}: again", median(times[1:]), "ms"


def _fill(account: Account, records: Iterator[dict[str, Any]], ingest: Any, **more: Any) -> int:
    stored = 0
    while batch := list(islice(records, BATCH)):
        outcome = ingest(account=account, records=batch, at=now(), **more)
        if outcome.rejected:
            raise AssertionError(outcome.rejected[0])
        stored += outcome.accepted
    return stored


def _did(metric: str, operator: str, value: float, days: int | None, **more: Any) -> dict[str, Any]:
    last = {"type": "date", "operator": "in-the-last", "unit": "day", "quantity": days}
    return {
        "type": "profile-metric",
        "metric": metric,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": operator, "value": value},
        "timeframe_filter": ALL_TIME if days is None else last,
        **more,
    }


def _is(name: str, operator: str, value: Any, type_: str = "string") -> dict[str, Any]:
    told = {"type": type_, "operator": operator, "value": value}
    return {"type": "profile-property", "property": name, "filter": told}


def _near(kilometers: float) -> dict[str, Any]:
    return {
        "type": "profile-location-distance",
        "latitude": 42.36,
        "longitude": -71.06,
        "label": "Boston",
        "unit": "kilometers",
        "filter": {"type": "numeric", "operator": "less-than", "value": kilometers},
    }


def _all(*groups: list[Any]) -> dict[str, Any]:
    return {"condition_groups": [{"conditions": group} for group in groups]}


_MORE, _LESS = "greater-than-or-equal", "less-than"
_SPENT = {"measurement": "sum"}
_COLOUR = "properties['Favourite colour']"
_NAMED = {"property": "Category", "filter": {"type": "existence", "operator": "is-set"}}
_FUNNEL = {
    "type": "profile-metric-funnel",
    "timeframe_filter": ALL_TIME,
    "completion_window_seconds": "WEEKS_1",
    "steps": [
        {"metric_exists": True, "metric": "Viewed Product"},
        {"metric_exists": True, "metric": "Started Checkout"},
        {"metric_exists": False, "metric": "Placed Order"},
    ],
}
_EMAIL = {
    "type": "profile-marketing-consent",
    "consent": {
        "channel": "email",
        "can_receive_marketing": True,
        "consent_status": {"subscription": "any"},
    },
}
DEFINITIONS: dict[str, dict[str, Any]] = {
    "one condition": _all([_did("Placed Order", _MORE, 1, 180)]),
    "a property of events": _all([_did("Viewed Product", _MORE, 2, 365, metric_filters=[_NAMED])]),
    "a funnel of three steps": _all([_FUNNEL]),
    "a distance": _all([_near(3_000)]),
    "twelve conditions, nested": _all(
        [_did("Placed Order", _MORE, 1, 365), _did("Placed Order", _MORE, 100, None, **_SPENT)],
        [
            _all(
                [_did("Opened Email", _MORE, 3, 90), _did("Clicked Email", _MORE, 1, 90)],
                [{"not": _did("Received Email", _LESS, 1, 365)}],
            ),
            _all(
                [_did("Viewed Product", _MORE, 5, 60)], [_near(2_000), _is(_COLOUR, "in", ["Red"])]
            ),
        ],
        [
            _EMAIL,
            _is("location['country']", "equals", "Sweden"),
            {"not": _all([_did("Started Checkout", "equals", 0, None)], [_FUNNEL])},
        ],
    ),
}
