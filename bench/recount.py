"""How long a recount of many segments over everyone takes: `python -m bench recount`.

A hundred segments of all sorts, each evaluated for everyone in the large shop and counted. Each
turn begins without the answers of the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter

import numpy as np

from bench.against_peers import mirrored
from bench.parts import Target
from bench.shop_segments import definitions
from bench.store import Store
from profiles.columns.gather import everyone
from segments.definition.codec import decode
from segments.engine.evaluate import Evaluation
from segments.engine.queries import resolve_names

SEGMENTS = 100
TURNS = 5
NAME = f"recount of {SEGMENTS} segments over everyone"
TARGETS = {NAME: Target(most=2)}


def measure(store: Store) -> Iterator[tuple[str, float, str]]:
    """Yield figures for the shop in the store."""
    account = store.account
    mirrored(account)
    trees = [decode(resolve_names(account, definition)) for definition in definitions(SEGMENTS)]
    times, counts = [], set()
    for _ in range(TURNS + 1):
        started = perf_counter()
        evaluation = Evaluation(everyone(account), store.at)
        counts.add(tuple(int(np.count_nonzero(evaluation.mask(tree))) for tree in trees))
        times.append(perf_counter() - started)
    if len(counts) != 1:
        raise AssertionError("two recounts of the same people differ")
    yield NAME, median(times[1:]), "s"
    yield f"{NAME}, the first of a process", times[0], "s"
    yield f"members of the {SEGMENTS} segments together", sum(counts.pop()), "memberships"
