"""Definitions from JSON and back: refusals with their place, and round trips."""

from __future__ import annotations

import copy
import json
from pkgutil import iter_modules
from typing import Any

import pytest

from segmenter.kernel.errors import Invalid
from segments.definition import conditions as files_of_kinds
from segments.definition.codec import decode, encode
from segments.definition.operators import filters
from segments.definition.tree import conditions, kinds, walk

ORDERS: dict[str, Any] = {
    "type": "profile-metric",
    "metric_id": "UMTLbD",
    "measurement": "count",
    "measurement_filter": {"type": "numeric", "operator": "greater-than", "value": 0},
    "timeframe_filter": {"type": "date", "operator": "alltime"},
}
CITY: dict[str, Any] = {
    "type": "profile-property",
    "property": "location['city']",
    "filter": {"type": "string", "operator": "equals", "value": "Boston"},
}


def defined(*members: Any) -> dict[str, Any]:
    return {"condition_groups": [{"conditions": list(members)}]}


def nested(depth: int) -> dict[str, Any]:
    definition = defined(CITY)
    for _ in range(depth - 1):
        definition = defined(definition)
    return definition


def refused(definition: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as raised:
        decode(definition)
    return {problem.pointer: problem.code for problem in raised.value.problems}


def variant(condition: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a condition with another value at a path; `...` removes it."""
    variant = copy.deepcopy(condition)
    *steps, last = path.split("/")
    holder: Any = variant
    for step in steps:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return variant


FIRST = "/condition_groups/0/conditions/0"


@pytest.mark.parametrize(
    ("condition", "pointer", "code"),
    [
        (variant(ORDERS, "metric_id", ...), "/metric_id", "required"),
        (variant(ORDERS, "metric_id", 5), "/metric_id", "invalid"),
        (variant(ORDERS, "measurement", "median"), "/measurement", "invalid"),
        (variant(ORDERS, "measurement_filter/value", "3"), "/measurement_filter/value", "invalid"),
        (variant(ORDERS, "measurement_filter/value", True), "/measurement_filter/value", "invalid"),
        (variant(ORDERS, "measurement_filter/value", ...), "/measurement_filter/value", "required"),
        (
            variant(ORDERS, "measurement_filter/operator", "about"),
            "/measurement_filter/operator",
            "invalid",
        ),
        (
            variant(ORDERS, "measurement_filter/type", "string"),
            "/measurement_filter/type",
            "invalid",
        ),
        (variant(ORDERS, "measurement_filter/type", []), "/measurement_filter/type", "invalid"),
        (variant(CITY, "filter/type", {}), "/filter/type", "invalid"),
        (variant(CITY, "filter/operator", []), "/filter/operator", "invalid"),
        (variant(ORDERS, "timeframe_filter", None), "/timeframe_filter", "invalid"),
        (
            variant(ORDERS, "timeframe_filter", {"type": "date", "operator": "anniversary"}),
            "/timeframe_filter/operator",
            "invalid",
        ),
        (
            variant(ORDERS, "metric_filters", [{"property": "Name"}]),
            "/metric_filters/0/filter",
            "required",
        ),
        (variant(ORDERS, "colour", "red"), "/colour", "unknown"),
        (variant(CITY, "type", "profile-wish"), "/type", "invalid"),
        (variant(CITY, "type", ...), "/type", "required"),
        (variant(CITY, "property", "emial"), "/property", "unknown_property"),
        (variant(CITY, "filter/value", 5), "/filter/value", "invalid"),
        (variant(CITY, "filter/value", "a\0b"), "/filter/value", "invalid"),
        (variant(CITY, "filter/value", "\ud800"), "/filter/value", "invalid"),
        (variant(CITY, "filter/include_unset", False), "/filter/include_unset", "invalid"),
        (
            variant(CITY, "filter", {"type": "string", "operator": "regex", "value": "(a"}),
            "/filter/value",
            "invalid_pattern",
        ),
        (
            variant(
                CITY,
                "filter",
                {"type": "date", "operator": "between", "start": 5, "end": 3, "unit": "day"},
            ),
            "/filter/start",
            "invalid",
        ),
        (
            variant(CITY, "filter", {"type": "date", "operator": "before", "date": "yesterday"}),
            "/filter/date",
            "invalid",
        ),
        ("a text", "", "invalid"),
        (defined(), "/condition_groups/0/conditions", "empty"),
        ({"condition_groups": []}, "/condition_groups", "empty"),
        ({"not": {"type": "x"}}, "/not/type", "invalid"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(condition: Any, pointer: str, code: str) -> None:
    assert refused(defined(condition))[FIRST + pointer] == code


def test_every_problem_is_told_at_once() -> None:
    problems = refused(defined(variant(ORDERS, "metric_id", ...), variant(CITY, "property", "x")))
    assert len(problems) == 2


@pytest.mark.parametrize("definition", [None, [], "x", 5, {}, {"condition_groups": {}}])
def test_what_is_no_definition_is_refused(definition: Any) -> None:
    assert refused(definition)


def test_a_hundred_conditions_and_no_more() -> None:
    assert len(list(conditions(decode(defined(*[CITY] * 100))))) == 100
    assert refused(defined(*[CITY] * 101)) == {"/condition_groups": "too_many"}


def test_eight_levels_and_no_more() -> None:
    decode(nested(8))
    assert set(refused(nested(9)).values()) == {"too_deep"}


def test_endless_negation_is_refused() -> None:
    member: Any = CITY
    for _ in range(200):
        member = {"not": member}
    assert set(refused(defined(member)).values()) == {"too_deep"}


def test_null_and_absent_stay_apart() -> None:
    for definition in (
        defined(ORDERS),
        defined(ORDERS | {"metric_filters": None}),
        defined(ORDERS | {"metric_filters": []}),
    ):
        assert encode(decode(definition)) == definition


def test_older_spellings_are_read_and_rewritten() -> None:
    old = {"type": "profile-attribute", "attribute": CITY["property"], "filter": CITY["filter"]}
    assert encode(decode(defined(old))) == defined(CITY)
    region = {"type": "profile-region", "in_region": True, "region_id": "european_union"}
    condition = encode(decode(defined(region)))["condition_groups"][0]["conditions"][0]
    assert condition == {"type": "profile-region", "in_region": True, "region": "european_union"}


def test_a_custom_object_is_read_and_kept() -> None:
    condition = {
        "type": "profile-has-custom-object",
        "object_type_id": "x",
        "filter": {"b": 1, "a": [None]},
    }
    assert encode(decode(defined(condition))) == defined(condition)


def test_pointers_lead_to_their_nodes() -> None:
    definition = defined(CITY, {"not": defined(ORDERS)})
    nodes = dict(walk(decode(definition)))
    for pointer, node in nodes.items():
        at: Any = definition
        for step in filter(None, pointer.split("/")):
            at = at[int(step)] if isinstance(at, list) else at[step]
        assert type(node).__name__ in {"All", "Any", "Not"} or at["type"] == node.type  # type: ignore[union-attr]
    assert len(nodes) == 7


def test_every_kind_says_what_it_is() -> None:
    files = {module.name for module in iter_modules(files_of_kinds.__path__)}
    assert {cls.__module__.rpartition(".")[2] for _name, cls in kinds.items()} == files
    for name, kind in kinds.items():
        assert kind.type == name
        assert kind.title
        assert kind.declared()
        for method in ("mask", "reads", "sentence"):
            assert method in vars(kind), f"{name} has no {method}"


def test_every_operator_has_words_and_a_class() -> None:
    assert len(filters) == 50
    for (type_, operator), cls in filters.items():
        assert cls.type == type_
        assert cls.labels[operator]


def test_definitions_are_hashable_values() -> None:
    one, two = (decode(json.loads(json.dumps(defined(ORDERS, CITY)))) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
