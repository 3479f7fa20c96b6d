"""The account of a key, in the private API: what integrations ask first to try a key."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from rest_framework.request import Request

from segmenter.accounts.keys import ApiView
from segmenter.accounts.models import Account
from segmenter.kernel.collection import Fields, read_fields, read_include
from segmenter.kernel.errors import NotFound
from segmenter.kernel.jsonapi import answer

ATTRIBUTES = (
    *("test_account", "contact_information", "industry", "timezone"),
    *("preferred_currency", "public_api_key", "locale"),
)
NO_CURRENCY = "XXX"
"""ISO 4217 for "no currency": an account's amounts are numbers without one."""
_STREET = ("address1", "address2", "city", "region", "country", "zip")


class Accounts(ApiView):
    """GET /api/accounts: the one account that the key belongs to."""

    scopes: ClassVar = {"GET": "accounts:read"}

    def get(self, request: Request) -> HttpResponse:
        account = account_resource(request, self.account, _fields(request))
        links = {"self": request.build_absolute_uri(), "prev": None, "next": None}
        return answer({"data": [account], "links": links})


class OneAccount(ApiView):
    """GET /api/accounts/{id}: the id is the account's public key."""

    scopes: ClassVar = {"GET": "accounts:read"}

    def get(self, request: Request, account_id: str) -> HttpResponse:
        fields = _fields(request)
        if account_id != self.account.site_key:
            raise NotFound("The account")
        account = account_resource(request, self.account, fields)
        return answer({"data": account, "links": {"self": account["links"]["self"]}})


def account_resource(request: HttpRequest, account: Account, fields: Fields) -> dict[str, Any]:
    """Return an account as a JSON:API resource. What a product without mail lacks is empty."""
    contact = {
        "default_sender_name": "",
        "default_sender_email": "",
        "website_url": None,
        "organization_name": account.name,
        "street_address": dict.fromkeys(_STREET),
    }
    attributes = {
        "test_account": False,
        "contact_information": contact,
        "industry": None,
        "timezone": account.time_zone,
        "preferred_currency": NO_CURRENCY,
        "public_api_key": account.site_key,
        "locale": settings.LANGUAGE_CODE,
    }
    address = request.build_absolute_uri(f"/api/accounts/{account.site_key}/")
    return {
        "type": "account",
        "id": account.site_key,
        "attributes": fields.of(attributes),
        "links": {"self": address},
    }


def _fields(request: Request) -> Fields:
    read_include(request)
    return read_fields(request, "account", ATTRIBUTES)


urlpatterns = [
    re_path(r"^accounts/?$", Accounts.as_view()),
    re_path(r"^accounts/(?P<account_id>[^/]+)/?$", OneAccount.as_view()),
]
