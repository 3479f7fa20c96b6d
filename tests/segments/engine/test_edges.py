"""No answer changes with time alone, unless an edge announces it.

Whoever matches at one moment and not at another, with the same facts, has a date that one of the
condition's edges passed over. Naming more people is allowed, but not everyone all the time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.definition.codec import decode
from segments.definition.tree import conditions
from segments.definition.windows import Moment
from segments.engine.evaluate import Evaluation
from tests.draws import draws
from tests.oracle.strategies import KINDS, Case, cases
from tests.segments.engine.test_against_oracle import in_segments
from tests.segments.memory import population

STEPS = st.sampled_from(
    [
        *(timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1)),
        *(timedelta(days=days, seconds=7) for days in (0, 1, 2, 6, 29, 31, 365, 800)),
    ]
)


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_flips_has_crossed_an_edge(kind: str) -> None:
    @settings(
        max_examples=draws(60, nightly=1_500),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(cases(kind), STEPS, st.booleans())
    def check(case: Case, step: timedelta, backwards: bool) -> None:
        since, until = (case.at - step, case.at) if backwards else (case.at, case.at + step)
        flipped, edge_crossers = _between(case, since, until)
        assert not (flipped & ~edge_crossers).any()

    check()


def _between(case: Case, since: datetime, until: datetime) -> tuple[np.ndarray, np.ndarray]:
    people = population(case.world, in_segment=in_segments(case))
    moments = Moment(since, people.zone), Moment(until, people.zone)
    edge_crossers = people.nobody()
    flipped = people.nobody()
    for _, condition in conditions(decode(case.definition)):
        for crossing in condition.edges(*moments):
            edge_crossers |= crossing.among(people)
            assert crossing.dates.fact in condition.reads()
        before, after = (Evaluation(people, at).mask(condition) for at in (since, until))
        flipped |= before != after
    return flipped, edge_crossers
