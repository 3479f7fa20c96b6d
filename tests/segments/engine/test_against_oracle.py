"""The evaluator answers like the oracle: any world, any moment, any definition.

`make test` draws about 600 cases, `make nightly` (SEGMENTER_NIGHTLY=1) more than 10,000.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from segments.definition.codec import decode, encode
from segments.definition.tree import All, Any, Not
from segments.engine.evaluate import Evaluation
from tests.draws import draws
from tests.oracle.hand import hand_cases
from tests.oracle.oracle import members
from tests.oracle.strategies import KINDS, Case, cases
from tests.segments.memory import population

CASES = settings(
    max_examples=draws(40, nightly=800),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def in_segments(case: Case) -> Callable[[str, int], datetime | None]:
    """Since when someone is in a segment: what the builds would have stored."""
    inside = {key: members(d, case.world, case.at) for key, d in case.world.segments.items()}

    def since(key: str, person: int) -> datetime | None:
        text = case.world.entered.get((key, person))
        if person not in inside[key]:
            return None
        return datetime.fromisoformat(text) if text else case.at

    return since


def evaluation(case: Case) -> Evaluation:
    return Evaluation(population(case.world, in_segment=in_segments(case)), case.at)


def answer(case: Case) -> set[int]:
    """Who matches, according to the evaluator."""
    return set(np.flatnonzero(evaluation(case).mask(decode(case.definition))).tolist())


@pytest.mark.parametrize(
    ("case", "expected"), [pytest.param(c, e, id=name) for name, c, e in hand_cases()]
)
def test_cases_worked_out_by_hand(case: Case, expected: set[int]) -> None:
    assert answer(case) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_one_condition(kind: str) -> None:
    @CASES
    @given(cases(kind))
    def check(case: Case) -> None:
        assert answer(case) == members(case.definition, case.world, case.at)

    check()


@settings(CASES, max_examples=draws(120, nightly=2_000))
@given(cases())
def test_trees(case: Case) -> None:
    assert answer(case) == members(case.definition, case.world, case.at)


@CASES
@given(cases())
def test_json_comes_back_as_it_went_in(case: Case) -> None:
    assert encode(decode(case.definition)) == case.definition


@CASES
@given(cases())
def test_everyone_either_matches_or_does_not(case: Case) -> None:
    evaluated, tree = evaluation(case), decode(case.definition)
    inside, outside = evaluated.mask(tree), evaluated.mask(Not(tree))
    assert not (inside & outside).any()
    assert (inside | outside).all()


@CASES
@given(cases())
def test_de_morgan(case: Case) -> None:
    evaluated, one = evaluation(case), decode(case.definition)
    two = one.groups[-1]
    both = All((Any((one,)), Any((two,))))
    assert (evaluated.mask(Not(both)) == evaluated.mask(Any((Not(one), Not(two))))).all()
    assert (
        evaluated.mask(Not(Any((one, two))))
        == evaluated.mask(All((Any((Not(one),)), Any((Not(two),)))))
    ).all()
