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

from profiles.columns.column import Bools
from segments.definition import sieve
from segments.definition.steps import ALWAYS, ByPerson, Ints, Step

MANY = 50_000
"""Of more events, those that cannot belong to a chain are sieved out first."""


class _Chains(NamedTuple):
    """The events of a step to which a chain leads."""

    ends: ByPerson
    starts: Ints
    """int64 microseconds: the latest first event from which a chain leads to each of them. Among
    the events of a person it never falls."""


def chained(steps: Sequence[Step], *, n: int, window: int | None, now: int) -> Bools:
    """bool[n]: for whom a chain of these steps exists; the first step is a positive one."""
    matches = np.zeros(n, dtype=np.bool_)
    positives, gaps, tail = _arrange(steps)
    if tail is not None and window is not None:
        positives[0] = positives[0].until(now - window)
    if not len(positives[0].who):
        return matches
    first_time = int(positives[0].when[0])
    positives[1:] = [step.after(first_time) for step in positives[1:]]
    if window is not None and sum(len(step.who) for step in positives) > MANY:
        positives = sieve.linked(positives, window)
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
    """The positive steps, what is forbidden before each of them, and what is after the last."""
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
    """The events of some negative steps as if they were of one."""
    when = np.concatenate([step.when for step in steps])
    order = np.argsort(when, kind="stable")
    return Step(False, np.concatenate([step.who for step in steps])[order], when[order])


def _who_did_all(positives: Sequence[Step], n: int) -> Bools:
    """bool[n]: who has an event in every step, asked of the rarest step first."""
    rarest, *others = sorted(positives, key=lambda step: len(step.who))
    people = _who_did(rarest, n)
    for step in others:
        people = _who_did(step.of(people), n)
    return people


def _split(step: Step, tail: Step, n: int, window: int | None) -> tuple[Step, Bools]:
    """The events of a step that one of the tail may follow too soon, of people of whom none is
    known to be left alone; and bool[n], of whom one is.
    """
    if window is None or len(step.who) + len(tail.who) <= MANY:
        followed = _who_did(tail, n)[step.who]
    else:
        followed = sieve.followed(step, tail, window)
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
    """The last step's events to which a chain leads that fits into the window.

    The latest start is the best one: it leaves the most room in the window. Starts never fall
    from one event of a person to the next, so the latest start of an event of the next step is
    that of the last event before it to which a chain leads; what no chain leads to is left out
    at each step. If an event of the gap comes after that one, then it comes after all before it.
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
    """bool: for which of the chains' ends there is a chain that no event of the tail follows
    too soon.
    """
    ends = chains.ends
    following = tail.first_after(ends)
    if window is None:
        return following == ALWAYS
    if len(positives) == 1:
        return following >= ends.when + window
    first = ByPerson.of(positives[0])
    if gaps[1] is None:
        # Whatever came before the latest start leads to the same end.
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
    """Try every first event of one person: the rare shape of several steps with a forbidden one
    after the first and another at the end.
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
    n_complete = len(steps) if complete else 0
    if not complete:
        n_complete = next((end + 1 for end in reversed(ends) if exists(steps[: end + 1])), 0)
    pinned = list(steps[:n_complete])
    reached: list[Reached] = [(True, None)] * n_complete
    for i in (end for end in ends if end < n_complete):
        for time in sorted(set(steps[i].when.tolist()), reverse=True)[:MOST_TRIED]:
            original = pinned[i]
            pinned[i] = Step(True, steps[i].who[:1], np.array([time], dtype=np.int64))
            if exists(pinned):
                reached[i] = (True, time)
                break
            pinned[i] = original
    return [*reached, *_progress_after(steps[n_complete:], reached[-1][1] if reached else None)]


def _progress_after(steps: Sequence[Step], last: int | None) -> Iterator[Reached]:
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
