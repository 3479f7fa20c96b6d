"""People: made, changed, found, and paged through."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connections

from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from tests.api.conftest import Api, errors_of, places_of, profile_document
from tests.api.people import data_of, now
from tests.fixtures.cast import Response

ATTRIBUTES = "/data/attributes"
PATCH = "/data/meta/patch_properties"


def imported(api: Api, **attributes: Any) -> Response:
    return api.post("/api/profile-import", profile_document(**attributes))


def test_a_person_is_made_and_then_changed(api: Api) -> None:
    creation = imported(api, email="Ada@Example.com", first_name="Ada", properties={"a": 1, "b": 2})
    update = imported(api, email="ada@example.com", first_name=None, properties={"a": None})

    assert (creation.status_code, update.status_code) == (201, 200)
    assert data_of(creation)["id"] == data_of(update)["id"]
    assert data_of(creation)["attributes"]["email"] == "ada@example.com"
    attributes = data_of(update)["attributes"]
    assert (attributes["first_name"], attributes["properties"]) == (None, {"b": 2})
    assert "subscriptions" not in attributes


def test_identifiers_are_added(api: Api) -> None:
    first = imported(api, external_id="c-1")
    second = imported(api, external_id="c-1", email="a@example.com")
    third = imported(api, email="a@example.com", anonymous_id="anon")

    assert [r.status_code for r in (first, second, third)] == [201, 200, 200]
    profile = Profile.objects.get()
    assert (profile.external_id, profile.email, profile.anonymous_id) == (
        *("c-1", "a@example.com"),
        "anon",
    )


def test_a_location_is_cleared(api: Api) -> None:
    imported(api, email="a@b.c", location={"city": "Malmö", "zip": "21120", "latitude": "55.6"})
    location = data_of(imported(api, email="a@b.c", location={"zip": None}))["attributes"][
        "location"
    ]
    assert (location["city"], location["zip"], location["latitude"]) == ("Malmö", None, 55.6)

    location = data_of(imported(api, email="a@b.c", location=None))["attributes"]["location"]

    assert set(location.values()) == {None}


@pytest.mark.parametrize(
    ("properties", "patch", "remaining"),
    [
        ({}, {"append": {"T": "a"}}, {"T": ["a"]}),
        ({"T": ["a"]}, {"append": {"T": ["b", "a", "b"]}}, {"T": ["a", "b"]}),
        ({"T": "a"}, {"append": {"T": "b"}}, {"T": ["a", "b"]}),
        ({"T": [1]}, {"append": {"T": True}}, {"T": [1, True]}),
        ({"T": ["a"]}, {"append": {"T": None}}, {"T": ["a"]}),
        ({"T": ["a", "b", "a"]}, {"unappend": {"T": "a"}}, {"T": ["b"]}),
        ({"T": ["a"]}, {"unappend": {"T": ["a", "z"]}}, {"T": []}),
        ({"T": "a"}, {"unappend": {"T": "a"}}, {"T": "a"}),
        ({}, {"unappend": {"T": "a"}}, {}),
        ({"T": 1, "U": 2}, {"unset": "T"}, {"U": 2}),
        ({"T": 1, "U": 2}, {"unset": ["T", "U", "V"]}, {}),
        ({"T": ["a"]}, {"append": {"T": {"x": [1]}}}, {"T": ["a", {"x": [1]}]}),
        ({"T": ["a"]}, {"append": {"T": "b"}, "unappend": {"T": "a"}}, {"T": ["b"]}),
        ({"T": ["a"]}, {"append": None, "unappend": None, "unset": None}, {"T": ["a"]}),
        ({"T": ["a"]}, {}, {"T": ["a"]}),
    ],
)
def test_patches_of_properties(
    api: Api, properties: dict[str, Any], patch: dict[str, Any], remaining: dict[str, Any]
) -> None:
    imported(api, email="a@b.c", properties=properties)

    for _again in range(2):
        response = imported(api, email="a@b.c", meta={"patch_properties": patch})
        assert response.status_code == 200
        assert data_of(response)["attributes"]["properties"] == remaining


@pytest.mark.parametrize(
    ("meta", "place"),
    [
        ([], "/data/meta"),
        ({"patch": 1}, "/data/meta/patch"),
        ({"patch_identifiers": {"append": {}}}, "/data/meta/patch_identifiers"),
        ({"patch_properties": []}, PATCH),
        ({"patch_properties": {"add": 1}}, f"{PATCH}/add"),
        ({"patch_properties": {"append": []}}, f"{PATCH}/append"),
        ({"patch_properties": {"append": {"a/b": "x" * 200_000}}}, ""),
        ({"patch_properties": {"unset": {"a": 1}}}, f"{PATCH}/unset"),
        ({"patch_properties": {"unset": ["a", 1]}}, f"{PATCH}/unset"),
    ],
)
def test_patches_of_another_form(api: Api, meta: Any, place: str) -> None:
    response = imported(api, email="a@b.c", meta=meta)

    assert response.status_code in {400, 413}
    assert places_of(response) == [place]


@pytest.mark.parametrize(
    ("attributes", "place"),
    [
        ({}, ATTRIBUTES),
        ({"first_name": "Ada"}, ATTRIBUTES),
        ({"email": ""}, ATTRIBUTES),
        ({"email": "a@b@c"}, f"{ATTRIBUTES}/email"),
        ({"email": ["a@b.c"]}, f"{ATTRIBUTES}/email"),
        ({"phone_number": "0701234567"}, f"{ATTRIBUTES}/phone_number"),
        ({"external_id": "x" * 300}, f"{ATTRIBUTES}/external_id"),
        ({"email": "a@b.c", "first_name": {}}, f"{ATTRIBUTES}/first_name"),
        ({"email": "a@b.c", "location": "here"}, f"{ATTRIBUTES}/location"),
        ({"email": "a@b.c", "location": {"timezone": "Mars"}}, f"{ATTRIBUTES}/location/timezone"),
        ({"email": "a@b.c", "subscriptions": {}}, f"{ATTRIBUTES}/subscriptions"),
        ({"email": "a@b.c", "created": "2026-01-01"}, f"{ATTRIBUTES}/created"),
        ({"email": "a@b.c", "lists": []}, f"{ATTRIBUTES}/lists"),
        ({"email": "a@b.c", "patch_properties": {}}, f"{ATTRIBUTES}/patch_properties"),
    ],
)
@pytest.mark.parametrize("path", ["/api/profile-import", "/api/profiles"])
def test_what_is_wrong_is_told_at_its_place(
    api: Api, path: str, attributes: dict[str, Any], place: str
) -> None:
    response = api.post(path, profile_document(**attributes))

    assert response.status_code == 400
    assert places_of(response) == [place]
    assert not Profile.objects.exists()


def test_a_person_exists_already(api: Api) -> None:
    first = api.post("/api/profiles", profile_document(email="a@b.c", external_id="1"))
    again = api.post("/api/profiles", profile_document(email="A@b.c", first_name="Ada"))

    assert (first.status_code, again.status_code) == (201, 409)
    (error,) = errors_of(again)
    assert error["code"] == "duplicate_profile"
    assert error["meta"] == {"duplicate_profile_id": data_of(first)["id"]}
    assert Profile.objects.get().first_name is None


def test_identifiers_of_two_people_are_a_conflict(api: Api) -> None:
    first = data_of(imported(api, email="a@b.c"))["id"]
    second = data_of(imported(api, external_id="2"))["id"]

    upsert = imported(api, email="a@b.c", external_id="2", first_name="X")
    patch = api.call(
        "PATCH", f"/api/profiles/{first}", profile_document(first, external_id="2", first_name="X")
    )

    for response in (upsert, patch):
        assert response.status_code == 409
        (error,) = errors_of(response)
        assert error["code"] == "duplicate_profile"
        assert error["source"] == {"pointer": f"{ATTRIBUTES}/external_id"}
        assert error["meta"] == {"duplicate_profile_id": second}
    assert not Profile.objects.filter(first_name="X").exists()


def test_the_server_gives_ids(api: Api) -> None:
    response = api.post("/api/profiles", profile_document("7", email="a@b.c"))

    assert response.status_code == 400
    assert places_of(response) == ["/data/id"]


def test_a_merged_person_keeps_their_old_id(api: Api, account: Account) -> None:
    keep = data_of(imported(api, email="a@b.c"))["id"]
    drop = data_of(imported(api, external_id="2"))["id"]
    merge(account=account, keep_id=int(keep), drop_id=int(drop), at=now())

    assert data_of(api.get(f"/api/profiles/{drop}"))["id"] == keep
    response = api.call("PATCH", f"/api/profiles/{drop}", profile_document(drop, title="Dr"))
    assert data_of(response)["attributes"]["title"] == "Dr"
    assert data_of(imported(api, id_=drop, first_name="Ada"))["id"] == keep


@pytest.mark.parametrize("prefix", ["1", None])
def test_a_patch_names_its_person_twice(api: Api, prefix: str | None) -> None:
    id_ = data_of(imported(api, email="a@b.c"))["id"]

    response = api.call("PATCH", f"/api/profiles/{id_}", profile_document(prefix and id_ + prefix))

    assert response.status_code == 400
    assert places_of(response) == ["/data/id"]


@pytest.mark.parametrize("id_", ["0", "-1", "²", "%00", "1" * 40, "null", "1.0", "a%2Fb", "%F0%9F"])
def test_ids_that_lead_nowhere(api: Api, id_: str) -> None:
    for response in (
        api.get(f"/api/profiles/{id_}"),
        api.call("PATCH", f"/api/profiles/{id_}", profile_document(id_, title="x")),
        api.get(f"/api/metrics/{id_}"),
    ):
        assert response.status_code == 404
        errors_of(response)


@pytest.mark.parametrize("id_", ["0", "-1", "²", "\t1", "1" * 40, "null", "1.0"])
def test_ids_in_a_document_that_lead_nowhere(api: Api, id_: str) -> None:
    response = imported(api, id_=id_, email="a@b.c")

    assert response.status_code in {400, 404}
    assert places_of(response) == ["/data/id"]
    assert not Profile.objects.exists()


def test_consent_that_is_dated_later_is_not_yet(api: Api, account: Account) -> None:
    later = (now() + timedelta(days=1)).isoformat()
    marketing = {
        "consent": "UNSUBSCRIBED",
        "consent_timestamp": later,
        "suppression": [{"reason": "USER_SUPPRESSED", "timestamp": later}],
    }
    record = {"email": "a@b.c", "subscriptions": {"email": {"marketing": marketing}}}
    ingest_profiles(account=account, records=[record], at=now())

    (person,) = data_of(api.get("/api/profiles?additional-fields[profile]=subscriptions"))

    consent = person["attributes"]["subscriptions"]["email"]["marketing"]
    assert (consent["consent"], consent["suppression"]) == ("NEVER_SUBSCRIBED", [])
    assert consent["can_receive_email_marketing"] is True


@pytest.mark.django_db(transaction=True)
def test_of_many_who_create_a_person_at_once_one_does(api: Api) -> None:
    senders = 8
    barrier = Barrier(senders)

    def send(sender: int) -> tuple[int, int]:
        own = Api(api.secret)
        barrier.wait()
        created = own.post("/api/profiles", profile_document(email="a@b.c", external_id="1"))
        barrier.wait()
        upserted = own.post("/api/profile-import", profile_document(email="b@b.c", title="Dr"))
        connections.close_all()
        return created.status_code, upserted.status_code

    with ThreadPoolExecutor(senders) as pool:
        answers = list(pool.map(send, range(senders)))

    assert sorted(created for created, _ in answers) == [201] + [409] * (senders - 1)
    assert sorted(upserted for _, upserted in answers) == [200] * (senders - 1) + [201]
    assert Profile.objects.count() == 2


def test_a_phone_of_somebody_else_is_a_conflict_and_replaces_nobody(api: Api) -> None:
    anna = {"email": "anna@fam.example", "phone_number": "+46701000201", "first_name": "Anna"}
    bert = {"email": "bert@fam.example", "phone_number": "+46701000201", "first_name": "Bert"}
    first = data_of(imported(api, **anna))["id"]

    for path in ("/api/profile-import", "/api/profiles"):
        response = api.post(path, profile_document(**bert))
        assert response.status_code == 409
        (error,) = errors_of(response)
        assert error["code"] == "duplicate_profile"
        assert error["source"] == {"pointer": f"{ATTRIBUTES}/phone_number"}
        assert error["meta"] == {"duplicate_profile_id": first}
    person = Profile.objects.get()
    assert (person.email, person.first_name) == ("anna@fam.example", "Anna")


def test_a_second_address_on_a_device_is_a_person_of_their_own(api: Api) -> None:
    first = imported(api, email="one@dev.example", anonymous_id="device-1")
    second = api.post(
        "/api/profiles", profile_document(email="two@dev.example", anonymous_id="device-1")
    )

    assert (first.status_code, second.status_code) == (201, 201)
    devices = dict(Profile.objects.values_list("email", "anonymous_id"))
    assert devices == {"one@dev.example": None, "two@dev.example": "device-1"}


def test_the_last_identifier_cannot_be_cleared(api: Api) -> None:
    id_ = data_of(imported(api, email="a@b.c", phone_number="+46701000201"))["id"]

    def cleared(name: str) -> Any:
        return api.call("PATCH", f"/api/profiles/{id_}", profile_document(id_, **{name: None}))

    assert cleared("phone_number").status_code == 200
    response = cleared("email")
    assert response.status_code == 400
    assert errors_of(response)[0]["code"] == "no_identifier"
    assert places_of(response) == [f"{ATTRIBUTES}/email"]
    assert Profile.objects.get().email == "a@b.c"


def test_people_are_found_by_an_address_however_it_is_written(api: Api) -> None:
    imported(api, email="\ufeffZo\u00eb\u200b@b.c")

    query = urlencode({"filter": 'equals(email,"ZOE\u0308@b.c")'})
    assert [one["attributes"]["email"] for one in data_of(api.get(f"/api/profiles?{query}"))] == [
        "zo\u00eb@b.c"
    ]
