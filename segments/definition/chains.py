"""Chains of events: who did the steps in order, each strictly later, within a window.

Times are int64 microseconds. A chain takes one event for each positive step; no event of a
negative step may lie strictly between its neighbours in the chain. As the last step, a negative
one forbids its events from the step before until the end of the window, [first, first + window),
and counts once that end has passed; without a window, up to now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Bools, Instants
from profiles.columns.events import Numbers

_NEVER = np.iinfo(np.int64).min
_ALWAYS = np.iinfo(np.int64).max
Ints = npt.NDArray[np.int64]


class Step(NamedTuple):
    """Events of one step: whose (int32[m]) and when (int64[m] microseconds)."""

    positive: bool
    who: Numbers
    when: Instants


def chained(steps: Sequence[Step], *, n: int, window: int | None, now: int) -> Bools:
    """bool[n]: for whom a chain of these steps exists; the first step is a positive one."""
    positives, gaps, tail = _arrange(steps)
    found = np.zeros(n, dtype=np.bool_)
    eligible = np.logical_and.reduce([np.bincount(s.who, minlength=n) > 0 for s in positives])
    if not eligible.any():
        return found
    positives = [_of(step, eligible) for step in positives]
    gaps = [None if gap is None else _of(gap, eligible) for gap in gaps]
    tail = None if tail is None else _of(tail, eligible)
    if tail is not None and window is not None and len(positives) > 1:
        steps_of = [_by_person(step, n) for step in positives]
        gaps_of = [None if gap is None else _by_person(gap, n) for gap in gaps]
        tail_of = _by_person(tail, n)
        for person in np.flatnonzero(eligible).tolist():
            found[person] = _search(
                [times(person) for times in steps_of],
                [[] if times is None else times(person) for times in gaps_of],
                tail_of(person),
                window,
                now,
            )
        return found
    last, starts = _latest_starts(positives, gaps)
    reached = starts != _NEVER
    if tail is None:
        ends = starts + window if window is not None else np.full(len(starts), _ALWAYS)
        matching = reached & (last.when < np.where(reached, ends, 0))
    else:
        following = _next_after(tail, last)
        if window is None:
            matching = reached & (following == _ALWAYS)
        else:
            ends = last.when + window
            matching = reached & (following >= ends) & (ends <= now)
    found[last.who[matching]] = True
    return found


def _arrange(steps: Sequence[Step]) -> tuple[list[Step], list[Step | None], Step | None]:
    """The positive steps, what is forbidden before each of them, and what is after the last."""
    positives: list[Step] = []
    gaps: list[Step | None] = []
    waiting: Step | None = None
    for positive, group in groupby(steps, key=lambda step: step.positive):
        if positive:
            for step in group:
                positives.append(step)
                gaps.append(waiting)
                waiting = None
        else:
            forbidden = list(group)
            waiting = Step(
                False,
                np.concatenate([step.who for step in forbidden]),
                np.concatenate([step.when for step in forbidden]),
            )
    return positives, gaps, waiting


def _latest_starts(positives: Sequence[Step], gaps: Sequence[Step | None]) -> tuple[Step, Ints]:
    """The last step's events, sorted by person and time, each with the latest first event from
    which a chain leads to it (_NEVER where none does).

    The latest start is the best one: it leaves the most room in the window.
    """
    here = _sorted(positives[0])
    starts: Ints = here.when.astype(np.int64)
    for step, gap in zip(positives[1:], gaps[1:], strict=True):
        there = _sorted(step)
        starts = _carry(here, starts, there, None if gap is None else _sorted(gap))
        here = there
    return here, starts


def _carry(here: Step, starts: Ints, there: Step, gap: Step | None) -> Ints:
    """For each event of `there`, the greatest start among earlier events of `here` with no event
    of the gap strictly between.

    None lies between exactly if as many gap events lie up to the first (inclusive) as before the
    second: so people are cut into stretches by the gap's events, and the answer is a running
    maximum over each stretch.
    """
    before = np.zeros(len(here.who), dtype=np.int64)
    after = np.zeros(len(there.who), dtype=np.int64)
    if gap is not None:
        before = _count_until(gap, here, side="right")
        after = _count_until(gap, there, side="left")
    who = np.concatenate([there.who, here.who]).astype(np.int64)
    stretch = np.concatenate([after, before])
    when = np.concatenate([there.when, here.when])
    is_here = np.concatenate([np.zeros(len(after), dtype=np.int8), np.ones(len(before), np.int8)])
    # At the same instant the later step comes first, so that it does not see the earlier one.
    order = np.lexsort((is_here, when, stretch, who))
    ranked, ranks = np.unique(starts, return_inverse=True)
    rank = np.concatenate([np.full(len(after), -1, dtype=np.int64), ranks])[order]
    groups = np.cumsum(
        np.concatenate([[False], (np.diff(who[order]) != 0) | (np.diff(stretch[order]) != 0)])
    )
    size = len(ranked) + 1
    best = np.maximum.accumulate(groups * size + rank + 1) - groups * size - 1
    carried = np.full(len(order), _NEVER)
    carried[order] = np.where(best >= 0, ranked[np.maximum(best, 0)], _NEVER)
    return carried[: len(after)]


def _count_until(gap: Step, events: Step, *, side: str) -> Ints:
    """int64: gap events of the same person before each event (side left) or up to it (right)."""
    who = np.concatenate([gap.who, events.who]).astype(np.int64)
    when = np.concatenate([gap.when, events.when])
    gap_first = side == "right"
    kind = np.concatenate(
        [
            np.full(len(gap.who), 0 if gap_first else 1, dtype=np.int8),
            np.full(len(events.who), 1 if gap_first else 0, dtype=np.int8),
        ]
    )
    order = np.lexsort((kind, when, who))
    is_gap = order < len(gap.who)
    running = np.cumsum(is_gap)
    counted = np.empty(len(order), dtype=np.int64)
    counted[order] = running
    first_of_person = np.searchsorted(np.sort(gap.who), events.who, side="left")
    return counted[len(gap.who) :] - first_of_person


def _next_after(tail: Step, events: Step) -> Ints:
    """The first event of `tail` strictly after each event, of the same person; _ALWAYS if none."""
    tail = _sorted(tail)
    order = np.lexsort(
        (
            np.concatenate([np.zeros(len(tail.who), np.int8), np.ones(len(events.who), np.int8)]),
            np.concatenate([tail.when, events.when]),
            np.concatenate([tail.who, events.who]),
        )
    )
    passed = np.empty(len(order), dtype=np.int64)
    passed[order] = np.cumsum(order < len(tail.who))
    at = passed[len(tail.who) :]
    padded = np.minimum(at, max(len(tail.who) - 1, 0))
    if len(tail.who) == 0:
        return np.full(len(events.who), _ALWAYS)
    same = (at < len(tail.who)) & (tail.who[padded] == events.who)
    return np.where(same, tail.when[padded], _ALWAYS)


def _sorted(step: Step) -> Step:
    order = np.lexsort((step.when, step.who))
    return Step(step.positive, step.who[order], step.when[order])


def _of(step: Step, people: Bools) -> Step:
    """The step's events of some people, marked in bool[n]."""
    kept = people[step.who]
    return Step(step.positive, step.who[kept], step.when[kept])


