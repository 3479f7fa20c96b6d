"""The evaluator answers like the oracle: any world, any moment, any definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from segments.definition.codec import decode, encode
from segments.engine.evaluate import Evaluation
from tests.oracle.oracle import members
from tests.oracle.strategies import KINDS, Case, cases
from tests.segments.memory import population


def answer(case: Case) -> set[int]:
    """Who matches, according to the evaluator; also checks that JSON comes back as it went in."""
    tree = decode(case.definition)
    assert encode(tree) == case.definition

    def entered(key: str, person: int) -> object:
        inside = members(case.world.segments[key], case.world, case.at)
        return case.world.entered.get((key, person)) if person in inside else None

    people = population(case.world, in_segment=_times(case))
    return set(np.flatnonzero(Evaluation(people, case.at).mask(tree)).tolist())


def _times(case: Case) -> object:
    from datetime import datetime

    inside = {key: members(d, case.world, case.at) for key, d in case.world.segments.items()}

    def since(key: str, person: int) -> datetime | None:
        if person not in inside[key]:
            return None
        text = case.world.entered.get((key, person))
        return datetime.fromisoformat(text) if text else case.at

    return since


@pytest.mark.parametrize("kind", KINDS)
def test_one_condition(kind: str) -> None:
    @given(cases(kind))
    def check(case: Case) -> None:
        assert answer(case) == members(case.definition, case.world, case.at)

    check()


@given(cases())
def test_trees(case: Case) -> None:
    assert answer(case) == members(case.definition, case.world, case.at)
