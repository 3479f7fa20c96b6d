"""Who may do what: keys, scopes, walls between accounts. New endpoints join by themselves."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Event, Metric, Profile
from segmenter.accounts.keys import ApiView
from segmenter.accounts.models import SCOPES, Account, ApiKey, create_api_key
from segmenter.kernel.clock import now
from segmenter.kernel.jsonapi import answer_exception
from segmenter.kernel.keys import new_key
from tests.api.conftest import Api, bulk_document, errors_of, event_document, profile_document
from tests.fixtures.cast import Response

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def endpoints() -> Iterator[tuple[str, type[ApiView]]]:
    """Every endpoint of the private API: an address of it, and its view."""

    def walk(entries: Any, prefix: str) -> Iterator[tuple[str, type[ApiView]]]:
        for entry in entries:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, path)
            elif isinstance(entry, URLPattern):
                view = getattr(entry.callback, "cls", None)
                if view is not None and issubclass(view, ApiView):
                    yield (
                        "/" + re.sub(r"\(\?P.*?\)|<.*?>", "1", re.sub(r"[\^$]|/\?", "", path)),
                        view,
                    )

    yield from walk(get_resolver().url_patterns, "")


ENDPOINTS = list(endpoints())
CALLS = [
    (method, path, view.scopes[method])
    for path, view in ENDPOINTS
    for method in METHODS
    if method in view.scopes
]
IDS = [f"{method} {path}" for method, path, _ in CALLS]


def key_with(account: Account, scopes: list[str]) -> Api:
    return Api(create_api_key(account=account, name="Some", scopes=scopes)[1])


def test_the_endpoints_are_found() -> None:
    assert {"/api/events", "/api/profiles/1", "/api/metrics"} <= {path for path, _ in ENDPOINTS}


def test_every_method_of_every_endpoint_has_a_scope() -> None:
    for path, view in ENDPOINTS:
        methods = {m for m in METHODS if hasattr(view, m.lower()) and m != "OPTIONS"}
        assert methods == view.scopes.keys(), path
        assert set(view.scopes.values()) <= set(SCOPES)


@pytest.mark.parametrize(("method", "path", "scope"), CALLS, ids=IDS)
def test_the_scope_is_needed_and_enough(
    account: Account, method: str, path: str, scope: str
) -> None:
    noun, _, right = scope.partition(":")
    enough = {scope, f"{noun}:write"} & set(SCOPES) if right == "read" else {scope}
    without = key_with(account, [s for s in SCOPES if s not in enough])

    refused = without.call(method, path, {} if method != "GET" else None)

    assert refused.status_code == 403
    assert scope in errors_of(refused)[0]["detail"]
    for each in enough:
        body: Any = {} if method != "GET" else None
        assert key_with(account, [each]).call(method, path, body).status_code not in {401, 403}


@pytest.mark.parametrize(("method", "path", "scope"), CALLS, ids=IDS)
def test_a_living_key_is_needed(api: Api, method: str, path: str, scope: str) -> None:
    ApiKey.objects.get().revoke(at=now())
    headers = [
        {},
        {"Authorization": ""},
        {"Authorization": "Klaviyo-API-Key"},
        {"Authorization": "Klaviyo-API-Key "},
        {"Authorization": "Klaviyo-API-Key pk_unknown"},
        {"Authorization": "Klaviyo-API-Key " + "x" * 5000},
        {"Authorization": "Klaviyo-API-Key å\x00"},
        {"Authorization": f"Bearer {api.secret}"},
        {"Authorization": f"Klaviyo-API-Key {api.secret}"},
    ]
    for sent_headers in headers:
        response = Client().generic(method, path, b"{", headers=sent_headers)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Klaviyo-API-Key"
        errors_of(response)


def test_a_revoked_key_stops_at_once(api: Api) -> None:
    assert api.get("/api/profiles").status_code == 200

    ApiKey.objects.get().revoke(at=now())

    assert api.get("/api/profiles").status_code == 401


@pytest.mark.parametrize("revision", ["2024-10-15", "2026-10-15.pre", "2099-01-01", "x", None])
def test_any_revision_is_welcome(api: Api, revision: str | None) -> None:
    headers = {"Authorization": f"Klaviyo-API-Key {api.secret}"}
    if revision is not None:
        headers["revision"] = revision

    assert Client().get("/api/profiles", headers=headers).status_code == 200


@pytest.mark.parametrize(("path", "view"), ENDPOINTS, ids=[path for path, _ in ENDPOINTS])
def test_other_methods(api: Api, path: str, view: type[ApiView]) -> None:
    for method in METHODS:
        if method not in view.scopes:
            response = api.call(method, path, {})
            assert response.status_code == 405
            assert set(response["Allow"].split(", ")) >= view.scopes.keys()
            errors_of(response)


@pytest.mark.parametrize(("path", "view"), ENDPOINTS, ids=[path for path, _ in ENDPOINTS])
def test_with_and_without_a_trailing_slash(api: Api, path: str, view: type[ApiView]) -> None:
    for method in view.scopes:
        body: Any = None if method == "GET" else {}
        one, other = api.call(method, path, body), api.call(method, f"{path}/", body)
        assert one.status_code == other.status_code
        assert without_ids(one) == without_ids(other) or one.status_code == 200


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/events/1/2", "/client/nothing"])
@pytest.mark.parametrize("method", METHODS)
def test_unknown_addresses(api: Api, method: str, path: str) -> None:
    response = api.call(method, path, None if method == "GET" else {})

    assert response.status_code == 404
    assert errors_of(response)[0]["code"] == "not_found"


def test_another_host(api: Api) -> None:
    response = api.call("GET", "/api/profiles", headers={"Host": "elsewhere.example"})

    assert response.status_code == 400
    errors_of(response)


def test_too_many_parameters(api: Api) -> None:
    response = api.get("/api/profiles?" + "&".join(["a=1"] * 6000))

    assert response.status_code == 400
    errors_of(response)


def without_ids(response: Response) -> Any:
    document = json.loads(response.content) if response.content else {}
    for error in document.get("errors", ()):
        del error["id"]
    return document


@pytest.fixture
def theirs(neighbour: Account) -> Profile:
    """A person of another account, who bought something there."""
    record = {"metric": "Secret", "profile": {"email": "theirs@example.com"}, "time": now()}
    ingest_events(account=neighbour, records=[record], at=now())
    return Profile.objects.get()


def test_things_of_another_account_do_not_exist(api: Api, theirs: Profile) -> None:
    metric = Metric.objects.get()
    nowhere = str(theirs.pk + 1000)

    def answers(profile_id: str, metric_id: str) -> list[tuple[int, Any]]:
        event = event_document(profile={"first_name": "X"})
        event["data"]["attributes"]["profile"]["data"]["id"] = profile_id
        bulk = bulk_document(({}, [{}]))
        entry = bulk["data"]["attributes"]["events-bulk-create"]["data"][0]
        entry["attributes"]["profile"]["data"]["id"] = profile_id
        document = profile_document(profile_id, first_name="X")
        return [
            (response.status_code, without_ids(response))
            for response in (
                api.get(f"/api/profiles/{profile_id}"),
                api.call("PATCH", f"/api/profiles/{profile_id}", document),
                api.post("/api/profile-import", document),
                api.post("/api/events", event),
                api.post("/api/event-bulk-create-jobs", bulk),
                api.get(f"/api/metrics/{metric_id}"),
            )
        ]

    ours = answers(str(theirs.pk), metric.key)

    assert ours == answers(nowhere, new_key())
    assert [status for status, _ in ours] == [404, 404, 404, 404, 400, 404]
    theirs.refresh_from_db()
    assert theirs.first_name is None
    assert Event.objects.count() == 1


def test_lists_hold_nothing_of_another_account(api: Api, theirs: Profile) -> None:
    for path in (
        "/api/profiles",
        f'/api/profiles?filter=equals(id,"{theirs.pk}")',
        '/api/profiles?filter=equals(email,"theirs@example.com")',
        "/api/metrics",
    ):
        assert json.loads(api.get(path).content)["data"] == []


def test_a_cursor_of_another_account_shows_only_ones_own(
    api: Api, account: Account, neighbours_api: Api, neighbour: Account
) -> None:
    for shop in (account, neighbour):
        records = [{"external_id": f"{shop.slug}-{number}"} for number in range(4)]
        ingest_profiles(account=shop, records=records, at=now())
    link = json.loads(neighbours_api.get("/api/profiles?page[size]=1").content)["links"]["next"]

    people = json.loads(api.get(link).content)["data"]

    assert all(one["attributes"]["external_id"].startswith("shop-") for one in people)


def test_the_same_identifiers_in_two_accounts(api: Api, neighbours_api: Api) -> None:
    document = profile_document(email="a@example.com")

    assert api.post("/api/profiles", document).status_code == 201
    assert neighbours_api.post("/api/profiles", document).status_code == 201


def test_what_nobody_foresaw_is_recorded_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = answer_exception(ValueError("the secret cause"), {})

    assert response.status_code == 500
    (error,) = errors_of(response)
    assert "secret" not in json.dumps(error)
    assert error["id"] in caplog.text


def test_a_database_that_is_away_is_worth_another_try() -> None:
    response = answer_exception(OperationalError("connection refused"), {})

    assert response.status_code == 503
    assert response["Retry-After"] == "1"
    errors_of(response)
