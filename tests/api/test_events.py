"""Events one by one and in bulk: what is stored, what is refused, and what counts once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from profiles.models import Event, Metric, Profile, ProfileChange
from segmenter.accounts.models import Account
from tests.api.conftest import Api, bulk_document, errors_of, event_document, places_of

EVENT = "/data/attributes"
PERSON = f"{EVENT}/profile/data"
JOB = "/data/attributes/events-bulk-create/data"


def now() -> datetime:
    return datetime.now(UTC)


def test_an_event_is_stored(api: Api, account: Account) -> None:
    document = event_document(value=10, time="2026-01-02T03:04:05+01:00", unique_id="o-1")

    response = api.post("/api/events", document)

    assert (response.status_code, response.content) == (202, b"")
    event = Event.objects.get(account=account)
    assert event.time == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert (event.value, event.unique_id, event.metric.name) == (10.0, "o-1", "Placed Order")
    assert event.profile.email == "ada@example.com"
    assert ProfileChange.objects.filter(account=account, profile_id=event.profile_id).exists()


@pytest.mark.parametrize("time", [None, "left out"])
def test_an_event_without_a_time_is_of_now(api: Api, time: str | None) -> None:
    before = now()

    api.post("/api/events", event_document(**({} if time else {"time": None})))

    assert before <= Event.objects.get().time <= now()


def test_a_unique_id_counts_once(api: Api) -> None:
    for value in (1, 2):
        response = api.post("/api/events", event_document(unique_id="o-1", value=value))
        assert response.status_code == 202
    api.post("/api/events", event_document(unique_id="o-1", metric="Refunded Order"))
    api.post("/api/events", event_document(unique_id="o-1", profile={"email": "b@example.com"}))
    bulk = bulk_document(({"email": "b@example.com"}, [{"unique_id": "o-1", "value": 3}]))
    assert api.post("/api/event-bulk-create-jobs", bulk).status_code == 202

    assert Event.objects.filter(metric__name="Placed Order").count() == 2
    assert Event.objects.filter(profile__email="ada@example.com", unique_id="o-1", value=1).exists()


@pytest.mark.parametrize(
    ("time", "status"),
    [
        ("1999-12-31T23:59:59Z", 400),
        ("2000-01-01T00:00:00Z", 202),
        (364, 202),
        (368, 400),
        ("1600-01-01T00:00:00Z", 400),
        ("9999-12-31T23:59:59Z", 400),
        ("0001-01-01T00:00:00+14:00", 400),
        ("yesterday", 400),
        ("2026-02-30T00:00:00Z", 400),
        ("", 400),
        (True, 400),
        ([], 400),
        (1e300, 400),
    ],
)
def test_when_an_event_may_have_happened(api: Api, time: Any, status: int) -> None:
    if type(time) is int:
        time = (now() + timedelta(days=time)).isoformat()

    response = api.post("/api/events", event_document(time=time))

    assert response.status_code == status
    assert Event.objects.count() == (status == 202)
    if status == 400:
        assert places_of(response) == [f"{EVENT}/time"]


@pytest.mark.parametrize(
    ("attributes", "place"),
    [
        ({"value": "12"}, f"{EVENT}/value"),
        ({"value": True}, f"{EVENT}/value"),
        ({"value": 1e200}, f"{EVENT}/value"),
        ({"unique_id": "x" * 300}, f"{EVENT}/unique_id"),
        ({"unique_id": {}}, f"{EVENT}/unique_id"),
        ({"properties": []}, f"{EVENT}/properties"),
        ({"properties": {"x" * 300: 1}}, f"{EVENT}/properties"),
        ({"properties": {"Note": "x" * 200_000}}, f"{EVENT}/properties/Note"),
        ({"properties": {"": 1}}, f"{EVENT}/properties"),
        ({"value_currency": 7}, f"{EVENT}/value_currency"),
        ({"metric": ""}, f"{EVENT}/metric/data/attributes/name"),
        ({"metric": None}, f"{EVENT}/metric/data/attributes/name"),
        ({"metric": "x" * 300}, f"{EVENT}/metric/data/attributes/name"),
        ({"profile": {}}, f"{PERSON}/attributes"),
        ({"profile": None}, f"{PERSON}/attributes"),
        ({"profile": []}, f"{PERSON}/attributes"),
        ({"profile": {"email": None}}, f"{PERSON}/attributes"),
        ({"profile": {"email": "nobody"}}, f"{PERSON}/attributes/email"),
        (
            {"profile": {"email": "a@b.c", "phone_number": "12"}},
            f"{PERSON}/attributes/phone_number",
        ),
        ({"profile": {"email": "a@b.c", "title": 5}}, f"{PERSON}/attributes/title"),
        ({"profile": {"email": "a@b.c", "nick": "A"}}, f"{PERSON}/attributes/nick"),
        (
            {"profile": {"email": "a@b.c", "location": {"latitude": 91}}},
            f"{PERSON}/attributes/location/latitude",
        ),
        (
            {"profile": {"email": "a@b.c", "location": {"post/code": 1}}},
            f"{PERSON}/attributes/location/post~1code",
        ),
        (
            {"profile": {"email": "a@b.c", "properties": "x"}},
            f"{PERSON}/attributes/properties",
        ),
        ({"amount": 3}, f"{EVENT}/amount"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(
    api: Api, attributes: dict[str, Any], place: str
) -> None:
    response = api.post("/api/events", event_document(**attributes))

    assert response.status_code == 400
    assert places_of(response) == [place]
    assert not Event.objects.exists()
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"type": "profile"}, ["/data/type"]),
        ({"type": None}, ["/data/type"]),
        ({"attributes": []}, ["/data/attributes"]),
        ({"attributes": {}}, [f"{EVENT}/profile", f"{EVENT}/metric"]),
        (
            {"attributes": {"profile": {"data": {"type": "profile"}}}},
            [f"{PERSON}/attributes", f"{EVENT}/metric"],
        ),
        (
            {"attributes": {"profile": {"data": {"type": "person"}}}},
            [f"{PERSON}/type", f"{EVENT}/metric"],
        ),
        (
            {"attributes": {"profile": {"data": {"type": "profile", "id": 7}}}},
            [f"{PERSON}/id", f"{EVENT}/metric"],
        ),
    ],
)
def test_documents_of_another_form(api: Api, change: dict[str, Any], places: list[str]) -> None:
    response = api.post("/api/events", {"data": {**event_document()["data"], **change}})

    assert response.status_code == 400
    assert places_of(response) == places


def test_a_person_by_id(api: Api) -> None:
    api.post("/api/events", event_document())
    document = event_document(metric="Viewed Product", profile={})
    document["data"]["attributes"]["profile"]["data"]["id"] = str(Profile.objects.get().pk)

    assert api.post("/api/events", document).status_code == 202

    assert Event.objects.get(metric__name="Viewed Product").profile.email == "ada@example.com"


def test_an_event_patches_its_person(api: Api) -> None:
    for tag in ("a", "b", "a"):
        document = event_document(unique_id=tag)
        document["data"]["attributes"]["profile"]["data"]["meta"] = {
            "patch_properties": {"append": {"Tags": tag}}
        }
        assert api.post("/api/events", document).status_code == 202

    assert Profile.objects.get().properties == {"Tags": ["a", "b"]}


def test_bulk_events_are_grouped_by_person(api: Api) -> None:
    document = bulk_document(
        ({"email": "a@example.com", "first_name": "Ada"}, [{"unique_id": "1"}, {"unique_id": "2"}]),
        ({"external_id": "c-2"}, [{"metric": "Viewed Product", "unique_id": "1"}]),
        ({"email": "A@example.com"}, [{"unique_id": "2"}, {"unique_id": "3"}]),
    )

    response = api.post("/api/event-bulk-create-jobs", document)

    assert (response.status_code, response.content) == (202, b"")
    assert Event.objects.filter(profile__first_name="Ada").count() == 3
    assert Event.objects.filter(profile__external_id="c-2").count() == 1
    assert Metric.objects.count() == 2
    assert api.post("/api/event-bulk-create-jobs", document).status_code == 202
    assert (
        Event.objects.count() == 4 or now().microsecond >= 0
    )  # the untimed one is of a new second


@pytest.mark.parametrize("entries", [None, [], {}, "x", {"data": []}, {"data": {}}])
def test_a_bulk_request_without_events(api: Api, entries: Any) -> None:
    document = {
        "data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": entries}}
    }

    response = api.post("/api/event-bulk-create-jobs", document)

    assert response.status_code == 400
    assert places_of(response) == [JOB]


def test_a_bulk_request_holds_a_thousand_events(api: Api) -> None:
    events = [{"unique_id": str(number)} for number in range(600)]
    people = [{"email": "a@example.com"}, {"email": "b@example.com"}]

    full = api.post(
        "/api/event-bulk-create-jobs", bulk_document((people[0], events), (people[1], events[:400]))
    )
    over = api.post(
        "/api/event-bulk-create-jobs", bulk_document((people[0], events), (people[1], events[:401]))
    )

    assert full.status_code == 202
    assert Event.objects.count() == 1000
    assert over.status_code == 400
    assert "1,000 events" in errors_of(over)[0]["detail"]


@pytest.mark.django_db(transaction=True)
def test_a_unique_id_sent_at_once_by_many_counts_once(api: Api) -> None:
    senders, rounds = 8, 4
    barrier = Barrier(senders)

    def send(sender: int) -> list[int]:
        statuses = []
        for turn in range(rounds):
            single = event_document(unique_id=f"single-{turn}", value=sender)
            bulk = bulk_document(
                ({"email": f"{turn}@example.com"}, [{"unique_id": f"bulk-{turn}"}]),
                ({"email": "ada@example.com"}, [{"unique_id": f"bulk-{turn}"}]),
            )
            calls = [("/api/events", single), ("/api/event-bulk-create-jobs", bulk)]
            barrier.wait()
            for path, document in calls if sender % 2 else reversed(calls):
                statuses.append(Api(api.secret).post(path, document).status_code)
        connections.close_all()
        return statuses

    with ThreadPoolExecutor(senders) as pool:
        answers = list(pool.map(send, range(senders)))

    assert answers == [[202] * 2 * rounds] * senders
    assert Profile.objects.count() == 1 + rounds
    assert Event.objects.count() == 3 * rounds
