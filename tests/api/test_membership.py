"""Which segments a person is in, over the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from klaviyo_api import KlaviyoAPI

from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_profiles
from segmenter.accounts.models import Account, ApiKey
from segmenter.kernel.clock import now
from segments.models import Segment, SegmentStatus
from tests.api.conftest import Api, errors_of, places_of
from tests.builders.shops import new_segment
from tests.fixtures.cast import Response

SAMPLE = {"condition_groups": [{"conditions": [{"type": "profile-sample", "percentage": 50}]}]}


def person(account: Account, external_id: str = "ada") -> int:
    outcome = ingest_profiles(account=account, records=[{"external_id": external_id}], at=now())
    id_ = outcome.profile_ids[0]
    assert id_ is not None
    return id_


def segment(account: Account, name: str, *people: int, **more: Any) -> Segment:
    """A segment with these members."""
    return new_segment(
        account,
        name,
        *people,
        **{"definition": SAMPLE, "created": now(), "updated": now(), **more},
    )


def data_of(response: Response) -> Any:
    assert response.status_code == 200
    return json.loads(response.content)["data"]


def test_the_segments_of_a_person(api: Api, account: Account) -> None:
    ada, eve = person(account), person(account, "eve")
    first = segment(account, "First", ada, eve, is_starred=True)
    second = segment(account, "Second", ada, is_active=False, status=SegmentStatus.BUILDING)
    segment(account, "Not hers", eve)

    response = api.get(f"/api/profiles/{ada}/segments")

    assert response["Content-Type"] == "application/vnd.api+json"
    assert json.loads(response.content) == {
        "data": [
            {
                "type": "segment",
                "id": one.key,
                "attributes": {
                    "name": one.name,
                    "definition": SAMPLE,
                    "created": one.created.isoformat(),
                    "updated": one.updated.isoformat(),
                    "is_active": one.is_active,
                    "is_processing": one.is_processing,
                    "is_starred": one.is_starred,
                },
                "links": {"self": f"http://testserver/api/segments/{one.key}/"},
            }
            for one in (first, second)
        ],
        "links": {
            "self": f"http://testserver/api/profiles/{ada}/segments",
            "prev": None,
            "next": None,
        },
    }


def test_somebody_who_is_in_none(api: Api, account: Account) -> None:
    assert data_of(api.get(f"/api/profiles/{person(account)}/segments")) == []


def test_chosen_attributes(api: Api, account: Account) -> None:
    ada = person(account)
    segment(account, "First", ada)

    (row,) = data_of(api.get(f"/api/profiles/{ada}/segments?fields[segment]=name,is_active"))

    assert row["attributes"] == {"name": "First", "is_active": True}


@pytest.mark.parametrize("query", ["fields[segment]=size", "include=tags"])
def test_what_cannot_be_asked_for(api: Api, account: Account, query: str) -> None:
    response = api.get(f"/api/profiles/{person(account)}/segments?{query}")

    assert response.status_code == 400
    assert places_of(response) == [query.partition("=")[0]]


def test_the_old_id_of_a_merged_person_leads_to_the_new_one(api: Api, account: Account) -> None:
    keep, drop = person(account, "keep"), person(account, "drop")
    segment(account, "Kept", keep)
    segment(account, "Dropped", drop)  # until the consequences of the merge are drawn
    merge(account=account, keep_id=keep, drop_id=drop, at=now())

    for profile_id in (keep, drop):
        (row,) = data_of(api.get(f"/api/profiles/{profile_id}/segments"))
        assert row["attributes"]["name"] == "Kept"


@pytest.mark.parametrize("profile_id", ["0", "x", "-1", "9" * 18, "9" * 30, "%00", "1.0"])
def test_nobody(api: Api, account: Account, profile_id: str) -> None:
    response = api.get(f"/api/profiles/{profile_id}/segments")

    assert response.status_code == 404
    assert errors_of(response)[0]["code"] == "not_found"


def test_a_stranger_is_nobody(api: Api, neighbour: Account) -> None:
    theirs = person(neighbour)
    segment(neighbour, "Theirs", theirs)

    response = api.get(f"/api/profiles/{theirs}/segments")

    assert response.status_code == 404
    errors = [{**error, "id": ""} for error in errors_of(response)]
    nobody = errors_of(api.get(f"/api/profiles/{theirs + 1_000}/segments"))
    assert errors == [{**error, "id": ""} for error in nobody]


def test_memberships_of_another_account_stay_there(
    api: Api, account: Account, neighbour: Account
) -> None:
    ada = person(account)
    segment(neighbour, "Theirs", ada)

    assert data_of(api.get(f"/api/profiles/{ada}/segments")) == []


def test_it_costs_two_queries(api: Api, account: Account, django_assert_num_queries: Any) -> None:
    ada = person(account)
    for number in range(20):
        segment(account, f"Segment {number}", ada)
    with django_assert_num_queries(2):  # the key's, and the segments'
        assert len(data_of(api.get(f"/api/profiles/{ada}/segments"))) == 20


def test_a_revoked_key_stops_at_once(api: Api, account: Account) -> None:
    ada = person(account)
    assert api.get(f"/api/profiles/{ada}/segments").status_code == 200

    ApiKey.objects.get().revoke(at=now())

    assert api.get(f"/api/profiles/{ada}/segments").status_code == 401


def test_the_official_client_reads_it(klaviyo: KlaviyoAPI) -> None:
    account = Account.objects.get(slug="shop")
    ada = person(account)
    first = segment(account, "First", ada)

    (resource,) = klaviyo.Profiles.get_segments_for_profile(str(ada)).data

    assert (resource.id, resource.attributes.name) == (first.key, "First")
    assert resource.attributes.created == first.created
    answer = klaviyo.Profiles.get_segments_for_profile(str(ada), fields_segment=["name"])
    assert answer["data"][0]["attributes"] == {"name": "First"}
