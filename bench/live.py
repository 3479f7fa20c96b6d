"""How fast changed people reach their segments: `.venv/bin/python -m bench live`.

The made-up demo shop with 200 segments of all sorts. A thousand people get an event each, and the
live path reads them from rows, evaluates the segments and writes who entered and left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

from bench.preview import fill_shop
from bench.shop_segments import definitions
from profiles.ingest.store import ingest_events
from profiles.models import Profile, ProfileChange
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.live import follow, handle_changes
from segments.engine.queries import resolve_names
from segments.models import Build, MembershipChange

SEGMENTS = 200
CHANGED = 1_000
ROUNDS = 7


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for a shop of so many people."""
    account = create_account(slug="bench-live", time_zone="Europe/Stockholm")
    fill_shop(account, people)
    ProfileChange.objects.update(handled=now())
    started = perf_counter()
    for number, definition in enumerate(definitions(SEGMENTS)):
        save_segment(
            account=account,
            user=None,
            name=f"Segment {number}",
            definition=resolve_names(account, definition),
            at=now(),
        )
    for build in Build.objects.filter(finished=None).order_by("pk"):
        run_build(build.pk, now())
    yield f"{SEGMENTS} segments saved and built", perf_counter() - started, "s"
    follow(account, now())
    ids = list(Profile.objects.filter(account=account).values_list("pk", flat=True)[:CHANGED])
    times, flips = [], 0
    for turn in range(ROUNDS):
        _change(account, ids, turn)
        before = MembershipChange.objects.count()
        started = perf_counter()
        handled = handle_changes(account, now())
        times.append((perf_counter() - started) * 1000)
        if handled != len(ids):
            raise AssertionError(f"{handled} of {len(ids)} changes were handled")
        flips += MembershipChange.objects.count() - before
    name = f"{len(ids):,} changed people against {SEGMENTS} segments"
    yield f"{name}: first", times[0], "ms"
    yield f"{name}: again", median(times[1:]), "ms"
    yield "memberships that changed, in all rounds", flips, "rows"


def _change(account: Account, ids: list[int], turn: int) -> None:
    at = now()
    metric = ("Placed Order", "Viewed Product", "Opened Email")[turn % 3]
    events: list[dict[str, Any]] = [
        {
            "metric": metric,
            "time": (at - timedelta(seconds=place)).isoformat(),
            "value": 10 + place % 90,
            "unique_id": f"{turn}-{place}",
            "profile": {"id": id_},
        }
        for place, id_ in enumerate(ids)
    ]
    outcome = ingest_events(account=account, records=events, at=at)
    if outcome.rejected:
        raise AssertionError(outcome.rejected[0])
