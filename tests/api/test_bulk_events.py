"""Bulk requests of events: all or nothing, unless the client asks for what can be stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from klaviyo_api import KlaviyoAPI
from openapi_client.exceptions import ApiException

from profiles.models import Event, Metric, Profile, ProfileChange
from tests.api.conftest import Api, bulk_document, errors_of, event_document, places_of

PATH = "/api/event-bulk-create-jobs"
JOB = "/data/attributes/events-bulk-create/data"
LENIENT = {"Prefer": "handling=lenient"}


def faulty() -> dict[str, Any]:
    """Two good events, and whatever can be wrong with others."""
    document = bulk_document(
        (
            {"email": "a@example.com"},
            [{"unique_id": "1"}, {"time": "1600-01-01T00:00:00Z"}, {"value": "x"}, {"amount": 1}],
        ),
        ({"email": "nobody"}, [{}, {}]),
        ({"email": "b@example.com"}, [{"properties": {"a/b": "x" * 200_000}}, {"unique_id": "2"}]),
        ({"email": "c@example.com"}, []),
        ({"phone_number": "+46701234567", "nick": "x"}, [{}]),
        ({}, [{"unique_id": "3"}]),
    )
    entries = document["data"]["attributes"]["events-bulk-create"]["data"]
    entries[-1]["attributes"]["profile"]["data"]["id"] = "999999999"
    entries += [{"type": "event"}, 7]
    return document


FAULTS = {
    f"{JOB}/0/attributes/events/data/1/attributes/time": "out_of_range",
    f"{JOB}/0/attributes/events/data/2/attributes/value": "invalid",
    f"{JOB}/0/attributes/events/data/3/attributes/amount": "invalid",
    f"{JOB}/1/attributes/profile/data/attributes/email": "invalid",
    f"{JOB}/2/attributes/events/data/0/attributes/properties/a~1b": "too_long",
    f"{JOB}/3/attributes/events/data": "required",
    f"{JOB}/4/attributes/profile/data/attributes/nick": "invalid",
    f"{JOB}/5/attributes/profile/data/id": "not_found",
    f"{JOB}/6/type": "invalid",
    f"{JOB}/7": "invalid",
}


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in (Event, Profile, Metric, ProfileChange))


def test_one_bad_event_refuses_the_whole_request_and_each_fault_is_told(api: Api) -> None:
    response = api.post(PATH, faulty())

    assert response.status_code == 400
    assert {one["source"]["pointer"]: one["code"] for one in errors_of(response)} == FAULTS
    assert nothing_is_stored()


def test_a_person_who_cannot_be_found_refuses_the_whole_request(api: Api) -> None:
    document = bulk_document(
        ({"email": "a@example.com", "first_name": "Ada"}, [{"unique_id": "1"}]),
        ({}, [{"unique_id": "2"}, {"unique_id": "3"}]),
    )
    entries = document["data"]["attributes"]["events-bulk-create"]["data"]
    entries[1]["attributes"]["profile"]["data"]["id"] = "999999999"

    response = api.post(PATH, document)

    assert response.status_code == 400
    assert places_of(response) == [f"{JOB}/1/attributes/profile/data/id"]
    assert nothing_is_stored()


def test_a_request_without_the_bad_events_is_stored_once(api: Api) -> None:
    good = [{"unique_id": str(number)} for number in range(20)]
    bad = bulk_document(({"email": "a@example.com"}, [*good, {"time": "1999-01-01"}]))
    mended = bulk_document(({"email": "a@example.com"}, good))

    assert api.post(PATH, bad).status_code == 400
    assert nothing_is_stored()
    for _again in range(2):
        response = api.post(PATH, mended)
        assert (response.status_code, response.content) == (202, b"")
    assert Event.objects.count() == 20


@pytest.mark.parametrize(
    "prefer",
    ["handling=lenient", 'respond-async, Handling="Lenient"; x=1', "handling=lenient,wait=10"],
)
def test_who_prefers_it_has_what_is_wrong_refused_alone(api: Api, prefer: str) -> None:
    response = api.post(PATH, faulty(), headers={"Prefer": prefer})

    assert response.status_code == 202
    assert response["Preference-Applied"] == "handling=lenient"
    answer = json.loads(response.content)
    assert {one["pointer"]: one["code"] for one in answer["meta"]["rejected"]} == FAULTS
    assert all(one["detail"] for one in answer["meta"]["rejected"])
    assert answer["data"]["type"] == "event-bulk-create-job"
    assert answer["data"]["attributes"] == {
        "status": "complete",
        "completed_count": 2,
        "failed_count": 11,
    }
    assert set(Event.objects.values_list("unique_id", flat=True)) == {"1", "2"}


@pytest.mark.parametrize(
    "prefer", ["handling=strict", "handling", "lenient", "handling=strict, handling=lenient", ""]
)
def test_any_other_preference_is_left_aside(api: Api, prefer: str) -> None:
    response = api.post(PATH, faulty(), headers={"Prefer": prefer})

    assert response.status_code == 400
    assert "Preference-Applied" not in response
    assert nothing_is_stored()


@pytest.mark.parametrize("headers", [{}, LENIENT])
def test_a_bulk_request_with_nothing_right_is_refused(api: Api, headers: dict[str, str]) -> None:
    document = bulk_document(({"email": "nobody"}, [{}]), ({"email": "a@b.c"}, [{"value": "x"}]))

    response = api.post(PATH, document, headers=headers)

    assert response.status_code == 400
    assert places_of(response) == [
        f"{JOB}/0/attributes/profile/data/attributes/email",
        f"{JOB}/1/attributes/events/data/0/attributes/value",
    ]
    assert nothing_is_stored()


def test_no_more_than_a_hundred_errors_are_listed(api: Api) -> None:
    events = [{"unique_id": str(number), "value": "x", "amount": 1} for number in range(400)]

    response = api.post(PATH, bulk_document(({"email": "a@example.com"}, events)))

    assert response.status_code == 400
    assert len(errors_of(response)) == 100
    assert json.loads(response.content)["meta"]["error_count"] >= 400
    assert nothing_is_stored()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_at_the_last_event_keeps_nothing_of_the_request(api: Api) -> None:
    people = [({"email": f"{n}@example.com"}, [{"unique_id": f"{n}"}]) for n in range(999)]
    document = bulk_document(*people, ({"email": "z@example.com"}, [{"unique_id": "fails"}]))
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
               CREATE TRIGGER fails BEFORE INSERT ON profiles_event FOR EACH ROW
               WHEN (NEW.unique_id = 'fails') EXECUTE FUNCTION fail()"""
        )
    try:
        response = api.post(PATH, document)
        assert response.status_code >= 500
        assert nothing_is_stored()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER fails ON profiles_event; DROP FUNCTION fail()")

    for _again in range(2):
        assert api.post(PATH, document).status_code == 202
        assert (Event.objects.count(), Profile.objects.count()) == (1000, 1000)


