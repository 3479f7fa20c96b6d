"""What a body may hold, how much of it is read, and the place that an error names."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from typing import Any

import pytest
from django.test import RequestFactory, override_settings
from hypothesis import example, given
from hypothesis import strategies as st

from profiles.models import Event, Profile
from segmenter.kernel.errors import ApplicationError, Invalid
from segmenter.kernel.json_limits import MOST_LEVELS
from segmenter.kernel.request_body import parse, read_json
from tests.api.conftest import (
    Api,
    bulk_document,
    errors_of,
    event_document,
    places_of,
    profile_document,
)

LIMIT = 5_000_000
PROPERTIES = "/data/attributes/properties"


def nested(depth: int, inside: str = "1") -> str:
    return '{"a":' * depth + inside + "}" * depth


HOSTILE = {
    "U+0000": ('{"Size":"\\u0000"}', "/Size"),
    "U+0000 in a key": ('{"a\\u0000b":1}', ""),
    "half of a surrogate pair": ('{"Size":["S","\\ud800"]}', "/Size/1"),
    "the other half, in a key": ('{"Size":{"\\udfff":1}}', "/Size"),
    "NaN": ('{"Size":NaN}', "/Size"),
    "Infinity": ('{"Size":{"a":[Infinity]}}', "/Size/a/0"),
    "minus Infinity": ('{"a/b":-Infinity}', "/a~1b"),
    "1e400": ('{"~":1e400}', "/~0"),
    "2^63": ('{"Size":9223372036854775808}', "/Size"),
    "-2^63-1": ('{"Size":-9223372036854775809}', "/Size"),
    "5,000 digits": ('{"Size":' + "9" * 5000 + "}", "/Size"),
    "a key twice": ('{"Size":{"a":1,"b":2,"a":3}}', "/Size/a"),
    "a key twice, far from its colon": ('{"a" :1,"a":2,"b":"\\":"}', "/a"),
    "a key twice, a string like a key": ('{"a":1,"a":2,"b":[":",":"]}', "/a"),
    "a huge key twice": ('{"' + "k" * 5000 + '":1,"' + "k" * 5000 + '":2}', "/" + "k" * 1000),
    "a huge key": ('{"' + "k" * 5000 + '":1}', ""),
    "too deep": ('{"Size":' + nested(40) + "}", "/Size" + "/a" * (MOST_LEVELS - 4)),
    "far too deep": ('{"Size":' + nested(9_000) + "}", "/Size" + "/a" * (MOST_LEVELS - 4)),
    "lists too deep": ('{"S":' + "[" * 900 + "]" * 900 + "}", "/S" + "/0" * (MOST_LEVELS - 4)),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_cannot_be_kept_is_refused_at_its_place(api: Api, case: str) -> None:
    properties, place = HOSTILE[case]
    body = json.dumps(event_document()).replace('"properties": {}', f'"properties": {properties}')

    response = api.post("/api/events", body)

    assert response.status_code == 400
    assert places_of(response) == [PROPERTIES + place]
    assert not Event.objects.exists()


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("path", ["profile-import", "profiles", "event-bulk-create-jobs"])
def test_wherever_it_is_sent(api: Api, path: str, case: str) -> None:
    properties, _place = HOSTILE[case]
    document = (
        bulk_document(({"email": "a@example.com"}, [{}]))
        if path.startswith("event")
        else profile_document(email="a@example.com", properties={})
    )
    body = json.dumps(document).replace('"properties": {}', f'"properties": {properties}')

    response = api.post(f"/api/{path}", body)

    assert response.status_code == 400
    assert "properties" in places_of(response)[0]
    assert not Profile.objects.exists()


STRANGE = [
    "İstanbul ı",
    "שלום \u202e",
    "👩‍👩‍👧‍👦",
    "\u2028",
    "\ufeff",
    "e\u0301",
    "￥",
    "'; DROP TABLE",
    "\x7f",
]


def test_strange_text_is_kept_as_it_is(api: Api) -> None:
    properties = {text: [text, {text: -(2**63), "m": 2**63 - 1, "x": 5e-324}] for text in STRANGE}

    response = api.post(
        "/api/profile-import",
        profile_document(email="a@example.com", first_name="İı 👩‍👩‍👧‍👦", properties=properties),
    )

    assert response.status_code == 201
    attributes = json.loads(response.content)["data"]["attributes"]
    assert attributes["properties"] == properties
    assert attributes["first_name"] == "İı 👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    "body", [b" ", b"{", b"nul", b"{'a':1}", b'{"a":1}}', b"\xff\xfe", b'{"a":"\xed\xa0\x80"}']
)
def test_what_is_no_json(api: Api, body: bytes) -> None:
    response = api.post("/api/events", body)

    assert response.status_code == 400
    assert places_of(response) == [""]


@pytest.mark.parametrize("value", [None, 1, "x", [], [1], {"data": None}, {"data": []}, {}])
@pytest.mark.parametrize(
    "path", ["/api/events", "/api/event-bulk-create-jobs", "/api/profile-import", "/api/profiles"]
)
def test_json_that_is_no_document(api: Api, path: str, value: Any) -> None:
    response = api.post(path, json.dumps(value))

    assert response.status_code == 400
    assert places_of(response) in (["", ""], [""], ["/data"])


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "", "text/json"])
def test_other_content_types_are_refused(api: Api, content_type: str) -> None:
    response = api.post("/api/events", event_document(), content_type=content_type)

    assert response.status_code == 415
    errors_of(response)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/vnd.api+json", "Application/JSON; charset=utf-8"],
)
def test_both_content_types_are_taken(api: Api, content_type: str) -> None:
    response = api.post("/api/events", event_document(), content_type=content_type)

    assert response.status_code == 202
    assert response.content == b""


class Watched(io.BytesIO):
    """A body that counts how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def read(body: bytes, *, limit: int = LIMIT, **environ: Any) -> tuple[Any, int]:
    """What `read_json` makes of a body, and how many bytes it took."""
    stream = Watched(body)
    request = RequestFactory().generic("POST", "/", content_type="application/json")
    request = type(request)(
        {
            **request.META,
            "wsgi.input": stream,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            **environ,
        }
    )
    try:
        return read_json(request, limit=limit), stream.taken
    except ApplicationError as error:
        return error, stream.taken


