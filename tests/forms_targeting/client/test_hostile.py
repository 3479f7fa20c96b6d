"""Whatever a page sends to /client/ and to pixels, the answer is never a fault of the server."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.draws import draws
from tests.forms_targeting.client.test_klaviyo_client import WRITES, body_for
from tests.forms_targeting.visitor import Visitor

pytestmark = pytest.mark.django_db
NASTY: st.SearchStrategy[Any] = st.sampled_from(
    [
        *("", "\x00", "\ud800", "\u202e", "ı", "null", "__proto__", "a@b.se", "+46701740605"),
        *(0, -1, 2**63, 1e300, True, None, [], {}, [[]], {"data": None}, {"data": {"id": 7}}),
        *({"$email": 1}, {"": ""}, {"marketing": {"consent": 7}}, "9" * 400, "2026-02-30"),
    ]
)


NO_LIMITS = override_settings(
    SEGMENTER_FORM_LIMIT=0, SEGMENTER_FORM_EMAIL_LIMIT=0, SEGMENTER_CLIENT_LIMIT=0
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a document, of objects and lists too."""
    paths = [path] if path else []
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in items:
            paths += leaves(inner, (*path, name))
    return paths


def spoil(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    spoiled = json.loads(json.dumps(document))
    place = spoiled
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return spoiled


@given(data=st.data())
@settings(
    max_examples=draws(150, nightly=3_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_value_at_any_place_breaks_the_server(visitor: Visitor, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from((*WRITES, "form-submissions")))
    person = {
        "email": "a@b.se",
        "_kx": "token",
        "location": {"city": "Lund", "latitude": 1},
        "properties": {"a": 1},
        "meta": {"patch_properties": {"append": {"b": 1}}},
        "subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}},
    }
    if path == "form-submissions":
        attributes = {
            "form_id": visitor.form.key,
            "version_id": visitor.version.key,
            "submission_id": "6d1ab2a2-9de5-4a9e-9d0c-2b5e34e9f0b1",
            "view_id": "6d1ab2a2-9de5-4a9e-9d0c-2b5e34e9f0b2",
            "step_id": "start",
            "values": {"mail": "a@b.se", "pets": 1, "sizes": ["38"], "born": "1990-01-01"},
            "consents": {"yes": True},
            "page": "https://shop.example/",
            "utm": {"source": "x"},
            "time": None,
        }
        document: Any = {"data": {"type": "form-submission", "attributes": attributes}}
    else:
        document = body_for(path, **person)
    body = spoil(document, data.draw(st.sampled_from(leaves(document))), data.draw(NASTY))
    text = json.dumps(body)
    with NO_LIMITS:
        response = visitor.post(path, text)
    assert response.status_code < 500, (path, text, response.content)
    assert response.status_code in (202, 400, 413)


@given(value=NASTY, name=st.sampled_from(("token", "event", "properties", "customer_properties")))
@settings(
    max_examples=draws(60, nightly=1_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_value_breaks_a_pixel(visitor: Visitor, value: Any, name: str) -> None:
    document = {
        "token": visitor.account.site_key,
        "event": "Seen",
        "properties": {"$value": 1},
        "customer_properties": {"$email": "a@b.se"},
        name: value,
    }
    for path in ("/api/track", "/api/identify"):
        with NO_LIMITS:
            response = visitor.client.get(f"{path}?data={quote(json.dumps(document))}")
        assert response.status_code == 200, (path, document, response.content)
        assert response.content in (b"0", b"1")
