"""Evidence of every kind agrees with membership, and its needs suffice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from segments.definition.codec import decode
from segments.definition.evidence import Evidence, Happened, KnownValue
from segments.definition.needs import MoreEvents, MoreValue
from segments.definition.tree import Condition, conditions, kinds
from tests.draws import draws
from tests.oracle.oracle import members
from tests.oracle.strategies import KINDS, Case, cases
from tests.oracle.world import World
from tests.segments.definition.sentences import KeysAreNames
from tests.segments.memory import population
from tests.segments.one_person import columns, each_alone
from tests.segments.variants import condition_variants

EXAMPLES = settings(
    max_examples=draws(40, nightly=800),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOBODY_MUCH = {"external_id": "1", "created": "2026-01-01T00:00:00Z"}


def only(case: Case) -> Condition:
    return next(condition for _, condition in conditions(decode(case.definition)))


@pytest.mark.parametrize("name", list(kinds))
def test_each_kind_has_evidence_whatever_it_asks(name: str) -> None:
    assert "evidence" in vars(kinds[name]), f"{name} does not say what decided"
    variants = condition_variants(name)
    assert variants
    lists = [{"name": key, "joined": "2026-05-05T00:00:00Z"} for key in ("Newsletter",)]
    segments: dict[str, Any] = {"Almost there": {"condition_groups": []}}
    people = population(World([{**NOBODY_MUCH, "lists": lists}], segments=segments))
    for condition in variants:
        reasons = condition.evidence(people, AT, KeysAreNames())
        assert isinstance(reasons, Evidence)
        assert bool(reasons.items) != bool(condition.unsupported), condition


@pytest.mark.parametrize("kind", KINDS)
def test_evidence_agrees_with_membership(kind: str) -> None:
    @EXAMPLES
    @given(cases(kind))
    def check(example: Case) -> None:
        for case in each_alone(example):
            condition, people = only(case), columns(case)
            reasons = condition.evidence(people, case.at, KeysAreNames())
            is_met = bool(condition.mask(people, case.at)[0])
            if is_met:
                assert reasons.needs == ()
            tests = [item for item in reasons.items if isinstance(item, KnownValue) and item.test]
            if kind not in {"profile-metric", "profile-metric-funnel"} and tests:
                assert all(item.met for item in tests) == is_met
            if kind == "profile-metric":
                _agrees(condition, reasons, is_met)

    check()


def _agrees(condition: Condition, reasons: Evidence, is_met: bool) -> None:
    (item,) = reasons.items
    assert isinstance(item, Happened)
    assert all(event.counts for event in item.newest)
    assert not any(event.counts for event in item.near)
    assert (item.count > 0) == bool(item.newest)
    if not item.measure:
        (alone,) = condition.measurement_filter.holds(np.array([float(item.count)]))  # type: ignore[attr-defined]
        assert alone == is_met


@EXAMPLES
@given(cases("profile-metric"))
def test_what_is_needed_is_enough(example: Case) -> None:
    for case in each_alone(example):
        condition = only(case)
        if condition.metric_filters:  # type: ignore[attr-defined]
            continue
        for need in condition.evidence(columns(case), case.at, KeysAreNames()).needs:
            if isinstance(need, MoreEvents) and not need.distinct:
                added = [_event(case, need.metric, n, None) for n in range(need.amount)]
            elif isinstance(need, MoreValue) and need.property == "value":
                amount = need.amount + (0.0001 if need.exceeds else 0)
                added = [_event(case, need.metric, 0, amount)]
            else:
                continue
            if len(added) > 200:
                continue
            world = replace(case.world, events=[*case.world.events, *added])
            assert members(case.definition, world, case.at) == {0}, need


def _event(case: Case, metric: str, number: int, value: float | None) -> dict[str, object]:
    names = ("external_id", "email", "phone_number", "anonymous_id")
    person = case.world.people[0]
    return {
        "metric": metric,
        "time": case.at.isoformat(),
        "value": value,
        "unique_id": f"needed {number}",
        "properties": {},
        "profile": {name: person[name] for name in names if person.get(name)},
    }
