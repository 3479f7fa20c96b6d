"""The account of a key: what integrations ask first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from klaviyo_api import KlaviyoAPI

from segmenter.accounts.models import SCOPES, Account, create_account
from tests.api.conftest import Api, errors_of
from tests.api.test_access import ENDPOINTS

ZONE = "Europe/Stockholm"
pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return create_account(slug="shop", time_zone=ZONE)


def data_of(api: Api, path: str) -> Any:
    response = api.get(path)
    assert response.status_code == 200, response.content
    return json.loads(response.content)["data"]


def test_a_key_s_account_is_told_with_its_public_key(api: Api, account: Account) -> None:
    (resource,) = data_of(api, "/api/accounts/")
    assert resource["id"] == account.site_key == resource["attributes"]["public_api_key"]
    assert resource["attributes"]["timezone"] == ZONE
    assert resource["attributes"]["contact_information"]["organization_name"] == "shop"
    assert data_of(api, f"/api/accounts/{account.site_key}") == resource
    assert data_of(api, resource["links"]["self"]) == resource


def test_fields_narrow_what_is_told(api: Api) -> None:
    path = "contact_information.street_address.city,timezone"
    (resource,) = data_of(api, f"/api/accounts?fields[account]={path}")
    assert resource["attributes"] == {
        "contact_information": {"street_address": {"city": None}},
        "timezone": ZONE,
    }
    refused = api.get("/api/accounts?fields[account]=revenue")
    assert refused.status_code == 400
    assert errors_of(refused)[0]["source"]["parameter"] == "fields[account]"


def test_anneighbour_answers_like_none(api: Api, neighbour: Account) -> None:
    theirs, none = (api.get(f"/api/accounts/{id_}") for id_ in (neighbour.site_key, "QqQqQq"))
    assert theirs.status_code == none.status_code == 404


def test_every_scope_that_a_key_can_have_is_needed_by_an_endpoint() -> None:
    assert set(SCOPES) == {scope for _path, view in ENDPOINTS for scope in view.scopes.values()}


@pytest.mark.django_db(transaction=True)
def test_the_official_client_reads_the_account(klaviyo: KlaviyoAPI) -> None:
    account = Account.objects.get()
    answer = klaviyo.Accounts.get_accounts()
    assert answer.data[0].attributes.public_api_key == account.site_key
    one = klaviyo.Accounts.get_account(account.site_key)
    assert one.data.id == account.site_key
