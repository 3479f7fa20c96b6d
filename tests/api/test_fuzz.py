"""Whatever is sent, wherever in a document: a 2xx or an error with a place, never a 500."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Api, bulk_document, errors_of, event_document, profile_document
from tests.draws import draws

PERSON: dict[str, Any] = {
    "email": "a@example.com",
    "phone_number": "+46701234567",
    "external_id": "1",
    "anonymous_id": "2",
    "_kx": "x",
    "first_name": "A",
    "image": "i",
    "location": {
        "address1": "1",
        "zip": "2",
        "latitude": 1,
        "longitude": 2,
        "timezone": "UTC",
        "ip": "::1",
    },
    "properties": {"a": {"b": [1]}},
}
META = {"patch_properties": {"append": {"a": [1]}, "unappend": {"b": 1}, "unset": ["c"]}}
EVENT = {
    "time": "2026-01-01T00:00:00Z",
    "value": 1,
    "value_currency": "SEK",
    "unique_id": "u",
    "backfill": False,
    "properties": {"a": {"b": [1]}},
}
DOCUMENTS = {
    "/api/events": event_document(profile=PERSON, **EVENT),
    "/api/event-bulk-create-jobs": bulk_document((PERSON, [EVENT])),
    "/api/profile-import": profile_document(None, META, **PERSON),
    "/api/profiles": profile_document(None, META, **PERSON),
}
STRANGE: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 2**63 - 1, -(2**63), 1e308, -0.0, 5e-324),
    *(
        "",
        " ",
        "x",
        "0",
        "-",
        "1e999",
        "null",
        "x" * 300,
        "é",
        "²",
        "\u202e",
        "👩‍👩‍👧‍👦",
        "İ",
        "\x7f",
        "\ufeff",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        [1, "a"],
        {"": 1},
        {"a": {}},
        {"data": []},
        {"x" * 300: 1},
        {"/~": "~1"},
    ),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    all_places = [path]
    if isinstance(value, list):
        value = dict(enumerate(value))
    for step, inner in value.items() if isinstance(value, dict) else ():
        all_places += places(inner, (*path, step))
    return all_places


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    variant = copy.deepcopy(document)
    holder = variant
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return variant


class Undone(Exception):
    """Rolls back what a request stored."""


def check(api: Api, path: str, document: Any) -> None:
    try:
        with transaction.atomic():
            response = api.post(path, json.dumps(document))
            raise Undone
    except Undone:
        pass
    assert response.status_code < 500, document
    if response.status_code >= 400:
        errors_of(response)
        assert response.status_code in {400, 404, 409, 413}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_strange_values_at_every_place(api: Api, path: str) -> None:
    for number, place in enumerate(places(DOCUMENTS[path])):
        for value in STRANGE[number % 4 :: 4]:
            check(api, path, with_value(DOCUMENTS[path], place, value))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(
    max_examples=draws(25, nightly=60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_json_at_any_place(api: Api, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    place = data.draw(st.sampled_from(places(DOCUMENTS[path])))
    check(api, path, with_value(DOCUMENTS[path], place, data.draw(JSON)))


@settings(
    max_examples=draws(25, nightly=60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(
        ["filter", "sort", "page[size]", "page[cursor]", "fields[profile]", "include"]
    ),
    text=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_any_text_in_a_parameter(api: Api, name: str, text: str) -> None:
    for path in ("/api/profiles", "/api/metrics"):
        response = api.client.get(
            path, {name: text}, headers={"Authorization": f"Klaviyo-API-Key {api.secret}"}
        )
        assert response.status_code in {200, 400}
