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

from bench.definitions import ALL_TIME, all_of, did, has, near
from profiles.columns import gather
from profiles.demo import made_up_shop
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segments.definition.codec import decode
from segments.engine.preview import preview
from segments.engine.queries import resolve_names

AGAIN = 15
BATCH = 5_000


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for a shop of so many people."""
    account = create_account(slug="bench-shop", time_zone="Europe/Stockholm")
    started = perf_counter()
    events = fill_shop(account, people)
    duration = perf_counter() - started
    yield f"made-up shop, {people:,} people drawn and stored", duration, "s"
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
            result = preview(account, tree, now())
            times.append((perf_counter() - started) * 1000)
            counts.add(result.count)
        if len(counts) != 1 or not 0 < min(counts) < people:
            raise AssertionError(f"{name}: {counts} of {people} people")
        yield f"preview, {name} ({min(counts):,} people): first", times[0], "ms"
        yield f"preview, {name}: again", median(times[1:]), "ms"


def fill_shop(account: Account, people: int) -> int:
    """Store the made-up shop of `people` people; return how many events they have."""
    ends = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    _fill(account, made_up_shop.people(size=people, ends=ends), ingest_profiles)
    return _fill(
        account, made_up_shop.events(size=people, ends=ends), ingest_events, times=FILE_TIMES
    )


def _fill(account: Account, records: Iterator[dict[str, Any]], ingest: Any, **more: Any) -> int:
    count = 0
    while batch := list(islice(records, BATCH)):
        outcome = ingest(account=account, records=batch, at=now(), **more)
        if outcome.rejected:
            raise AssertionError(outcome.rejected[0])
        count += outcome.accepted
    return count


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
    "one condition": all_of([did("Placed Order", _MORE, 1, 180)]),
    "a property of events": all_of([did("Viewed Product", _MORE, 2, 365, metric_filters=[_NAMED])]),
    "a funnel of three steps": all_of([_FUNNEL]),
    "a distance": all_of([near(3_000)]),
    "twelve conditions, nested": all_of(
        [did("Placed Order", _MORE, 1, 365), did("Placed Order", _MORE, 100, None, **_SPENT)],
        [
            all_of(
                [did("Opened Email", _MORE, 3, 90), did("Clicked Email", _MORE, 1, 90)],
                [{"not": did("Received Email", _LESS, 1, 365)}],
            ),
            all_of(
                [did("Viewed Product", _MORE, 5, 60)], [near(2_000), has(_COLOUR, "in", ["Red"])]
            ),
        ],
        [
            _EMAIL,
            has("location['country']", "equals", "Sweden"),
            {"not": all_of([did("Started Checkout", "equals", 0, None)], [_FUNNEL])},
        ],
    ),
}
