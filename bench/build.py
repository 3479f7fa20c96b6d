"""How soon a new segment can be read: `.venv/bin/python -m bench.part build`.

Three tenths of an account's people enter a segment that is saved, built and committed, with a
ledger row each, beside other segments that hold some already; then two thirds of them leave it,
when its definition is edited. Reading and evaluating are measured apart from writing. The
limit is COPY of the same rows into the same two tables by one client, indexes and all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from django.db import connection, transaction

from bench.parts import LIMIT, Target
from bench.rows import RINGS, SINCE, fill_people, fill_segment, in_rings, settle
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segments.engine import build
from segments.engine.build import run_build
from segments.engine.editing import save_segment
from segments.engine.evaluate import Evaluation
from segments.engine.membership import members
from segments.models import Build, MembershipChange, Segment, SegmentStatus

PEOPLE = {"small": 20_000, "demo": 1_000_000}
OTHERS = 10
"""Segments with a tenth of the people each that are there already."""
ROUNDS = 3
TARGETS = {"a new segment, saved to readable membership": Target(most=5.0)}


def measure(people: int) -> Iterator[tuple[str, float, str] | tuple[str, float, str, str]]:
    """Yield (name, figure, unit) or (name, figure, unit, LIMIT)."""
    account = create_account(slug="bench-build")
    fill_people(account, people)
    for number in range(OTHERS):
        fill_segment(account, f"Other {number}", [number % RINGS])
    settle()
    limits, entering, leaving = [], [], []
    for turn in range(ROUNDS + 1):
        with _read_time() as read_seconds:
            segment, entered = _build(account, f"New {turn}", range(3))
            entering.append((entered, read_seconds[0]))
            read_seconds[0] = 0.0
            duration = _build(account, segment.name, range(1), segment)[1]
            leaving.append((duration, read_seconds[0]))
        limits.append(_copy(account, segment))
        settle()
    size = people * 3 // RINGS
    yield "a new segment, saved to readable membership", _median(entering, 0), "s"
    yield f"{size:,} who enter: read and evaluated", _median(entering, 1), "s"
    yield f"{size:,} who enter: written, from the mask to the commit", _rest(entering), "s"
    yield (
        f"{size:,} who enter: written, from the mask to the commit",
        median(limits[1:]),
        "s",
        LIMIT,
    )
    yield f"{size * 2 // 3:,} who leave: written, from the mask to the commit", _rest(leaving), "s"


def _median(times: list[tuple[float, float]], which: int) -> float:
    """Without the first turn, which reads code and columns for the first time."""
    return median(pair[which] for pair in times[1:])


def _rest(times: list[tuple[float, float]]) -> float:
    return median(total - read_time for total, read_time in times[1:])


def _build(
    account: Account, name: str, rings: range, segment: Segment | None = None
) -> tuple[Segment, float]:
    """Save a segment of these rings, build it, and see that its membership is right."""
    started = perf_counter()
    saved = save_segment(
        account=account,
        user=None,
        name=name,
        definition=in_rings(rings),
        at=now(),
        segment=segment,
    )
    for unfinished in Build.objects.filter(
        segment=saved, finished=None
    ):  # none where tasks run here
        run_build(unfinished.pk, now())
    duration = perf_counter() - started
    saved.refresh_from_db()
    others = Segment.objects.filter(account=account, name__in=[f"Other {ring}" for ring in rings])
    size = sum(other.size for other in others)
    if saved.status != SegmentStatus.READY or not saved.size == len(members(saved.pk)) == size:
        raise AssertionError(f"{saved.status} {saved.error}: {saved.size} of {size}")
    return saved, duration


@contextmanager
def _read_time() -> Iterator[list[float]]:
    """The seconds that a build spends in reading people and evaluating them, in a list of one."""
    seconds, depth = [0.0], [0]

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **keywords: Any) -> Any:
            depth[0] += 1
            started = perf_counter()
            try:
                return function(*arguments, **keywords)
            finally:
                depth[0] -= 1
                if not depth[0]:
                    seconds[0] += perf_counter() - started

        return run

    names = [(build, "everyone"), (build, "some"), (Evaluation, "mask")]
    own = [getattr(holder, name) for holder, name in names]
    for holder, name in names:
        setattr(holder, name, timed(getattr(holder, name)))
    try:
        yield seconds
    finally:
        for (holder, name), function in zip(names, own, strict=True):
            setattr(holder, name, function)


_MEMBERSHIP = "segments_membership (account_id, segment_id, profile_id, entered)"
_LEDGER = (
    "segments_membershipchange (account_id, segment_id, profile_id, entered, cause, true_since, at)"
)


def _copy(account: Account, segment: Segment) -> float:
    """Seconds that COPY takes for the rows of those who entered; it is rolled back."""
    changes = MembershipChange.objects.filter(segment=segment, entered=True)
    ids = np.sort(np.fromiter(changes.values_list("profile_id", flat=True), dtype=np.int64))
    unused = segment.pk + 1_000_000
    start, at = f"{account.pk}\t{unused}\t", SINCE.isoformat()
    both = (
        (_MEMBERSHIP, "".join(f"{start}{id_}\t{at}\n" for id_ in ids.tolist())),
        (_LEDGER, "".join(f"{start}{id_}\tt\tdefinition\t{at}\t{at}\n" for id_ in ids.tolist())),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        started = perf_counter()
        for table, rows in both:
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)
        duration = perf_counter() - started
        transaction.set_rollback(True)
    return duration
