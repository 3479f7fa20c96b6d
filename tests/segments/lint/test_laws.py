"""What holds of every rule: warnings are right, and a fix removes what it was offered for."""

from __future__ import annotations

from functools import cached_property
from time import perf_counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments.advice import Advice, Inspection
from segments.definition.codec import decode
from segments.definition.tree import All
from segments.engine.answer_cache import CachedEvaluation
from segments.engine.preview import preview_of
from segments.lint import rules as _registered  # noqa: F401
from segments.lint.rule import rules
from segments.lint.study import Study
from tests.draws import draws
from tests.oracle import pools
from tests.oracle.oracle import members
from tests.oracle.strategies import Case, cases
from tests.segments.builder.builder_page import KnownCatalog
from tests.segments.lint.related import related_cases
from tests.segments.memory import population

NEEDS_DATABASE = {"same-segment", "not-tested"}
LAW = settings(
    max_examples=draws(40, nightly=3_000),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
CASES = st.one_of(related_cases(), cases())


class MemoryCatalog(KnownCatalog):
    """The names of a world; its openings are those of e-mails."""

    @cached_property
    def metrics(self) -> dict[str, str]:
        return {name: name for name in pools.METRICS} | {"Opened": "Opened Email"}


def study_of(case: Case, definition: dict[str, Any] | None = None) -> Study:
    """A definition with the people of a case, who are in no segments."""
    catalog = MemoryCatalog()
    tree = decode(case.definition if definition is None else definition)
    evaluation = CachedEvaluation(population(case.world), case.at)
    result = preview_of(evaluation, tree, perf_counter())
    return Study(Inspection(catalog.account, tree, catalog, evaluation, result))


def advice_of(study: Study) -> list[Advice]:
    """What all rules say that need no database; an error of a rule is an error."""
    some = [rule for code, rule in rules.items() if code not in NEEDS_DATABASE]
    return [each for rule in some for each in rule.advice(study)]


@LAW
@given(CASES)
def test_no_contradiction_that_somebody_meets_and_no_certainty_that_leaves_somebody_out(
    case: Case,
) -> None:
    advice = advice_of(study_of(case))
    codes = {each.code for each in advice}
    inside = members(case.definition, case.world, case.at)
    if "contradiction" in codes:
        assert not inside
    if "always-true" in codes:
        assert len(inside) == len(case.world.people)


@LAW
@given(CASES)
def test_a_fix_is_a_valid_definition_without_the_same_warning_at_the_same_place(
    case: Case,
) -> None:
    study = study_of(case)
    for each in advice_of(study):
        assert each.pointer in study.nodes
        assert each.sentence
        if each.fix is None:
            continue
        fixed = each.fix.definition(study.inspection.definition)
        assert isinstance(decode(fixed), All)
        if each.code == "beyond-history":
            before = members(case.definition, case.world, case.at)
            assert members(fixed, case.world, case.at) == before, each
        again = rules[each.code].advice(study_of(case, fixed))
        assert each.pointer not in {other.pointer for other in again}, each
        if each.fix.people is not None:
            assert each.fix.people == study_of(case, fixed).inspection.preview.count


@pytest.mark.parametrize("code", list(rules))
def test_codes_are_words_joined_by_hyphens(code: str) -> None:
    assert code == "-".join(part for part in code.split("-") if part.isalpha() and part.islower())