def test_the_official_client_raises_where_an_event_is_bad(klaviyo: KlaviyoAPI) -> None:
    good = [{"unique_id": str(number), "value": number} for number in range(3)]
    person = {"email": "ada@example.com"}
    bad = bulk_document((person, [good[0], {"time": "1999-01-01T00:00:00Z"}, *good[1:]]))

    with pytest.raises(ApiException) as caught:
        klaviyo.Events.bulk_create_events(bad)

    assert caught.value.status == 400
    (error,) = json.loads(caught.value.body or "")["errors"]
    assert error["source"]["pointer"] == f"{JOB}/0/attributes/events/data/1/attributes/time"
    assert nothing_is_stored()
    for _again in range(2):
        klaviyo.Events.bulk_create_events(bulk_document((person, good)))
    assert Event.objects.count() == 3


PERSON = {
    "email": "nope",
    "phone_number": "123",
    "first_name": {},
    "nick": 1,
    "properties": {"x" * 300: 1},
    "location": {"latitude": 91, "timezone": "Mars", "planet": "x"},
}
PERSONS_FAULTS = {
    *("email", "phone_number", "first_name", "nick", "properties"),
    *("location/latitude", "location/timezone", "location/planet"),
}


@pytest.mark.parametrize("path", ["/api/profiles", "/api/profile-import"])
def test_each_fault_of_a_person_is_told(api: Api, path: str) -> None:
    response = api.post(path, {"data": {"type": "profile", "attributes": PERSON}})

    assert response.status_code == 400
    assert set(places_of(response)) == {f"/data/attributes/{place}" for place in PERSONS_FAULTS}
    assert nothing_is_stored()


def test_each_fault_of_an_event_and_its_person_is_told(api: Api) -> None:
    event = {"profile": PERSON, "metric": "", "time": "soon", "value": "x", "value_currency": 7}
    document = event_document(**event, amount=1, unique_id={})
    at = "/data/attributes"

    response = api.post("/api/events", document)

    assert response.status_code == 400
    assert set(places_of(response)) == {
        *(f"{at}/profile/data/attributes/{place}" for place in PERSONS_FAULTS),
        f"{at}/metric/data/attributes/name",
        *(f"{at}/{name}" for name in ("time", "value", "value_currency", "amount", "unique_id")),
    }
    bulk = bulk_document((PERSON, [{k: v for k, v in event.items() if k != "profile"}] * 2))
    places = places_of(api.post(PATH, bulk))
    assert {place for place in places if place.startswith(f"{JOB}/0/attributes/profile")} == {
        f"{JOB}/0/attributes/profile/data/attributes/{place}" for place in PERSONS_FAULTS
    }
    for number in range(2):
        start = f"{JOB}/0/attributes/events/data/{number}/attributes"
        assert {place for place in places if place.startswith(start)} == {
            f"{start}/metric/data/attributes/name",
            *(f"{start}/{name}" for name in ("time", "value", "value_currency")),
        }
    assert nothing_is_stored()


@pytest.mark.parametrize("document", [None, [], {}, {"data": None}, {"data": {"type": "event"}}])
def test_a_document_that_is_none_has_faults_that_come_to_an_end(api: Api, document: Any) -> None:
    for path in ("/api/events", "/api/profiles", "/api/profile-import", PATH):
        body = json.dumps(document)
        assert api.post(path, body).status_code == 400
