"""Ten segments counted over everyone, by Segmenter and by its peers: `python -m bench segments`.

Everyone counts the whole segment at one fixed moment, on the same data, with two threads at most,
turn by turn: twice each time, of which the second counts, so that all are warm. The medians are
compared. A different count is an error of either side. What the builder shows is measured apart: it
counts every condition and group by itself, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import exp, log
from statistics import median
from time import perf_counter

import numpy as np

from bench.parts import LIMIT, OWN, Target
from bench.peers.engines import peers
from bench.peers.queries import Bounds
from bench.physical import bandwidth, least_milliseconds
from bench.store import Store
from bench.ten_segments import READS, SEGMENTS, Read
from profiles.columns.gather import everyone
from profiles.columns.mirror import location, upkeep
from profiles.models import Event, Metric
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.definition.codec import decode
from segments.definition.tree import All
from segments.engine.evaluate import Evaluation
from segments.engine.preview import preview
from segments.engine.queries import resolve_names

TURNS = 7
SLOW_SECONDS = 1.0
"""Whoever takes longer has fewer turns."""
FEWER = 3
WORST = "preview as the builder counts it, worst of ten"
MEAN = "geometric mean over the ten: times faster than {}"
TARGETS = {
    WORST: Target(most=80),
    "count, worst of ten": Target(most=80),
    MEAN.format("DuckDB"): Target(least=4),
    MEAN.format("ClickHouse"): Target(least=4),
    MEAN.format("PostgreSQL"): Target(least=25),
}


def trees(account: Account) -> dict[str, All]:
    """The ten segments by name."""
    return {
        name: decode(resolve_names(account, definition)) for name, definition in SEGMENTS.items()
    }


def mirrored(account: Account) -> None:
    """Make sure that the account has a mirror."""
    if location.current(account.pk) is None:
        upkeep.build(account, now())


def own_count(account: Account, tree: All, store: Store) -> int:
    """Count a segment over everyone as they are in the database now, at the store's moment."""
    return int(np.count_nonzero(Evaluation(everyone(account), store.at).mask(tree)))


def measure(store: Store) -> Iterator[tuple[str, float, str] | tuple[str, float, str, str]]:
    """Yield figures for the shop in the store. Raises AssertionError for counts that differ."""
    account = store.account
    mirrored(account)
    bounds = Bounds(store.at, account.zone)
    segments = trees(account)
    speed = bandwidth()
    yield "memory read by one core", speed / 1e9, "GB/s", LIMIT
    rows = _rows(account, bounds)
    ratios: dict[str, list[float]] = {}
    worst = 0.0
    with peers(store, bounds) as others:
        for name, tree in segments.items():
            counters: dict[str, Callable[[], int]] = {OWN: partial(own_count, account, tree, store)}
            for peer in others:
                counters[peer.name] = partial(peer.count, name)
            count, durations = _compared(name, counters)
            yield f"{name}: people", count, "people"
            for whose, milliseconds in durations.items():
                yield f"{name}: count", milliseconds, "ms", whose
                ratios.setdefault(whose, []).append(milliseconds / durations[OWN])
            least = least_milliseconds(name, rows, speed)
            yield f"{name}: count", least, "ms", LIMIT
            ratios.setdefault(LIMIT, []).append(least / durations[OWN])
            worst = max(worst, durations[OWN])
    yield "count, worst of ten", worst, "ms"
    for whose, values in ratios.items():
        mean = exp(sum(map(log, values)) / len(values))
        if whose == LIMIT:
            yield "geometric mean over the ten: part of the physical limit", 100 * mean, "%"
        elif whose != OWN:
            yield MEAN.format(whose), mean, "times"
    medians = []
    for name, tree in segments.items():
        preview(account, tree, store.at)
        times = [_timed(partial(_previewed, account, tree, store))[1] for _ in range(TURNS)]
        medians.append(median(times) * 1000)
        yield f"{name}: as the builder counts it", medians[-1], "ms"
    yield WORST, max(medians), "ms"


def _compared(name: str, counters: dict[str, Callable[[], int]]) -> tuple[int, dict[str, float]]:
    """The one count that all give, and the median milliseconds of each."""
    first = {whose: _timed(counter) for whose, counter in counters.items()}
    counts = {whose: count for whose, (count, _) in first.items()}
    if len(set(counts.values())) != 1 or not counts[OWN]:
        raise AssertionError(f"{name}: {counts}")
    times: dict[str, list[float]] = {whose: [] for whose in counters}
    for turn in range(TURNS):
        for whose, counter in counters.items():
            quick = first[whose][1] < SLOW_SECONDS
            if turn < FEWER or quick:
                if quick:
                    counter()  # the others have had the caches since
                count, seconds = _timed(counter)
                times[whose].append(seconds * 1000)
                if count != counts[OWN]:
                    raise AssertionError(f"{name}: {whose} counts {count}, not {counts[OWN]}")
    return counts[OWN], {whose: median(durations) for whose, durations in times.items()}


def _previewed(account: Account, tree: All, store: Store) -> int:
    return preview(account, tree, store.at).count


def _timed(counter: Callable[[], int]) -> tuple[int, float]:
    started = perf_counter()
    count = counter()
    return count, perf_counter() - started


def _rows(account: Account, bounds: Bounds) -> dict[Read, int]:
    """How many rows each reading has."""
    metrics = dict(Metric.objects.filter(account=account).values_list("name", "pk"))
    people = len(everyone(account))
    counts: dict[Read, int] = {}
    for each in {each for reads in READS.values() for each in reads}:
        if each.metric is None:
            counts[each] = people
            continue
        events = Event.objects.filter(account=account, metric_id=metrics[each.metric])
        if each.days is not None:
            since = np.datetime64(bounds.since(each.days), "us").item()
            events = events.filter(time__gte=since.replace(tzinfo=bounds.at.tzinfo))
        counts[each] = events.count()
    return counts
