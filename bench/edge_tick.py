"""A midnight at which 10,000 people flip: `.venv/bin/python -m bench edge_tick`.

Their events leave a window of 30 days at one midnight of the account, in a shop of so many people
besides. The parts: find who crossed the edge, write changes for them, evaluate and write
membership until nobody is left to do. One process, as a worker's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from time import perf_counter
from typing import Any

from bench.definitions import did
from bench.preview import fill_shop
from profiles import changes
from profiles.ingest.parse import FILE_TIMES
from profiles.ingest.store import ingest_events
from profiles.models import ProfileChange
from segmenter.accounts.models import Account, create_account
from segments.engine import edges
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.live import follow, handle_changes
from segments.engine.queries import resolve_names
from segments.models import Build, Segment

FLIPPING = 10_000
BATCH = 5_000
DAYS = 30
MINUTE = timedelta(minutes=1)


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit)."""
    account = create_account(slug="bench-edge", time_zone="Europe/Stockholm")
    fill_shop(account, people)
    today = datetime.now(account.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = (today + timedelta(days=2)).replace(tzinfo=account.zone)
    last_day = midnight - timedelta(days=DAYS + 1)  # the first that the window lacks from then on
    _let_them_act(account, last_day + timedelta(hours=12))
    before = midnight - MINUTE
    definitions: dict[str, list[dict[str, Any]]] = {
        "Lately": [did("Flips", "greater-than-or-equal", 1, DAYS)],
        "Not lately": [{"not": did("Flips", "greater-than-or-equal", 1, DAYS)}],
    }
    for name, conditions in definitions.items():
        save_segment(
            account=account,
            user=None,
            name=name,
            definition=resolve_names(account, {"condition_groups": [{"conditions": conditions}]}),
            at=before,
        )
    for build in Build.objects.filter(segment__account=account, finished=None).order_by("pk"):
        run_build(build.pk, before)
    ProfileChange.objects.filter(account=account).update(handled=before)
    follow(account, before)
    _expect(account, "Lately", FLIPPING)

    import_module("pandas")  # Arrow loads it once in a process, a worker's before its first task

    write_seconds, record = [0.0], changes.record

    def timed(*arguments: Any, **keywords: Any) -> None:
        began = perf_counter()
        record(*arguments, **keywords)
        write_seconds[0] += perf_counter() - began

    changes.record = timed
    started = perf_counter()
    count = edges.advance(account, midnight)
    advance = perf_counter() - started
    changes.record = record
    started = perf_counter()
    handled = 0
    while batch := handle_changes(account, midnight):
        handled += batch
    follow_up = perf_counter() - started
    if not count == handled == FLIPPING:
        raise AssertionError(f"{count} found, {handled} handled")
    _expect(account, "Lately", 0)

    name = f"edge tick, {FLIPPING:,} people from one segment to another"
    yield f"{name}: find them", (advance - write_seconds[0]) * 1000, "ms"
    yield f"{name}: write changes", write_seconds[0] * 1000, "ms"
    yield f"{name}: evaluate and write", follow_up * 1000, "ms"
    yield f"{name}: all", (advance + follow_up) * 1000, "ms"


def _let_them_act(account: Account, time: datetime) -> None:
    for first in range(0, FLIPPING, BATCH):
        events = [
            {
                "metric": "Flips",
                "time": time.astimezone(UTC),
                "unique_id": "flip",
                "profile": {"external_id": f"flip-{number}"},
            }
            for number in range(first, min(first + BATCH, FLIPPING))
        ]
        outcome = ingest_events(account=account, records=events, at=time, times=FILE_TIMES)
        if outcome.rejected:
            raise AssertionError(outcome.rejected[0])


def _expect(account: Account, name: str, size: int) -> None:
    actual = Segment.objects.get(account=account, name=name).size
    if actual != size:
        raise AssertionError(f"{name} has {actual} members, not {size}")
