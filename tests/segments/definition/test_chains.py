"""Chains of events against a search that tries every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segments.definition import chains
from segments.definition.chains import chain_mask
from segments.definition.steps import Step
from tests.draws import draws

N = 4
LAST = 12


class Drawn(NamedTuple):
    """A step as (person, time) pairs."""

    positive: bool
    events: list[tuple[int, int]]

    def times(self, person: int) -> list[int]:
        return [when for who, when in self.events if who == person]


events = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, LAST)), max_size=14)
steps = st.builds(
    lambda first, others: [Drawn(True, first), *others],
    events,
    st.lists(st.builds(Drawn, st.booleans(), events), max_size=4),
)


def exists(steps: Sequence[Drawn], person: int, window: int | None, now: int) -> bool:
    """Whether one person has a chain: every way to choose events is tried."""
    positives = [i for i, step in enumerate(steps) if step.positive]

    def forbidden(after: int, before: int) -> list[int]:
        return [t for step in steps[after + 1 : before] for t in step.times(person)]

    def leads_on(chain: list[int]) -> bool:
        if len(chain) == len(positives):
            return ends_well(chain)
        here, there = positives[len(chain) - 1], positives[len(chain)]
        return any(
            leads_on([*chain, time])
            for time in steps[there].times(person)
            if time > chain[-1]
            and (window is None or time < chain[0] + window)
            and not any(chain[-1] < gap < time for gap in forbidden(here, there))
        )

    def ends_well(chain: list[int]) -> bool:
        if positives[-1] == len(steps) - 1:
            return True
        end = np.inf if window is None else chain[0] + window
        if window is not None and end > now:
            return False
        return not any(chain[-1] < t < end for t in forbidden(positives[-1], len(steps)))

    return any(leads_on([time]) for time in steps[0].times(person))


def arrays(step: Drawn) -> Step:
    ordered = sorted(step.events, key=lambda event: event[1])
    who = np.array([who for who, _ in ordered], dtype=np.int32)
    when = np.array([when for _, when in ordered], dtype=np.int64)
    who.flags.writeable = when.flags.writeable = False
    return Step(step.positive, who, when)


@settings(max_examples=draws(200, nightly=1000), deadline=None)
@given(steps, st.none() | st.integers(1, LAST), st.integers(0, LAST + 4), st.sampled_from([0, 99]))
def test_a_chain_is_found_exactly_where_one_exists(
    steps: list[Drawn], window: int | None, now: int, many: int
) -> None:
    with patch.object(chains, "PREFILTER_FROM", many):
        mask = chain_mask([arrays(step) for step in steps], n=N, window=window, now=now)
    assert mask.tolist() == [exists(steps, person, window, now) for person in range(N)]


def test_nobody_has_a_chain_where_nobody_is() -> None:
    none = [arrays(Drawn(True, [])), arrays(Drawn(False, []))]
    assert chain_mask(none, n=0, window=5, now=9).tolist() == []


def test_times_of_many_years_in_microseconds() -> None:
    day = 86_400_000_000
    first = arrays(Drawn(True, [(0, -20_000 * day), (1, 20_000 * day), (2, 20_000 * day)]))
    second = arrays(Drawn(True, [(0, 20_000 * day), (1, 20_000 * day + 1), (2, 20_000 * day)]))
    assert chain_mask([first, second], n=3, window=day, now=0).tolist() == [False, True, False]
    assert chain_mask([first, second], n=3, window=None, now=0).tolist() == [True, True, False]
