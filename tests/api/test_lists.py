"""Lists over the API: made, renamed, deleted, and who is on them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from klaviyo_api import KlaviyoAPI

from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_profiles
from profiles.models import List, ListMember, Profile, ProfileChange
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from tests.api.conftest import Api, places_of
from tests.fixtures.cast import Response

pytestmark = pytest.mark.django_db


def document(id_: str | None = None, **attributes: Any) -> dict[str, Any]:
    data = {"type": "list", "attributes": attributes}
    return {"data": data if id_ is None else {**data, "id": id_}}


def body_of(response: Response, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return json.loads(response.content)


def new_list(api: Api, name: str = "Letter") -> str:
    """The id of a list that was made over the API."""
    resource = body_of(api.post("/api/lists", document(name=name)), 201)["data"]
    return str(resource["id"])


def people(account: Account, *names: str) -> list[int]:
    records = [{"external_id": name, "email": f"{name}@example.com"} for name in names]
    ids = ingest_profiles(account=account, records=records, at=now()).profile_ids
    return [id_ for id_ in ids if id_ is not None]


def members_document(*ids: object) -> dict[str, Any]:
    return {"data": [{"type": "profile", "id": str(id_)} for id_ in ids]}


def members(api: Api, id_: str) -> list[str]:
    page = body_of(api.get(f"/api/lists/{id_}/relationships/profiles"))["data"]
    return sorted(resource["id"] for resource in page)


def test_a_list_is_made_renamed_and_deleted(api: Api) -> None:
    resource = body_of(api.post("/api/lists", document(name="Letter")), 201)["data"]
    assert resource["attributes"]["opt_in_process"] == "single_opt_in"
    path = f"/api/lists/{resource['id']}"
    assert body_of(api.get(path))["data"] == resource
    renamed = body_of(api.call("PATCH", path, document(resource["id"], name="News")))["data"]
    assert renamed["attributes"]["name"] == "News"
    assert api.call("DELETE", path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.call("DELETE", path).status_code == 404


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({}, "/data/attributes/name"),
        ({"name": 7}, "/data/attributes/name"),
        ({"name": " "}, "/data/attributes/name"),
        ({"name": "x" * 201}, "/data/attributes/name"),
        ({"name": "x", "opt_in_process": "double_opt_in"}, "/data/attributes/opt_in_process"),
        ({"name": "x", "colour": "red"}, "/data/attributes/colour"),
    ],
)
def test_what_is_wrong_has_its_place(api: Api, attributes: Any, pointer: str) -> None:
    response = api.post("/api/lists", document(**attributes))
    assert response.status_code == 400
    assert places_of(response) == [pointer]
    assert not List.objects.exists()


def test_a_name_is_taken_once(api: Api) -> None:
    first, second = new_list(api), new_list(api, "News")
    again = api.post("/api/lists", document(name="Letter"))
    assert (again.status_code, places_of(again)) == (409, ["/data/attributes/name"])
    rename = api.call("PATCH", f"/api/lists/{second}", document(second, name="Letter"))
    assert (rename.status_code, places_of(rename)) == (409, ["/data/attributes/name"])
    assert first != second


def test_people_are_put_on_a_list_and_taken_off(api: Api, account: Account) -> None:
    id_ = new_list(api)
    ada, bo, eve = people(account, "ada", "bo", "eve")
    path = f"/api/lists/{id_}/relationships/profiles/"
    for _ in range(2):
        assert api.post(path, members_document(ada, bo, ada)).status_code == 204
    assert members(api, id_) == sorted(map(str, (ada, bo)))
    assert ProfileChange.objects.filter(profile_id=ada, cause="list").count() == 1
    size = body_of(api.get(f"/api/lists/{id_}?additional-fields[list]=profile_count"))["data"]
    assert size["attributes"]["profile_count"] == 2
    assert api.call("DELETE", path, members_document(ada, eve, 999_999)).status_code == 204
    assert members(api, id_) == [str(bo)]
    (row,) = body_of(api.get(f"/api/lists/{id_}/profiles?fields[profile]=email,joined_group_at"))[
        "data"
    ]
    since = ListMember.objects.get(profile_id=bo).joined.isoformat()
    assert row["attributes"] == {"email": "bo@example.com", "joined_group_at": since}


def test_an_id_that_leads_nowhere_puts_nobody_on_the_list(
    api: Api, account: Account, neighbour: Account
) -> None:
    id_ = new_list(api)
    (ada,), (theirs,) = people(account, "ada"), people(neighbour, "eve")
    path = f"/api/lists/{id_}/relationships/profiles"
    for nobody in (theirs, 999_999_999, "x", "٣"):
        response = api.post(path, members_document(ada, nobody))
        assert (response.status_code, places_of(response)) == (404, ["/data/1/id"])
    assert members(api, id_) == []
    api.call("DELETE", path, members_document(theirs))
    assert Profile.objects.filter(pk=theirs).exists()


def test_the_old_id_of_a_merged_person_leads_to_the_new_one(api: Api, account: Account) -> None:
    id_ = new_list(api)
    keep, drop = people(account, "keep", "drop")
    merge(account=account, keep_id=keep, drop_id=drop, at=now())
    assert (
        api.post(f"/api/lists/{id_}/relationships/profiles", members_document(drop)).status_code
        == 204
    )
    assert members(api, id_) == [str(keep)]
    page = body_of(api.get(f"/api/profiles/{drop}/lists"))["data"]
    assert [one["id"] for one in page] == [id_]
    ids = body_of(api.get(f"/api/profiles/{keep}/relationships/lists"))["data"]
    assert ids == [{"type": "list", "id": id_}]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/data"),
        ({"data": []}, "/data"),
        ({"data": {"type": "profile", "id": "1"}}, "/data"),
        ({"data": [{"type": "profile", "id": "1"}] * 1_001}, "/data"),
        ({"data": [{"type": "list", "id": "1"}]}, "/data/0/type"),
        ({"data": [{"type": "profile", "id": 1}]}, "/data/0/id"),
        ({"data": ["1"]}, "/data/0"),
    ],
)
def test_members_that_cannot_be_read(api: Api, body: Any, pointer: str) -> None:
    path = f"/api/lists/{new_list(api)}/relationships/profiles"
    for method in ("POST", "DELETE"):
        response = api.call(method, path, body)
        assert (response.status_code, places_of(response)) == (400, [pointer])


def test_another_account_s_list_is_not_there(api: Api, neighbours_api: Api) -> None:
    id_ = new_list(api)
    for path in ("", "/profiles", "/relationships/profiles"):
        assert neighbours_api.get(f"/api/lists/{id_}{path}").status_code == 404
    path = f"/api/lists/{id_}"
    assert neighbours_api.call("PATCH", path, document(id_, name="Mine")).status_code == 404
    assert neighbours_api.call("DELETE", path).status_code == 404
    for method in ("POST", "DELETE"):
        call = neighbours_api.call(method, f"{path}/relationships/profiles", members_document(1))
        assert call.status_code == 404
    assert body_of(neighbours_api.get("/api/lists"))["data"] == []
    assert List.objects.filter(key=id_, name="Letter").exists()


@pytest.mark.django_db(transaction=True)
def test_the_official_client_fills_a_list(klaviyo: KlaviyoAPI) -> None:
    (ada,) = people(Account.objects.get(), "ada")
    id_ = klaviyo.Lists.create_list(document(name="Letter")).data.id
    assert klaviyo.Lists.get_lists().data[0].attributes.name == "Letter"
    klaviyo.Lists.add_profiles_to_list(id_, members_document(ada))
    assert klaviyo.Lists.get_profiles_for_list(id_).data[0].attributes.email == "ada@example.com"
    assert klaviyo.Lists.get_profile_ids_for_list(id_).data[0].id == str(ada)
    one = klaviyo.Lists.get_list(id_, additional_fields_list=["profile_count"])
    assert one.data.attributes.profile_count == 1
    assert klaviyo.Lists.update_list(id_, document(id_, name="News")).data.attributes.name == "News"
    assert klaviyo.Profiles.get_lists_for_profile(str(ada)).data[0].id == id_
    assert klaviyo.Profiles.get_list_ids_for_profile(str(ada)).data[0].id == id_
    klaviyo.Lists.remove_profiles_from_list(id_, members_document(ada))
    assert klaviyo.Lists.get_profile_ids_for_list(id_).data == []
    klaviyo.Lists.delete_list(id_)
    assert klaviyo.Lists.get_lists().data == []
