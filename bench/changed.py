"""Changed people and new segments in a large account: `python -m bench changed`.

The large shop with 200 live segments, which lie as after a quiet hour. So many people get an event
each; the live path reads what is known of them, evaluates the segments that read it, and writes who
entered and left. Told apart are the first batch of a process, which has read no membership yet, and
people who did the same several times before, so that few of them move. Then a backlog is worked
off, batch after batch. And a new segment with about 300,000 members, from the click on "save" to
membership that can be read. What is stored for it is deleted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
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
from segments.engine.build import run_build
from segments.engine.deletion import delete_segment
from segments.engine.editing import save_segment
from segments.engine.live import follow, handle_changes
from segments.engine.queries import resolve_names
from segments.models import Build, MembershipChange, Segment

MARK = "bench-changed-"
LIVE = 200
WARM_PEOPLE = 25_000
"""One more round for each of these, until the largest segments are cached."""
ROUNDS = 7
BACKLOG = 20_000
THREE_TENTHS = all_of([did("Opened Email", "greater-than-or-equal", 1, 190)])
"""About so many of everyone match."""
THOUSAND = f"1,000 changed people against {LIVE} segments"
FIRST = f"{THOUSAND}: the first of a process"
AGAIN = f"{THOUSAND}: who did the same before"
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
        for number, definition in enumerate(definitions(LIVE)):
            _saved(account, f"{MARK}{number}", definition)
        settle()
        follow(account, now())
        one = [_round(account, _some(ids, 1, turn)) for turn in range(ROUNDS + 1)][1:]
        until_warm = 2 + len(ids) // WARM_PEOPLE
        warm = [_round(account, _some(ids, 1_000, turn)) for turn in range(until_warm)]
        rounds = [_round(account, _some(ids, 1_000, -turn)) for turn in range(1, ROUNDS + 1)]
        again = [_round(account, _some(ids, 1_000, 0)) for _ in range(2 * ROUNDS)][ROUNDS:]
        for name, results in ((THOUSAND, rounds), (AGAIN, again), (FIRST, warm[:1]), (ONE, one)):
            yield name, median(duration for duration, _ in results), "ms"
            yield f"{name}: who enters or leaves a segment", median(n for _, n in results), "rows"
        backlog = min(BACKLOG, len(ids))
        duration, flips = _round(account, _some(ids, backlog, 0))
        yield RATE, backlog / duration * 1_000, "events/s"
        yield f"{RATE}: who enters or leaves a segment", flips, "rows"
        started = perf_counter()
        new = _saved(account, f"{MARK}new", THREE_TENTHS)
        duration = perf_counter() - started
        yield BUILT, duration, "s"
        yield f"{BUILT}: its members", new.size, "people"
    finally:
        _clean(store)


def _clean(store: Store) -> None:
    for segment in Segment.objects.filter(account=store.account, name__startswith=MARK):
        delete_segment(account=store.account, segment=segment, at=now())
    forget_events(store, MARK)


def _some(ids: list[int], count: int, turn: int) -> list[int]:
    """So many people, others each turn."""
    return Random(f"{count} {turn}").sample(ids, count)


def _round(account: Account, people: list[int]) -> tuple[float, int]:
    """Milliseconds to follow one event of each of these people, and how many moves that made."""
    store_events(account, people, f"{MARK}{next(_numbers)}-")
    pending = ProfileChange.objects.filter(account=account, handled=None).count()
    before = MembershipChange.objects.filter(account=account).count()
    started = perf_counter()
    handled = 0
    while some := handle_changes(account, now()):
        handled += some
    duration = (perf_counter() - started) * 1000
    if handled != pending or pending != len(people):
        raise AssertionError(f"{handled} of {pending} changes were handled")
    return duration, MembershipChange.objects.filter(account=account).count() - before


_numbers = count()


def _saved(account: Account, name: str, definition: Any) -> Segment:
    segment = save_segment(
        account=account,
        user=None,
        name=name,
        definition=resolve_names(account, definition),
        at=now(),
    )
    for build in Build.objects.filter(account=account, finished=None):
        run_build(build.pk, now())
    segment.refresh_from_db()
    return segment
