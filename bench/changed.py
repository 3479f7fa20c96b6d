"""Changed people and new segments in a large account: `python -m bench changed`.

The large shop with 200 live segments, which lie as after a quiet hour. So many people get an event
each; the live path reads what is known of them, evaluates the segments that read it, and writes who
entered and left. And a new segment with about 300,000 members, from the click on "save" to
membership that can be read. What is stored for it is deleted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from bench.against_peers import mirrored
from bench.definitions import all_of, did
from bench.mirror import forget_events, store_events
from bench.parts import Target
from bench.rows import settle
from bench.shop_segments import definitions
from bench.store import Store
from profiles.models import Profile, ProfileChange
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.engine.build import delete_segment, run_build, save_segment
from segments.engine.live import follow, handle_changes
from segments.models import Build, MembershipChange, Segment
from segments.queries import resolve_names

MARK = "bench-changed-"
LIVE = 200
ROUNDS = 7
THREE_TENTHS = all_of([did("Opened Email", "greater-than-or-equal", 1, 190)])
"""About so many of everyone match."""
THOUSAND = f"1,000 changed people against {LIVE} segments"
ONE = f"one changed person against {LIVE} segments"
RATE = "events evaluated a second by one worker"
BUILT = "a new segment, saved to readable membership"
TARGETS = {
    THOUSAND: Target(most=100),
    RATE: Target(least=5_000),
    BUILT: Target(most=5),
}


def measure(store: Store) -> Iterator[tuple[Any, ...]]:
    """Yield figures for the shop in the store."""
    account = store.account
    mirrored(account)
    ids = list(Profile.objects.filter(account=account).values_list("pk", flat=True))
    _clean(store)  # of a run that was killed
    try:
        for number, said in enumerate(definitions(LIVE)):
            _saved(account, f"{MARK}{number}", said)
        settle()
        follow(account, now())
        for name, count in ((THOUSAND, 1_000), (ONE, 1)):
            times, flips = _rounds(account, ids, count)
            yield name, median(times), "ms"
            yield f"{name}: who enters or leaves a segment", median(flips), "rows"
            if count > 1:
                yield RATE, count / median(times) * 1_000, "events/s"
        started = perf_counter()
        new = _saved(account, f"{MARK}new", THREE_TENTHS)
        taken = perf_counter() - started
        yield BUILT, taken, "s"
        yield f"{BUILT}: its members", new.size, "people"
    finally:
        _clean(store)


def _clean(store: Store) -> None:
    for segment in Segment.objects.filter(account=store.account, name__startswith=MARK):
        delete_segment(account=store.account, segment=segment)
    forget_events(store, MARK)


def _rounds(account: Account, ids: list[int], count: int) -> tuple[list[float], list[int]]:
    """Milliseconds and flips of each round after the first: other people each time."""
    times, flips = [], []
    for turn in range(ROUNDS + 1):
        chosen = Random(f"{count} {turn}").sample(ids, count)
        store_events(account, chosen, f"{MARK}{count}-{turn}-")
        waiting = ProfileChange.objects.filter(account=account, handled=None).count()
        before = MembershipChange.objects.filter(account=account).count()
        started = perf_counter()
        handled = handle_changes(account, now())
        times.append((perf_counter() - started) * 1000)
        if handled != waiting or waiting != count:
            raise AssertionError(f"{handled} of {waiting} changes were handled")
        flips.append(MembershipChange.objects.filter(account=account).count() - before)
    return times[1:], flips[1:]


def _saved(account: Account, name: str, said: Any) -> Segment:
    segment = save_segment(
        account=account,
        user=None,
        name=name,
        definition=resolve_names(account, said),
        at=now(),
    )
    for build in Build.objects.filter(account=account, finished=None):
        run_build(build.pk, now())
    segment.refresh_from_db()
    return segment
