"""JSON pointers, and that every reader of JSON escapes the keys that it names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.api.documents import read_event, read_events, read_person
from profiles.ingest.checks import read_properties
from profiles.ingest.parse import read_profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segmenter.kernel.json_pointer import child, keys_of
from segmenter.kernel.request_body import parse
from segments.definition.codec import decode
from segments.engine.queries import resolve_names
from tests.api.conftest import bulk_document, event_document, profile_document

TIME = datetime(2026, 11, 22, tzinfo=UTC)
KEY = "a/b~c"
UNKNOWN: dict[str, Any] = {KEY: 1}
ESCAPED = "a~1b~0c"


@given(st.lists(st.text(max_size=5)))
def test_a_pointer_leads_back_to_its_keys(keys: list[str]) -> None:
    pointer = ""
    for key in keys:
        pointer = child(pointer, key)

    assert keys_of(pointer) == keys


def test_an_index_is_a_step_as_well() -> None:
    assert child("/events", 3) == "/events/3"


@given(st.text(st.characters(), max_size=5), st.sampled_from(["", "\ud800", "\udfff"]))
def test_a_pointer_can_always_be_sent(key: str, half: str) -> None:
    child("", key + half).encode()


def nested(value: Any) -> dict[str, Any]:
    """A property whose value holds a value under a key that needs escaping."""
    return {"p": {KEY: [value]}}


def of_condition(**extra: Any) -> dict[str, Any]:
    condition = {"type": "profile-property", "property": "email", **extra}
    return {"condition_groups": [{"conditions": [condition]}]}


NOT_JSON = object()
CONDITION = "/condition_groups/0/conditions/0"
DOORS: dict[str, tuple[Callable[[], Any], str]] = {
    "text": (lambda: parse('{"a/b~c": 1e999}'), f"/{ESCAPED}"),
    "property": (lambda: read_properties({KEY: NOT_JSON}, ""), f"/{ESCAPED}"),
    "within a property": (lambda: read_properties(nested(NOT_JSON), ""), f"/p/{ESCAPED}/0"),
    "profile": (
        lambda: read_profile({"email": "a@example.com", "properties": nested(NOT_JSON)}),
        f"/properties/p/{ESCAPED}/0",
    ),
    "patch of a profile": (
        lambda: read_profile(
            {"email": "a@example.com", "patch_properties": {"append": {KEY: NOT_JSON}}}
        ),
        f"/patch_properties/append/{ESCAPED}",
    ),
    "API, profile": (
        lambda: read_person(profile_document(email="a@example.com", properties=nested("\0"))),
        f"/data/attributes/properties/p/{ESCAPED}/0",
    ),
    "API, unknown attribute": (
        lambda: read_person(profile_document(email="a@example.com", **UNKNOWN)),
        f"/data/attributes/{ESCAPED}",
    ),
    "API, event": (
        lambda: read_event(event_document(properties=nested("\0")), TIME),
        f"/data/attributes/properties/p/{ESCAPED}/0",
    ),
    "definition": (lambda: decode({**of_condition(), KEY: 1}), f"/{ESCAPED}"),
    "condition": (lambda: decode(of_condition(**{KEY: 1})), f"{CONDITION}/{ESCAPED}"),
    "filter": (
        lambda: decode(of_condition(filter={"type": "existence", "operator": "is-set", KEY: 1})),
        f"{CONDITION}/filter/{ESCAPED}",
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_key_in_a_pointer_is_escaped(door: str) -> None:
    reader, pointer = DOORS[door]

    with pytest.raises(Invalid) as raised:
        reader()

    assert pointer in [problem.pointer for problem in raised.value.problems]


def test_a_key_in_the_pointer_of_a_bulk_event_is_escaped() -> None:
    document = bulk_document(({"email": "a@example.com"}, [{"properties": nested("\0")}]))

    problems = read_events(document, TIME).problems

    assert [keys_of(problem.pointer)[-3:] for problem in problems] == [["p", KEY, "0"]]


def test_a_key_in_the_pointer_of_an_unknown_name_is_escaped(db: None) -> None:
    account = Account.objects.create(name="Shop")

    with pytest.raises(Invalid) as raised:
        resolve_names(account, {KEY: [{"metric": "Missing"}]})

    assert [problem.pointer for problem in raised.value.problems] == [f"/{ESCAPED}/0/metric"]
