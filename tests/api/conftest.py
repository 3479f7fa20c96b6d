"""Accounts, keys and clients: Django's for the form of answers, the official SDK for the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from klaviyo_api import KlaviyoAPI

from segmenter.accounts.models import Account, create_account, create_api_key
from tests.fixtures.cast import Response

JSON_API = "application/vnd.api+json"


@dataclass
class Api:
    """A program with a key."""

    secret: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = JSON_API,
    ) -> Response:
        if body is None:
            content: str | bytes = ""
        else:
            content = body if isinstance(body, str | bytes) else json.dumps(body)
        own_headers = {"Authorization": f"Klaviyo-API-Key {self.secret}", "revision": "2026-10-15"}
        return self.client.generic(
            method,
            path,
            content,
            content_type=content_type if body is not None else "",
            headers={**own_headers, **(headers or {})},
        )

    def get(self, path: str) -> Response:
        return self.call("GET", path)

    def post(self, path: str, body: Any, **more: Any) -> Response:
        return self.call("POST", path, body, **more)


def errors_of(response: HttpResponse | Response) -> list[dict[str, Any]]:
    """The errors of an answer, each of which has every member."""
    assert response["Content-Type"] == JSON_API
    errors = json.loads(response.content)["errors"]
    assert errors
    for error in errors:
        assert error["status"] == response.status_code
        assert all(
            isinstance(error[name], str) and error[name]
            for name in ("id", "code", "title", "detail")
        )
        assert len(error["source"].keys() & {"pointer", "parameter"}) == 1
    return errors


def places_of(response: Response) -> list[str]:
    return [next(iter(error["source"].values())) for error in errors_of(response)]


def event_document(**attributes: Any) -> dict[str, Any]:
    """A document of one event; `metric` and `profile` (attributes) in short."""
    metric = attributes.pop("metric", "Placed Order")
    profile = attributes.pop("profile", {"email": "ada@example.com"})
    return {
        "data": {
            "type": "event",
            "attributes": {
                "properties": {},
                "metric": {"data": {"type": "metric", "attributes": {"name": metric}}},
                "profile": {"data": {"type": "profile", "attributes": profile}},
                **attributes,
            },
        }
    }


def bulk_document(*groups: tuple[dict[str, Any], list[dict[str, Any]]]) -> dict[str, Any]:
    """A document of many events: pairs of a person's attributes and their events' attributes."""
    entries = [
        {
            "type": "event-bulk-create",
            "attributes": {
                "profile": {"data": {"type": "profile", "attributes": person}},
                "events": {"data": [_bulk_event(event) for event in events]},
            },
        }
        for person, events in groups
    ]
    return {
        "data": {
            "type": "event-bulk-create-job",
            "attributes": {"events-bulk-create": {"data": entries}},
        }
    }


def _bulk_event(attributes: dict[str, Any]) -> dict[str, Any]:
    name = attributes.get("metric", "Placed Order")
    metric = {"data": {"type": "metric", "attributes": {"name": name}}}
    return {"type": "event", "attributes": {"properties": {}, **attributes, "metric": metric}}


def profile_document(id_: str | None = None, meta: Any = None, **attributes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"type": "profile", "attributes": attributes}
    if id_ is not None:
        data["id"] = id_
    if meta is not None:
        data["meta"] = meta
    return {"data": data}


@pytest.fixture
def account(db: None) -> Account:
    return create_account(slug="shop")


@pytest.fixture
def secret(account: Account) -> str:
    return create_api_key(account=account, name="All")[1]


@pytest.fixture
def api(secret: str) -> Api:
    return Api(secret)


@pytest.fixture
def neighbour(db: None) -> Account:
    """Another account, whose objects nobody else may see."""
    return create_account(slug="neighbour")


@pytest.fixture
def neighbours_api(neighbour: Account) -> Api:
    return Api(create_api_key(account=neighbour, name="All")[1])


@pytest.fixture
def klaviyo(live_server: Any) -> Iterator[KlaviyoAPI]:
    """The official client with a key to everything in the account `shop`."""
    shop = create_account(slug="shop")
    secret = create_api_key(account=shop, name="All")[1]
    client = KlaviyoAPI(secret, max_delay=1, max_retries=1, test_host=live_server.url)
    yield client
    # Else the server's threads, and their database connections, outlive the test.
    pools = client.api_client.rest_client.pool_manager.pools
    for address in pools.keys():  # noqa: SIM118 (no mapping: it cannot be iterated)
        pools[address].close()
