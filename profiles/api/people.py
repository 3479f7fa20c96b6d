"""Endpoints of people: read, create, update, upsert."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api import documents, resources
from profiles.api.people_filter import FIELDS
from profiles.ingest import resolve
from profiles.ingest.upsert import DuplicateProfile, create_profile, update_profile, upsert_profile
from profiles.models import Profile
from profiles.queries import people_of
from segmenter.accounts.keys import ApiView
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.collection import (
    Fields,
    page_links,
    read_fields,
    read_include,
    read_order,
    read_page,
)
from segmenter.kernel.errors import Invalid, NotFound
from segmenter.kernel.filter_fields import where
from segmenter.kernel.filtering import parse_filter
from segmenter.kernel.jsonapi import ApiError, answer, refuse
from segmenter.kernel.pagination import Order
from segmenter.kernel.request_body import read_json

BODY_LIMIT = 100_000
"""Most bytes of a document with one profile."""
PAGE_SIZE, MOST_PAGE_SIZE = 20, 100
ORDERS = {
    "id": Order("id"),
    "created": Order("created"),
    "updated": Order("updated"),
    "email": Order("email", nullable=True),
}


class PeopleView(ApiView):
    """GET and POST /api/profiles."""

    scopes: ClassVar = {"GET": "profiles:read", "POST": "profiles:write"}

    def get(self, request: Request) -> HttpResponse:
        at, fields = now(), _fields(request)
        read_include(request)
        clauses = parse_filter(request.GET.get("filter", ""))
        page = read_page(
            request,
            people_of(self.account).filter(where(clauses, FIELDS, "People")),
            read_order(request, ORDERS, default="created"),
            size=PAGE_SIZE,
            most=MOST_PAGE_SIZE,
        )
        data = resources.profile_resources(request, self.account, page.rows, fields, at)
        return answer({"data": data, "links": page_links(request, page)})

    def post(self, request: Request) -> HttpResponse:
        at, fields = now(), _fields(request)
        body = read_json(request, limit=BODY_LIMIT)
        record = documents.read_person(body, check_id=_check_new)
        with _problems_in_document():
            profile = create_profile(account=self.account, record=record, at=at)
        return _answer(request, self.account, profile, fields, at, status=201)


class PersonView(ApiView):
    """GET and PATCH /api/profiles/{id}. The id of a merged profile still works."""

    scopes: ClassVar = {"GET": "profiles:read", "PATCH": "profiles:write"}

    def get(self, request: Request, profile_id: str) -> HttpResponse:
        fields = _fields(request)
        read_include(request)
        return _answer(request, self.account, resolve.find(self.account, profile_id), fields, now())

    def patch(self, request: Request, profile_id: str) -> HttpResponse:
        at, fields = now(), _fields(request)
        resolve.find(self.account, profile_id)
        body = read_json(request, limit=BODY_LIMIT)
        record = documents.read_person(body, check_id=partial(_check_same, profile_id))
        with _problems_in_document():
            profile = update_profile(
                account=self.account, profile_id=profile_id, record=record, at=at
            )
        return _answer(request, self.account, profile, fields, at)


class ProfileImport(ApiView):
    """POST /api/profile-import: create or update one person."""

    scopes: ClassVar = {"POST": "profiles:write"}

    def post(self, request: Request) -> HttpResponse:
        at, fields = now(), _fields(request)
        record = documents.read_person(read_json(request, limit=BODY_LIMIT))
        with _problems_in_document():
            profile, created = upsert_profile(account=self.account, record=record, at=at)
        return _answer(request, self.account, profile, fields, at, status=201 if created else 200)


def _check_new(id_: str | None) -> None:
    if id_ is not None:
        refuse("/data/id", "invalid", "The id of a new profile is given by the server.")


def _check_same(profile_id: str, id_: str | None) -> None:
    if id_ != profile_id:
        refuse("/data/id", "invalid", "The id must be the one in the address.")


def _fields(request: Request) -> Fields:
    return read_fields(
        request, "profile", resources.PROFILE_ATTRIBUTES, resources.additional_attributes()
    )


def _answer(
    request: Request,
    account: Account,
    profile: Profile,
    fields: Fields,
    at: datetime,
    *,
    status: int = 200,
) -> HttpResponse:
    (data,) = resources.profile_resources(request, account, [profile], fields, at)
    document: dict[str, Any] = {"data": data, "links": {"self": data["links"]["self"]}}
    return answer(document, status)


@contextmanager
def _problems_in_document() -> Iterator[None]:
    """Raise problems of a person's record with pointers into the request's document."""
    try:
        yield
    except DuplicateProfile as error:
        (problem,) = error.problems
        raise ApiError(
            409,
            problem.code,
            problem.message,
            pointer=documents.place_of_person(problem).pointer,
            meta={"duplicate_profile_id": str(error.profile_id)},
        ) from None
    except NotFound:
        raise ApiError(404, "not_found", documents.NO_PROFILE, pointer="/data/id") from None
    except Invalid as error:
        raise Invalid(*map(documents.place_of_person, error.problems)) from None
