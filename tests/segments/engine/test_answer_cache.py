"""Cached answers equal fresh ones, and are not computed again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.columns.column import Bools
from profiles.columns.population import Population
from segments.definition.codec import decode
from segments.definition.tree import Condition, conditions
from segments.definition.windows import Moment
from segments.engine import answer_cache
from segments.engine.answer_cache import CachedEvaluation
from segments.engine.evaluate import Evaluation
from tests.draws import draws
from tests.oracle.strategies import KINDS, Case, cases
from tests.segments.engine.test_against_oracle import in_segments
from tests.segments.engine.test_edges import STEPS
from tests.segments.memory import population


@pytest.mark.parametrize("kind", KINDS)
def test_time_changes_what_is_remembered_where_it_changes_answers(kind: str) -> None:
    @settings(
        max_examples=draws(40, nightly=1_000),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(cases(kind), st.lists(STEPS, min_size=1, max_size=4))
    def check(case: Case, steps: list[timedelta]) -> None:
        people = population(case.world, in_segment=in_segments(case))
        people._source.in_files = True
        tree = decode(case.definition)
        at = case.at - sum(steps, timedelta())
        for step in (timedelta(), *steps, -steps[-1]):
            before, at = at, at + step
            mask = CachedEvaluation(people, at).mask(tree)
            assert mask.tolist() == Evaluation(people, at).mask(tree).tolist()
            moments = Moment(before, people.zone), Moment(at, people.zone)
            for _, condition in conditions(tree):
                for crossing in condition.edges(*moments) if step > timedelta() else ():
                    assert crossing.anybody(people) == crossing.among(people).any()

    check()


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases("profile-property"))
def test_what_is_known_is_not_asked_again(case: Case) -> None:
    people = population(case.world)
    tree = decode(case.definition)
    evaluations: list[Condition] = []
    answer = Evaluation._of

    def noting(evaluation: Evaluation, part: Population, condition: Condition) -> Bools:
        evaluations.append(condition)
        return answer(evaluation, part, condition)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Evaluation, "_of", noting)
        for in_files, times in ((False, 2), (True, 1)):
            people._source.in_files = in_files
            evaluations.clear()
            for _ in range(2):
                CachedEvaluation(people, case.at).mask(tree)
            distinct = {condition for _, condition in conditions(tree)}
            assert len(evaluations) == times * len(distinct)


def test_what_was_asked_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_cache, "MOST", 2)
    memory = answer_cache._Memory()
    at = datetime(2026, 3, 10, tzinfo=UTC)
    everyone = answer_cache._Answer(at, at, np.packbits(np.ones(3, dtype=np.bool_)))
    first, second, third = (decoded(name) for name in ("email", "title", "image"))
    memory.keep(first, everyone)
    memory.keep(second, everyone)
    assert memory.get(first) is not None
    memory.keep(third, everyone)
    assert memory.get(second) is None
    assert memory.get(first) is not None


def decoded(name: str) -> Condition:
    """Whose field is set."""
    is_set = {"type": "existence", "operator": "is-set"}
    member = {"type": "profile-property", "property": name, "filter": is_set}
    tree = decode({"condition_groups": [{"conditions": [member]}]})
    return next(condition for _, condition in conditions(tree))
