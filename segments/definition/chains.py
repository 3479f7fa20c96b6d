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
    """Events of one step: whose (int32[m]) and when (int64[m] microseconds, ascending)."""

    positive: bool
    who: Numbers
    when: Instants

    def after(self, moment: int) -> Step:
        """The step's events later than a moment."""
        first = int(np.searchsorted(self.when, moment, side="right"))
        return Step(self.positive, self.who[first:], self.when[first:])

    def until(self, moment: int) -> Step:
        """The step's events up to a moment, its own instant included."""
        end = int(np.searchsorted(self.when, moment, side="right"))
        return Step(self.positive, self.who[:end], self.when[:end])

    def of(self, people: Bools) -> Step:
        """The step's events of some people, marked in bool[n]."""
        rows = np.flatnonzero(people[self.who])
        if len(rows) == len(self.who):
            return self
        return Step(self.positive, self.who[rows], self.when[rows])


class _ByPerson:
    """Events by person, and by time within a person."""

    def __init__(self, times: Instants, bits: int, keys: Ints) -> None:
        """`times` ascending, and `keys` ascending: the person's number, then a place in `times`
        of so many bits.
        """
        self._times, self._bits, self._keys = times, bits, keys

    @classmethod
    def of(cls, step: Step) -> _ByPerson:
        bits = len(step.when).bit_length()
        keys = step.who.astype(np.int64) << bits
        keys |= np.arange(len(keys))
        keys.sort()
        return cls(step.when, bits, keys)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def who(self) -> Ints:
        return self._keys >> self._bits

    @property
    def when(self) -> Instants:
        return self._times[self._places]

    @property
    def _places(self) -> Ints:
        return self._keys & ((1 << self._bits) - 1)

    def take(self, rows: Ints) -> _ByPerson:
        """Some of the events, in that order."""
        return _ByPerson(self._times, self._bits, self._keys[rows])

    def last_before(self, later: _ByPerson) -> Ints:
        """For each event of `later`, the same person's last event strictly before; -1 if none."""
        ranks = np.searchsorted(self._times, later._times, side="left")[later._places]
        return self._last_below(later.who, ranks)

    def last_until(self, who: Ints, moments: Ints) -> Ints:
        """For each of some moments, the person's last event up to it; -1 if none."""
        return self._last_below(who, np.searchsorted(self._times, moments, side="right"))

    def _last_below(self, who: Ints, ranks: Ints) -> Ints:
        """The last event of each of these people at a place below a rank."""
        least = who << self._bits
        found = np.searchsorted(self._keys, least | ranks, side="left") - 1
        found[self._keys[found] < least] = -1
        return found

    def first_after(self, earlier: _ByPerson) -> Instants:
        """For each event of `earlier`, when the same person's first event strictly after it was;
        _ALWAYS if there is none.
        """
        ranks = np.searchsorted(self._times, earlier._times, side="right")[earlier._places]
        who = earlier.who
        found = np.searchsorted(self._keys, (who << self._bits) | ranks, side="left")
        keys = np.append(self._keys, _ALWAYS)[found]
        same = np.flatnonzero(keys >> self._bits == who)
        when = np.full(len(who), _ALWAYS)
        when[same] = self._times[keys[same] & ((1 << self._bits) - 1)]
        return when

    def of_person(self, person: int) -> list[int]:
        """One person's times, ascending."""
        first, end = np.searchsorted(self._keys, [person << self._bits, (person + 1) << self._bits])
        return self.take(np.arange(first, end)).when.tolist()


class _Chains(NamedTuple):
    """The events of a step to which a chain leads."""

    ends: _ByPerson
    starts: Ints
    """int64 microseconds: the latest first event from which a chain leads to each of them. Among
    the events of a person it never falls."""


def chained(steps: Sequence[Step], *, n: int, window: int | None, now: int) -> Bools:
    """bool[n]: for whom a chain of these steps exists; the first step is a positive one."""
    found = np.zeros(n, dtype=np.bool_)
    positives, gaps, tail = _arrange(steps)
    if tail is not None and window is not None:
        positives[0] = positives[0].until(now - window)
    if not len(positives[0].who):
        return found
    begun = int(positives[0].when[0])
    positives[1:] = [step.after(begun) for step in positives[1:]]
    eligible = _who_did_all(positives, n)
    if tail is None and len(positives) == 1:
        return eligible
    if not eligible.any():
        return found
    positives = [step.of(eligible) for step in positives]
    gaps = [None if gap is None else gap.after(begun).of(eligible) for gap in gaps]
    if tail is not None:
        tail = tail.after(begun).of(eligible)
        if len(positives) == 1:
            followed = _who_did(tail, n)
            found = eligible & ~followed
            positives = [positives[0].of(followed)]
    chains = _latest_starts(positives, gaps, window)
    ends = chains.ends
    if tail is not None:
        rows = _undisturbed(chains, _ByPerson.of(tail), positives, gaps, window)
        ends = ends.take(np.flatnonzero(rows))
    found[ends.who] = True
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
            waiting = forbidden[0] if len(forbidden) == 1 else _together(forbidden)
    return positives, gaps, waiting


def _together(steps: Sequence[Step]) -> Step:
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
    here = _ByPerson.of(positives[0])
    starts = here.when
    for step, gap in zip(positives[1:], gaps[1:], strict=True):
        there = _ByPerson.of(step)
        before = here.last_before(there)
        reached = before >= 0
        if gap is not None and len(gap.who):
            forbidden = _ByPerson.of(gap)
            last = forbidden.last_before(there)
            reached &= (last < 0) | (forbidden.when[last] <= here.when[before])
        if window is not None:
            reached &= there.when < starts[before] + window
        rows = np.flatnonzero(reached)
        here, starts = there.take(rows), starts[before[rows]]
        if not len(here):
            break
    return _Chains(here, starts)


def _undisturbed(
    chains: _Chains,
    tail: _ByPerson,
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
        return following == _ALWAYS
    if len(positives) == 1:
        return following >= ends.when + window
    first = _ByPerson.of(positives[0])
    if gaps[1] is None:
        # Whatever came before the latest start leads to the same end.
        latest = np.minimum(chains.starts, following - window)
        found = first.last_until(ends.who, latest)
        return (found >= 0) & (first.when[found] > ends.when - window)
    steps_of = [first, *map(_ByPerson.of, positives[1:])]
    gaps_of = [None if gap is None else _ByPerson.of(gap) for gap in gaps]
    who = ends.who.tolist()
    found_of = {
        person: _search(
            [events.of_person(person) for events in steps_of],
            [[] if events is None else events.of_person(person) for events in gaps_of],
            tail.of_person(person),
            window,
        )
        for person in dict.fromkeys(who)
    }
    return np.array([found_of[person] for person in who], dtype=np.bool_)


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
