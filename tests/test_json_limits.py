"""What JSON may hold: one set of limits for bodies, properties and definitions."""

from __future__ import annotations

import json
from collections import UserDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.ingest.checks import read_properties
from segmenter.kernel.errors import Invalid
from segmenter.kernel.json_limits import MOST_KEY, MOST_LEVELS, check, is_deeper
from segmenter.kernel.request_body import parse
from segments.definition.limits import MOST_LEVELS as MOST_LEVELS_OF_A_DEFINITION
from segments.definition.limits import too_deep

FAR_TOO_DEEP = 100_000


def nested(levels: int, value: Any = 1) -> Any:
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("aé/~"), inner, max_size=4),
    max_leaves=30,
)
FAULTS: dict[str, tuple[Any, str]] = {
    "U+0000": ("\0", "invalid"),
    "half of a surrogate pair": ("\ud800", "invalid"),
    "U+0000 in a key": ({"\0": 1}, "invalid"),
    "half of a surrogate pair in a key": ({"\udfff": 1}, "invalid"),
    "key that is no text": ({1: 1}, "invalid"),
    "long key": ({"k" * (MOST_KEY + 1): 1}, "too_long"),
    "2^63": (2**63, "out_of_range"),
    "-2^63-1": (-(2**63) - 1, "out_of_range"),
    "NaN": (float("nan"), "out_of_range"),
    "infinity": (float("-inf"), "out_of_range"),
    "too deep": (nested(MOST_LEVELS + 1), "too_deep"),
    "far too deep": (nested(FAR_TOO_DEEP), "too_deep"),
    "no JSON": (b"", "invalid"),
}


@given(JSON)
def test_what_fits_passes_every_check_and_its_size_is_about_its_text(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)

    assert parse(text) == value
    assert check(value) <= 8 * len(text)
    assert len(text) <= 24 + 4 * check(value)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_wherever_it_lies(fault: str) -> None:
    value, code = FAULTS[fault]

    for document in (value, [value], {"a": [1, {"b": value}]}, (value,), UserDict(a=value)):
        with pytest.raises(Invalid) as raised:
            check(document)
        assert [problem.code for problem in raised.value.problems] == [code]


@pytest.mark.parametrize("fault", FAULTS)
def test_properties_have_the_same_limits(fault: str) -> None:
    value, code = FAULTS[fault]

    with pytest.raises(Invalid) as raised:
        read_properties({"a": value}, "/properties")

    problem = raised.value.problems[0]
    assert (problem.code, problem.pointer[:13]) == (code, "/properties/a")


@pytest.mark.parametrize(("levels", "fits"), [(MOST_LEVELS, True), (MOST_LEVELS + 1, False)])
def test_a_body_and_properties_may_be_equally_deep(levels: int, fits: bool) -> None:
    value = {"a": nested(levels - 1)}

    for reader in (check, lambda value: parse(json.dumps(value)), lambda v: read_properties(v, "")):
        if fits:
            reader(value)
        else:
            with pytest.raises(Invalid):
                reader(value)


@pytest.mark.parametrize("levels", [0, 1, 2, 7])
def test_levels_are_counted_from_the_outermost(levels: int) -> None:
    assert not is_deeper(nested(levels), levels)
    assert is_deeper(nested(levels + 1), levels)


def test_a_definition_of_any_depth_is_measured() -> None:
    assert too_deep(nested(MOST_LEVELS_OF_A_DEFINITION)) is None
    assert too_deep(nested(MOST_LEVELS_OF_A_DEFINITION + 1)) is not None
    assert too_deep(nested(FAR_TOO_DEEP)) is not None


def test_the_first_fault_of_a_document_is_named() -> None:
    with pytest.raises(Invalid) as raised:
        check({"a": [1, {"b": "x"}], "c": [{"d": "\0"}], "e": "\0"}, "/at")

    assert [problem.pointer for problem in raised.value.problems] == ["/at/c/0/d"]
