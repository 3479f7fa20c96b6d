"""Chains of events: who did the steps in order, each strictly later, within a window.

Times are int64 microseconds. A chain has one event for each positive step. No event of a negative
step may lie strictly between its neighbours in the chain. A negative last step forbids its events
from the step before it until the end of the window, [first, first + window), and counts only once
that window has ended. Without a window it forbids them up to now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from profiles.columns.column import Bools
from segments.definition import sieve
from segments.definition.steps import NEVER, ByPerson, Ints, Step

PREFILTER_FROM = 50_000
"""With more events than this, those that cannot belong to a chain are filtered out first."""


class _Chains(NamedTuple):
    """The events of a step that end a chain."""

    ends: ByPerson
    starts: Ints
    """int64 microseconds: for each end, the latest first event of a chain that leads to it.

    It does not decrease within a person.
    """


def chain_mask(steps: Sequence[Step], *, n: int, window: int | None, now: int) -> Bools:
    """bool[n]: who has a chain of these steps. The first step must be positive."""
    matches = np.zeros(n, dtype=np.bool_)
    positives, gaps, tail = _arrange(steps)
    if tail is not None and window is not None:
        positives[0] = positives[0].until(now - window)
    if not len(positives[0].who):
        return matches
    first_time = int(positives[0].when[0])
    positives[1:] = [step.after(first_time) for step in positives[1:]]
    if window is not None and sum(len(step.who) for step in positives) > PREFILTER_FROM:
        positives = sieve.link_candidates(positives, window)
    eligible = _who_did_all(positives, n)
    if tail is None and len(positives) == 1:
        return eligible
    if not eligible.any():
        return matches
    positives = [step.of(eligible) for step in positives]
    gaps = [None if gap is None else gap.after(first_time).of(eligible) for gap in gaps]
    if tail is not None:
        tail = tail.after(first_time).of(eligible)
        if len(positives) == 1:
            followed, matches = _split(positives[0], tail, n, window)
            positives, tail = [followed], tail.of(_who_did(followed, n))
    chains = _latest_starts(positives, gaps, window)
    ends = chains.ends
    if tail is not None:
        rows = _ends_without_tail(chains, ByPerson.of(tail), positives, gaps, window)
        ends = ends.take(np.flatnonzero(rows))
    matches[ends.who] = True
    return matches


def _arrange(steps: Sequence[Step]) -> tuple[list[Step], list[Step | None], Step | None]:
    """The positive steps, the forbidden events before each, and those after the last."""
    positives: list[Step] = []
    gaps: list[Step | None] = []
    pending: Step | None = None
    for positive, group in groupby(steps, key=lambda step: step.positive):
        if positive:
            for step in group:
                positives.append(step)
                gaps.append(pending)
                pending = None
        else:
            forbidden = list(group)
            pending = forbidden[0] if len(forbidden) == 1 else _as_one_step(forbidden)
    return positives, gaps, pending


def _as_one_step(steps: Sequence[Step]) -> Step:
    """The events of several negative steps as one step."""
    when = np.concatenate([step.when for step in steps])
    order = np.argsort(when, kind="stable")
    return Step(False, np.concatenate([step.who for step in steps])[order], when[order])


def _who_did_all(positives: Sequence[Step], n: int) -> Bools:
    """bool[n]: who has an event in every step. Checks the rarest step first."""
    rarest, *others = sorted(positives, key=lambda step: len(step.who))
    people = _who_did(rarest, n)
    for step in others:
        people = _who_did(step.of(people), n)
    return people


def _split(step: Step, tail: Step, n: int, window: int | None) -> tuple[Step, Bools]:
    """Divide people with one positive step by whether the tail may follow too soon.

    Returns the events that an event of the tail may follow within the window, without the people
    who certainly match; and bool[n], those people: one of their events is certainly not followed.
    """
    if window is None or len(step.who) + len(tail.who) <= PREFILTER_FROM:
        followed = _who_did(tail, n)[step.who]
    else:
        followed = sieve.may_be_followed(step, tail, window)
    alone = np.zeros(n, dtype=np.bool_)
    alone[step.who[np.flatnonzero(~followed)]] = True
    return step.take(np.flatnonzero(followed & ~alone[step.who])), alone


def _who_did(step: Step, n: int) -> Bools:
    """bool[n]: who has an event in a step."""
    people = np.zeros(n, dtype=np.bool_)
    people[step.who] = True
    return people


def _latest_starts(
    positives: Sequence[Step], gaps: Sequence[Step | None], window: int | None
) -> _Chains:
    """The last step's events that end a chain which fits into the window.

    The latest start is the best one, because it leaves the most room in the window. Starts do not
    decrease from one event of a person to the next. So the latest start for an event of the next
    step is that of the last event before it that ends a chain. Events that end no chain are dropped
    at each step. If an event of the gap comes after that last event, it comes after all before it.
    """
    current = ByPerson.of(positives[0])
    starts = current.when
    for step, gap in zip(positives[1:], gaps[1:], strict=True):
        following = ByPerson.of(step)
        before = current.last_before(following)
        reached = before >= 0
        if gap is not None and len(gap.who):
            forbidden = ByPerson.of(gap)
            last = forbidden.last_before(following)
            reached &= (last < 0) | (forbidden.when[last] <= current.when[before])
        if window is not None:
            reached &= following.when < starts[before] + window
        rows = np.flatnonzero(reached)
        current, starts = following.take(rows), starts[before[rows]]
        if not len(current):
            break
    return _Chains(current, starts)


def _ends_without_tail(
    chains: _Chains,
    tail: ByPerson,
    positives: Sequence[Step],
    gaps: Sequence[Step | None],
    window: int | None,
) -> Bools:
    """bool: which of the ends have a chain that no event of the tail follows too soon."""
    ends = chains.ends
    following = tail.first_after(ends)
    if window is None:
        return following == NEVER
    if len(positives) == 1:
        return following >= ends.when + window
    first = ByPerson.of(positives[0])
    if gaps[1] is None:
        # All events before the latest start lead to the same end.
        latest = np.minimum(chains.starts, following - window)
        firsts = first.last_until(ends.who, latest)
        return (firsts >= 0) & (first.when[firsts] > ends.when - window)
    steps_of = [first, *map(ByPerson.of, positives[1:])]
    gaps_of = [None if gap is None else ByPerson.of(gap) for gap in gaps]
    who = ends.who.tolist()
    results = {
        person: _search(
            [events.of_person(person) for events in steps_of],
            [[] if events is None else events.of_person(person) for events in gaps_of],
            tail.of_person(person),
            window,
        )
        for person in dict.fromkeys(who)
    }
    return np.array([results[person] for person in who], dtype=np.bool_)


def _search(
    steps: Sequence[list[int]],
    gaps: Sequence[list[int]],
    tail: list[int],
    window: int,
) -> bool:
    """Whether one person has a chain: try every first event.

    Only for the rare case of several positive steps, a negative step after the first, and a
    negative last step.
    """
    for start in steps[0]:
        end = start + window
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
"""Events of a step that are tried, newest first, to find those of a chain."""
StepProgress = tuple[bool | None, int | None]
"""Whether a step is met (None: undecided), and the event that meets it or violates it."""


def progress_of(
    steps: Sequence[Step], exists: Callable[[Sequence[Step]], bool], *, complete: bool
) -> list[StepProgress]:
    """How far one person came, step by step; events in microseconds.

    `exists` says whether the first k steps make a chain. Events are fixed one at a time and stay
    fixed if a chain still exists. So what is reported is a chain by the same rule as the mask.
    """
    ends = [i for i, step in enumerate(steps) if step.positive]
    n_complete = len(steps) if complete else 0
    if not complete:
        n_complete = next((end + 1 for end in reversed(ends) if exists(steps[: end + 1])), 0)
    pinned = list(steps[:n_complete])
    reached: list[StepProgress] = [(True, None)] * n_complete
    for i in (end for end in ends if end < n_complete):
        for time in sorted(set(steps[i].when.tolist()), reverse=True)[:MOST_TRIED]:
            original = pinned[i]
            pinned[i] = Step(True, steps[i].who[:1], np.array([time], dtype=np.int64))
            if exists(pinned):
                reached[i] = (True, time)
                break
            pinned[i] = original
    return [*reached, *_progress_after(steps[n_complete:], reached[-1][1] if reached else None)]


def _progress_after(steps: Sequence[Step], last: int | None) -> Iterator[StepProgress]:
    """The steps after a chain that ends at `last`: the first unmet one, then undecided ones."""
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
