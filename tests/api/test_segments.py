"""Segments over the API: made, changed, listed, deleted, and who is in them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from klaviyo_api import KlaviyoAPI

from profiles.ingest.store import ingest_profiles
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.models import Build, Membership, Segment, SegmentStatus
from tests.api.conftest import Api, errors_of, places_of
from tests.fixtures.cast import Response

pytestmark = pytest.mark.django_db

HALF = {"condition_groups": [{"conditions": [{"type": "profile-sample", "percentage": 50}]}]}
TENTH = {"condition_groups": [{"conditions": [{"type": "profile-sample", "percentage": 10}]}]}


def document(id_: str | None = None, **attributes: Any) -> dict[str, Any]:
    data = {"type": "segment", "attributes": attributes}
    return {"data": data if id_ is None else {**data, "id": id_}}


def body_of(response: Response, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return json.loads(response.content)


def new_segment(api: Api, name: str = "Half", **attributes: Any) -> dict[str, Any]:
    """A segment that was made over the API."""
    response = api.post("/api/segments", document(name=name, definition=HALF, **attributes))
    resource: dict[str, Any] = body_of(response, 201)["data"]
    return resource


def with_members(account: Account, *people: str) -> Segment:
    """A built segment with these people in it, the first of whom entered first."""
    at = now()
    segment = Segment.objects.create(
        account=account,
        name="Built",
        definition=HALF,
        status=SegmentStatus.READY,
        created=at,
        updated=at,
        size=len(people),
    )
    records = [{"external_id": name, "email": f"{name}@example.com"} for name in people]
    outcome = ingest_profiles(account=account, records=records, at=at)
    for minutes, profile_id in enumerate(outcome.profile_ids):
        assert profile_id is not None
        Membership.objects.create(
            account=account,
            segment=segment,
            profile_id=profile_id,
            entered=at + timedelta(minutes=minutes),
        )
    return segment


def test_a_segment_is_made_and_its_build_is_asked_for(api: Api, account: Account) -> None:
    resource = new_segment(api, is_starred=True)
    assert resource["attributes"]["definition"] == HALF
    assert resource["attributes"]["is_processing"] is True
    assert resource["attributes"]["is_starred"] is True
    segment = Segment.objects.get(account=account, key=resource["id"])
    assert Build.objects.filter(segment=segment, finished=None).exists()
    assert body_of(api.get(resource["links"]["self"]))["data"] == resource


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"definition": HALF}, "/data/attributes/name"),
        ({"name": "x"}, "/data/attributes/definition"),
        ({"name": 7, "definition": HALF}, "/data/attributes/name"),
        ({"name": " ", "definition": HALF}, "/data/attributes/name"),
        ({"name": "x", "definition": HALF, "size": 3}, "/data/attributes/size"),
        ({"name": "x", "definition": HALF, "is_starred": "yes"}, "/data/attributes/is_starred"),
        ({"name": "x", "definition": {}}, "/data/attributes/definition/condition_groups"),
        ({"name": "x", "definition": None}, "/data/attributes/definition"),
    ],
)
def test_what_is_wrong_has_its_place(api: Api, attributes: Any, pointer: str) -> None:
    response = api.post("/api/segments", document(**attributes))
    assert response.status_code == 400
    assert pointer in places_of(response)
    assert not Segment.objects.exists()


def test_a_name_is_taken_once(api: Api) -> None:
    new_segment(api)
    response = api.post("/api/segments", document(name="Half", definition=TENTH))
    assert response.status_code == 409
    assert places_of(response) == ["/data/attributes/name"]


def test_a_segment_is_changed(api: Api) -> None:
    id_ = new_segment(api)["id"]
    path = f"/api/segments/{id_}"
    segment = body_of(api.call("PATCH", path, document(id_, name="Lund", definition=TENTH)))["data"]
    assert segment["attributes"]["name"] == "Lund"
    assert segment["attributes"]["definition"] == TENTH
    starred = body_of(api.call("PATCH", path, document(id_, is_starred=True)))["data"]
    assert starred["attributes"]["name"] == "Lund"
    off = body_of(api.call("PATCH", path, document(id_, is_active=False)))["data"]
    assert off["attributes"]["is_active"] is False
    both = api.call("PATCH", path, document(id_, is_active=False, name="Malmö"))
    assert places_of(both) == ["/data/attributes/is_active"]
    other = api.call("PATCH", path, document("QqQqQq", name="Malmö"))
    assert places_of(other) == ["/data/id"]
    on = body_of(api.call("PATCH", path, document(id_, is_active=True, name="Malmö")))["data"]
    assert (on["attributes"]["is_active"], on["attributes"]["name"]) == (True, "Malmö")


def test_a_segment_that_another_refers_to_stays(api: Api) -> None:
    id_ = new_segment(api)["id"]
    member = {"type": "profile-group-membership", "is_member": True, "group_ids": [id_]}
    refers = {"condition_groups": [{"conditions": [{**member, "timeframe_filter": None}]}]}
    other = body_of(api.post("/api/segments", document(name="Of it", definition=refers)), 201)
    assert api.call("DELETE", f"/api/segments/{id_}").status_code == 409
    assert api.call("DELETE", f"/api/segments/{other['data']['id']}").status_code == 204
    assert api.call("DELETE", f"/api/segments/{id_}").status_code == 204
    assert api.get(f"/api/segments/{id_}").status_code == 404


def test_segments_are_listed_filtered_and_sorted(api: Api) -> None:
    for name in ("A", "B", "C"):
        new_segment(api, name, is_starred=name == "B")
    names = {
        "": ["A", "B", "C"],
        "sort=-name": ["C", "B", "A"],
        'filter=any(name,["A","C"])': ["A", "C"],
        'filter=equals(name,"B")': ["B"],
        "filter=equals(is_starred,true)": ["B"],
        "filter=any(is_active,[false])": [],
        "filter=greater-than(created,2020-01-01T00:00:00Z),equals(is_starred,false)": ["A", "C"],
    }
    for query, expected in names.items():
        page = body_of(api.get(f"/api/segments?{quote(query, safe='=&')}"))["data"]
        assert [one["attributes"]["name"] for one in page] == expected, query


@pytest.mark.parametrize(
    "query",
    [
        "sort=size",
        "page[size]=11",
        "include=tags",
        "filter=equals(size,3)",
        "filter=less-than(created,2020-01-01)",
        'filter=equals(is_active,"yes")',
        "additional-fields[segment]=profile_count",
    ],
)
def test_what_a_list_of_segments_cannot_do(api: Api, query: str) -> None:
    assert api.get(f"/api/segments?{query}").status_code == 400


def test_more_than_a_page_of_segments(api: Api) -> None:
    for number in range(12):
        new_segment(api, f"{number:02}")
    first = body_of(api.get("/api/segments?sort=name"))
    second = body_of(api.get(first["links"]["next"]))
    names = [one["attributes"]["name"] for one in [*first["data"], *second["data"]]]
    assert names == [f"{number:02}" for number in range(12)]
    assert second["links"]["next"] is None


def test_a_segment_tells_its_size_on_request(api: Api, account: Account) -> None:
    key = with_members(account, "ada", "eve").key
    path = f"/api/segments/{key}?additional-fields[segment]=profile_count"
    assert body_of(api.get(path))["data"]["attributes"]["profile_count"] == 2
    assert "profile_count" not in body_of(api.get(f"/api/segments/{key}"))["data"]["attributes"]


def test_members_come_latest_first_with_when_they_entered(api: Api, account: Account) -> None:
    segment = with_members(account, "ada", "bo", "eve")
    path = f"/api/segments/{segment.key}/profiles"
    page = body_of(api.get(f"{path}?page[size]=2"))
    names = [one["attributes"]["external_id"] for one in page["data"]]
    assert names == ["eve", "bo"]
    rest = body_of(api.get(page["links"]["next"]))["data"]
    assert [one["attributes"]["external_id"] for one in rest] == ["ada"]
    entered = Membership.objects.get(segment=segment, profile_id=int(rest[0]["id"])).entered
    assert rest[0]["attributes"]["joined_group_at"] == entered.isoformat()

    one = body_of(api.get(f"{path}?fields[profile]=email&filter=equals(email,'BO@example.com')"))
    assert [person["attributes"] for person in one["data"]] == [{"email": "bo@example.com"}]
    ids = body_of(api.get(f"/api/segments/{segment.key}/relationships/profiles"))["data"]
    assert [one["id"] for one in ids] == [one["id"] for one in [*page["data"], *rest]]
    assert set(ids[0]) == {"type", "id"}


def test_another_account_s_segment_is_not_there(
    api: Api, neighbours_api: Api, account: Account
) -> None:
    key = with_members(account, "ada").key
    for path in ("", "/profiles", "/relationships/profiles"):
        theirs = neighbours_api.get(f"/api/segments/{key}{path}")
        nowhere = neighbours_api.get(f"/api/segments/QqQqQq{path}")
        assert theirs.status_code == nowhere.status_code == 404
        assert errors_of(theirs)[0]["detail"] == errors_of(nowhere)[0]["detail"]
    body = document(key, name="Mine")
    assert neighbours_api.call("PATCH", f"/api/segments/{key}", body).status_code == 404
    assert neighbours_api.call("DELETE", f"/api/segments/{key}").status_code == 404
    assert body_of(neighbours_api.get("/api/segments"))["data"] == []
    assert Segment.objects.filter(key=key, name="Built").exists()


def links_of(document: Any) -> set[str]:
    """All addresses under `links` in a document."""
    if isinstance(document, list):
        return set().union(*map(links_of, document))
    if not isinstance(document, dict):
        return set()
    addresses = set().union(*map(links_of, document.values()))
    links = document.get("links") or {}
    return addresses | {link for link in links.values() if isinstance(link, str)}


def test_every_link_that_an_answer_hands_out_resolves(api: Api, account: Account) -> None:
    segment = with_members(account, "ada", "bo", "eve")
    profile_id = Membership.objects.filter(segment=segment).values_list("profile_id", flat=True)[0]
    paths = {
        *("/api/accounts", "/api/profiles?page[size]=1", "/api/metrics", "/api/segments"),
        *("/api/lists", f"/api/profiles/{profile_id}/lists"),
        f"/api/profiles/{profile_id}/relationships/segments",
        f"/api/segments/{segment.key}/profiles?page[size]=1",
        f"/api/segments/{segment.key}/relationships/profiles?page[size]=1",
        f"/api/profiles/{profile_id}/segments",
    }
    api.post("/api/lists", {"data": {"type": "list", "attributes": {"name": "Letter"}}})
    visited: set[str] = set()
    while paths - visited:
        for path in paths - visited:
            visited.add(path)
            paths = paths | links_of(body_of(api.get(path)))
    assert f"http://testserver/api/segments/{segment.key}/" in visited


@pytest.mark.django_db(transaction=True)
def test_the_official_client_makes_reads_and_deletes_a_segment(klaviyo: KlaviyoAPI) -> None:
    new = klaviyo.Segments.create_segment(document(name="Half", definition=HALF))
    id_ = new.data.id
    assert klaviyo.Segments.get_segments().data[0].attributes.name == "Half"
    one = klaviyo.Segments.get_segment(id_, additional_fields_segment=["profile_count"])
    assert one.data.attributes.definition.condition_groups[0].conditions
    updated = klaviyo.Segments.update_segment(id_, document(id_, name="Other half"))
    assert updated.data.attributes.name == "Other half"
    assert klaviyo.Segments.get_profiles_for_segment(id_).data == []
    assert klaviyo.Segments.get_profile_ids_for_segment(id_).data == []
    klaviyo.Segments.delete_segment(id_)
    assert klaviyo.Segments.get_segments().data == []
