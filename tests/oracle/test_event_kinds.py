"""What someone has done: one person's events, one condition, in or out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders.definitions import either

from .kinds import funnel, metric, ratio
from .kinds.events import did, where
from .kinds.kind import AT
from .oracle import members
from .world import World


def matches(condition: dict[str, Any], events: list[dict[str, Any]]) -> bool:
    world = World(people=[{"external_id": "p0"}], events=events)
    return members(either(condition), world, AT) == {0}


@pytest.mark.parametrize(("condition", "events", "expected"), metric.ROWS)
def test_metric(condition: dict[str, Any], events: list[dict[str, Any]], expected: bool) -> None:
    assert matches(condition, events) is expected


@pytest.mark.parametrize(("condition", "events", "expected"), funnel.ROWS)
def test_funnel(condition: dict[str, Any], events: list[dict[str, Any]], expected: bool) -> None:
    assert matches(condition, events) is expected


def test_funnel_steps_have_filters_of_their_own() -> None:
    condition = funnel.steps("A A")
    condition["steps"][1] |= where("Colour", type="string", operator="equals", value="red")
    first = ("A 03-01T10:00", None, {"Colour": "red"})
    assert not matches(condition, did(first, "A 03-01T11:00"))
    assert matches(condition, did(first, ("A 03-01T11:00", None, {"Colour": "red"})))


def test_a_funnel_cannot_begin_with_what_did_not_happen() -> None:
    with pytest.raises(ValueError, match="first step"):
        matches(funnel.steps("!A B"), did("B 03-01T10:00"))


@pytest.mark.parametrize(("condition", "events", "expected"), ratio.ROWS)
def test_ratio(condition: dict[str, Any], events: list[dict[str, Any]], expected: bool) -> None:
    assert matches(condition, events) is expected