def _by_person(step: Step, n: int) -> Callable[[int], list[int]]:
    """A look-up of one person's times, ascending."""
    ordered = _sorted(step)
    bounds = np.searchsorted(ordered.who, np.arange(n + 1))
    return lambda person: ordered.when[bounds[person] : bounds[person + 1]].tolist()


def _search(
    steps: Sequence[list[int]],
    gaps: Sequence[list[int]],
    tail: list[int],
    window: int,
    now: int,
) -> bool:
    """Try every first event of one person: the rare shape of several steps and a forbidden tail."""
    for start in steps[0]:
        end = start + window
        if end > now:
            break
        reached = [start]
        for events, forbidden in zip(steps[1:], gaps[1:], strict=True):
            reached = [
                event
                for event in events
                if event < end
                and any(
                    earlier < event and not any(earlier < f < event for f in forbidden)
                    for earlier in reached
                )
            ]
        if any(not any(event < f < end for f in tail) for event in reached):
            return True
    return False


MOST_TRIED = 50
"""Events of a step that are tried, the newest first, to find the ones of a chain."""
Reached = tuple[bool | None, int | None]
"""Whether a step holds (None: that is open), and the event taken for it, or in the way of it."""


def furthest(
    steps: Sequence[Step], exists: Callable[[Sequence[Step]], bool], *, complete: bool
) -> list[Reached]:
    """How far one person came, step by step; events in microseconds.

    `exists` says of some first steps whether they make a chain. Events are taken one by one and
    kept if a chain still exists, so whatever is told is a chain by the one rule that there is.
    """
    ends = [i for i, step in enumerate(steps) if step.positive]
    done = len(steps) if complete else 0
    if not complete:
        done = next((end + 1 for end in reversed(ends) if exists(steps[: end + 1])), 0)
    pinned = list(steps[:done])
    reached: list[Reached] = [(True, None)] * done
    for i in (end for end in ends if end < done):
        for time in sorted(set(steps[i].when.tolist()), reverse=True)[:MOST_TRIED]:
            kept = pinned[i]
            pinned[i] = Step(True, steps[i].who[:1], np.array([time], dtype=np.int64))
            if exists(pinned):
                reached[i] = (True, time)
                break
            pinned[i] = kept
    return [*reached, *_unreached(steps[done:], reached[-1][1] if reached else None)]


def _unreached(steps: Sequence[Step], last: int | None) -> Iterator[Reached]:
    """The steps after a chain that goes up to `last`: what is missing or in the way, then open."""
    stopped = False
    for i, step in enumerate(steps):
        if stopped:
            yield None, None
        elif step.positive:
            stopped = True
            yield False, None
        else:
            after = step.when[step.when > last] if last is not None else step.when[:0]
            stopped = len(after) > 0
            open_ = None if i == len(steps) - 1 else True
            yield (False, int(after.min())) if stopped else (open_, None)
