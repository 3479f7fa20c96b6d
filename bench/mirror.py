"""Making the mirror and bringing it up to date: `python -m bench mirror`.

On the large shop. "Refresh" is what a process does that has read the columns before: 10,000 new
events of as many people are stored, and the next count of a segment sees them. What is stored for
it is deleted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection

from bench.parts import LIMIT, Target
from bench.store import Store
from profiles.columns import gather
from profiles.columns.mirror import compaction, upkeep
from profiles.ingest.store import ingest_events
from profiles.models import Event, ProfileChange
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now

NEW = 10_000
TURNS = 5
MARK = "bench-mirror-"
METRIC = "Viewed Product"
BUILT = "mirror built from PostgreSQL"
REFRESHED = f"refresh after {NEW:,} new events"
TARGETS = {
    BUILT: Target(most=120),
    REFRESHED: Target(most=200),
}


def measure(store: Store) -> Iterator[tuple[Any, ...]]:
    """Yield figures for the shop in the store."""
    account = store.account
    started = perf_counter()
    row = upkeep.build(account, now())
    if row is None:
        raise AssertionError("somebody else is making the mirror")
    yield BUILT, perf_counter() - started, "s"
    yield BUILT, _read_seconds(account), "s", LIMIT
    yield "mirror, its files", sum(each["bytes"] for each in row.files) / 1e6, "MB"
    gather.forget()
    started = perf_counter()
    gather.everyone(account)
    yield "mirror opened by a process, every file verified", perf_counter() - started, "s"
    forget_events(store, MARK)  # of a run that was killed
    try:
        times = [_refreshed(account, turn) for turn in range(TURNS)]
        yield REFRESHED, median(times), "ms"
        started = perf_counter()
        compaction.compact(account, now())
        yield f"compaction with {TURNS * NEW:,} new events", perf_counter() - started, "s"
    finally:
        forget_events(store, MARK)
    upkeep.build(account, now())


def _read_seconds(account: Account) -> float:
    """How long PostgreSQL's own COPY takes to give out the same events."""
    started = perf_counter()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY (SELECT id, profile_id, metric_id, time, value, properties FROM profiles_event"
            f" WHERE account_id = {account.pk}) TO STDOUT (FORMAT binary)"
        ) as copy,
    ):
        for _block in copy:
            pass
    return perf_counter() - started


def _refreshed(account: Account, turn: int) -> float:
    """Milliseconds until a process knows of new events."""
    ids = gather.everyone(account).ids
    sample = Random(turn).sample(ids.tolist(), NEW)
    store_events(account, sample, f"{MARK}{turn}-")
    started = perf_counter()
    people = gather.everyone(account)
    duration = (perf_counter() - started) * 1000
    if len(people.parts) < 2:
        raise AssertionError("nobody is seen to have changed")
    return duration


def store_events(account: Account, ids: list[int], mark: str) -> None:
    """Store an event of each of these people, with a property and a unique_id of this mark."""
    at = now()
    for start in range(0, len(ids), 5_000):
        events = [
            {
                "metric": METRIC,
                "time": at - timedelta(seconds=place % 3_600),
                "unique_id": f"{mark}{start + place}",
                "properties": {"Item": "Linen shirt", "Price": 49},
                "profile": {"id": str(id_)},
            }
            for place, id_ in enumerate(ids[start : start + 5_000])
        ]
        outcome = ingest_events(account=account, records=events, at=at)
        if outcome.rejected:
            raise AssertionError(outcome.rejected[0])


def forget_events(store: Store, mark: str) -> None:
    """Delete what `store_events` stored, also in a run that was killed, and all changes."""
    Event.objects.filter(
        account=store.account,
        metric__name=METRIC,
        time__gte=store.at - timedelta(hours=1),
        unique_id__startswith=mark,
    ).delete()
    ProfileChange.objects.filter(account=store.account).delete()
    gather.forget()
