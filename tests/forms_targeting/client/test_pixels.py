"""Hand-written pixels and older forms: every shape in which their data comes."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from forms_targeting.engine.sites import site_of
from profiles.lists.editing import create_list
from profiles.models import Consent, Event, ListMember, Profile
from segmenter.accounts.models import Account, create_api_key
from tests.fixtures.cast import AT, Response

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def track(account: Account, **more: Any) -> dict[str, Any]:
    return {
        "token": account.site_key,
        "event": "Viewed Product",
        "customer_properties": {"$email": "a@b.se", "$first_name": "Åsa", "Plan": "gold"},
        "properties": {"Item": "Skor >>> ???", "$value": 12},
        "time": 1_769_940_000,
        **more,
    }


def encoded(document: Any, *, urlsafe: bool = False) -> str:
    pack = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    return pack(json.dumps(document, ensure_ascii=False).encode()).decode()


@pytest.mark.parametrize(
    "data",
    [
        lambda document: quote(encoded(document)),
        lambda document: quote(encoded(document).rstrip("=")),
        lambda document: encoded(document),  # a plus arrives as a space
        lambda document: encoded(document, urlsafe=True),
        lambda document: quote(json.dumps(document)),
    ],
)
def test_a_pixel_tracks(client: Client, account: Account, data: Any) -> None:
    response = client.get(f"/api/track?data={data(track(account))}")
    assert (response.status_code, response.content) == (200, b"1")
    event = Event.objects.select_related("metric").get()
    assert (event.metric.name, event.value) == ("Viewed Product", 12.0)
    assert event.properties == {"Item": "Skor >>> ???"}
    person = Profile.objects.get()
    assert (person.first_name, person.properties) == ("Åsa", {"Plan": "gold"})


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_is_posted_as_form_json_or_text(client: Client, account: Account, slash: str) -> None:
    documents = [track(account, time=1_769_940_000 + n) for n in range(4)]
    bodies = [
        (f"data={quote(encoded(documents[0]))}", FORM),
        (f"data={quote(json.dumps(documents[1]))}", FORM),
        (json.dumps(documents[2]), "application/json"),
        (json.dumps(documents[3]), "text/plain"),
    ]
    for body, content_type in bodies:
        response = client.post(f"/api/track{slash}", body, content_type=content_type)
        assert (response.status_code, response.content) == (200, b"1")
    assert Event.objects.count() == 4


def test_a_pixel_identifies(client: Client, account: Account) -> None:
    document = {
        "token": account.site_key,
        "properties": {"$id": "7", "$email": "a@b.se", "$city": "Lund", "Plan": "gold"},
    }
    response = client.get(f"/api/identify?data={quote(encoded(document))}")
    assert response.content == b"1"
    person = Profile.objects.get()
    assert (person.external_id, person.email, person.city) == ("7", "a@b.se", "Lund")
    assert person.properties == {"Plan": "gold"}


@pytest.mark.parametrize(
    "data",
    [
        "",
        "rubbish",
        "{",
        "W10=",
        "eyJ0b2tlbiI6MX0=",
        quote(json.dumps({"token": "XXXXXX", "event": "x", "customer_properties": {}})),
        "%FF%00",
        "x" * 3_000,
    ],
)
@pytest.mark.parametrize("path", ["/api/track", "/api/identify"])
def test_what_cannot_be_stored_is_a_zero(client: Client, path: str, data: str) -> None:
    response = client.get(f"{path}?data={data}")
    assert (response.status_code, response.content) == (200, b"0")
    assert not Event.objects.exists()


def test_an_event_without_a_person_or_a_name_is_a_zero(client: Client, account: Account) -> None:
    changes: list[dict[str, Any]] = [
        {"customer_properties": {}},
        {"event": ""},
        {"time": "never"},
        {"properties": []},
    ]
    for change in changes:
        data = quote(encoded(track(account, **change)))
        assert client.get(f"/api/track?data={data}").content == b"0"


def test_a_private_key_in_its_place_is_taken(client: Client, account: Account) -> None:
    _key, secret = create_api_key(account=account, name="Pixel", scopes=["events:write"])
    _key, weak = create_api_key(account=account, name="Reader", scopes=[])
    data = quote(encoded(track(account, token=secret)))
    assert client.get(f"/api/track?data={data}").content == b"1"
    data = quote(encoded(track(account, token=weak)))
    assert client.get(f"/api/track?data={data}").content == b"0"
    assert Event.objects.count() == 1


def test_pages_of_other_domains_may_not_use_the_pixel(client: Client, account: Account) -> None:
    site = site_of(account, at=AT)
    site.domains = ["shop.example"]
    site.save()
    data = quote(encoded(track(account)))
    evil = client.get(f"/api/track?data={data}", headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    mine = client.get(f"/api/track?data={data}", headers={"Origin": "https://shop.example"})
    assert mine.content == b"1"
    assert mine["Access-Control-Allow-Origin"] == "https://shop.example"


def test_no_callback_is_called(client: Client, account: Account) -> None:
    data = quote(encoded(track(account)))
    response = client.get(f"/api/track?data={data}&c=alert(1)&callback=alert(1)")
    assert response.content == b"1"
    assert response["Content-Type"] == "text/plain"


def subscribe(client: Client, fields: dict[str, str]) -> Response:
    return client.post("/ajax/subscriptions/subscribe", fields)


@pytest.mark.parametrize("path", ["/ajax/subscriptions/subscribe", "/subscriptions/subscribe"])
def test_an_older_form_subscribes_to_its_list(client: Client, account: Account, path: str) -> None:
    newsletter = create_list(account=account, name="News", at=AT)
    fields = {
        "g": newsletter.key,
        "email": "a@b.se",
        "$fields": "$first_name,Plan",
        "$first_name": "Anna",
        "Plan": "gold",
        "$source": "Footer",
        "other": "x",
    }
    response = client.post(path, fields)
    assert response.json()["success"] is True
    person = Profile.objects.get()
    assert (person.email, person.first_name, person.properties) == (
        "a@b.se",
        "Anna",
        {"Plan": "gold"},
    )
    assert Consent.objects.get().custom_source == "Footer"
    assert ListMember.objects.get().list == newsletter


def test_an_older_form_is_told_of_a_wrong_address(client: Client, account: Account) -> None:
    newsletter = create_list(account=account, name="News", at=AT)
    response = subscribe(client, {"g": newsletter.key, "$email": "nope"})
    assert response.json()["success"] is False
    assert not Profile.objects.exists()


def test_a_list_of_nobody_is_not_found(client: Client) -> None:
    assert subscribe(client, {"g": "XXXXXX", "email": "a@b.se"}).status_code == 404