CHUNKED: dict[str, Any] = {
    "HTTP_TRANSFER_ENCODING": "chunked",
    "CONTENT_LENGTH": "",
    "wsgi.input_terminated": True,
}


def test_nothing_is_read_of_a_body_that_announces_too_much() -> None:
    error, length = read(b'"' + b"x" * LIMIT + b'"')

    assert (error.status, length) == (413, 0)
    assert "5,000,000 bytes" in str(error)


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "9" * 40])
def test_a_length_that_is_none(length: str) -> None:
    error, size = read(b"{}", CONTENT_LENGTH=length)

    assert error.status in {400, 413}
    assert size == 0


def test_a_body_of_unknown_length_is_read_up_to_the_limit() -> None:
    error, size = read(b" " * 3 * LIMIT, **CHUNKED)

    assert error.status == 413
    assert size <= LIMIT + 100_000


def test_an_empty_body() -> None:
    error, _size = read(b"")

    assert (error.status, error.problems[0].code) == (400, "required")


def test_a_body_of_unknown_length() -> None:
    assert read(b'{"a": [1]}', **CHUNKED)[0] == {"a": [1]}


def test_a_server_that_does_not_end_such_bodies() -> None:
    error, size = read(b"{}", **{**CHUNKED, "wsgi.input_terminated": False})

    assert (error.status, size) == (411, 0)


def test_a_body_that_ends_early() -> None:
    error, _size = read(b"[1, 2]", CONTENT_LENGTH="100")

    assert (error.status, error.problems[0].code) == (400, "incomplete")


def test_a_compressed_body(api: Api) -> None:
    body = gzip.compress(json.dumps(event_document()).encode())

    response = api.post("/api/events", body, headers={"Content-Encoding": "gzip"})

    assert response.status_code == 202
    assert Event.objects.count() == 1


def gz(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (gz(b" " * 4_900_000), 413),
        (gz(b" " * 50_000_000), 413),
        (gz(b"{}") + gz(b"{}"), 400),
        (gz(b"{}")[:-4], 400),
        (b"{}", 400),
        (zlib.compress(b"{}"), 400),
    ],
    ids=["ratio", "size", "two members", "cut", "not compressed", "another form"],
)
def test_a_compressed_body_that_is_not_unpacked(body: bytes, status: int) -> None:
    error, _size = read(body, HTTP_CONTENT_ENCODING="gzip")

    assert error.status == status


def test_other_encodings_are_refused() -> None:
    error, _size = read(b"{}", HTTP_CONTENT_ENCODING="br")

    assert error.status == 415


def test_a_profile_past_its_limit(api: Api) -> None:
    document = profile_document(email="a@example.com", properties={"Note": "x" * 100_000})

    response = api.post("/api/profile-import", document)

    assert response.status_code == 413
    assert "100,000 bytes" in errors_of(response)[0]["detail"]
    assert not Profile.objects.exists()


@override_settings(API_BODY_LIMIT=500)
def test_events_past_their_limit(api: Api) -> None:
    response = api.post("/api/events", event_document(properties={"Note": "x" * 500}))

    assert response.status_code == 413
    assert "500 bytes" in errors_of(response)[0]["detail"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=30,
)


@given(JSON)
@example({"\ud800": 1})
@example([1e308 * 10])
def test_what_is_parsed_can_be_kept_or_is_refused_at_a_place_that_exists(value: Any) -> None:
    text = json.dumps(value)
    try:
        read_value = parse(text)
    except Invalid as error:
        holder = value
        for step in error.problems[0].pointer.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            holder = holder[int(name)] if isinstance(holder, list) else holder[name]
    else:
        assert read_value == value
        json.dumps(read_value, allow_nan=False, ensure_ascii=False).encode()
        assert "\\u0000" not in text
