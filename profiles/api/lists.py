"""Endpoints of lists: look up, make, rename, delete, and who is on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api import resources
from profiles.api.groups import (
    GROUP_FILTERS,
    GROUP_ORDERS,
    GROUP_PAGE_SIZE,
    check_group_id,
    read_group_name,
)
from profiles.api.members import answer_member_ids, answer_members
from profiles.ingest.resolve import find
from profiles.lists.editing import (
    add_to_list,
    create_list,
    delete_list,
    remove_from_list,
    rename_list,
)
from profiles.models import List, Profile, ProfileMerge
from profiles.queries import get_list, lists_of, members_of
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
from segmenter.kernel.errors import ApplicationError, NotFound, Problem
from segmenter.kernel.filter_fields import where
from segmenter.kernel.filtering import parse_filter
from segmenter.kernel.jsonapi import answer, check_names, read_data, read_resource, refuse
from segmenter.kernel.request_body import read_json

BODY_LIMIT = 200_000
MOST_PROFILES = 1_000
"""People of one request that adds or removes."""
_OPT_IN = "opt_in_process"
_WRITTEN = frozenset({"name", _OPT_IN})


class ListsView(ApiView):
    """GET and POST /api/lists."""

    scopes: ClassVar = {"GET": "lists:read", "POST": "lists:write"}

    def get(self, request: Request) -> HttpResponse:
        fields = _fields(request)
        read_include(request)
        clauses = parse_filter(request.GET.get("filter", ""))
        rows = lists_of(self.account).filter(where(clauses, GROUP_FILTERS, "Lists"))
        order = read_order(request, GROUP_ORDERS, default="created")
        page = read_page(request, rows, order, size=GROUP_PAGE_SIZE, most=GROUP_PAGE_SIZE)
        data = [resources.list_resource(request, row, fields) for row in page.rows]
        return answer({"data": data, "links": page_links(request, page)})

    def post(self, request: Request) -> HttpResponse:
        fields = _fields(request)
        data, attributes = read_resource(read_json(request, limit=BODY_LIMIT), "list")
        check_group_id(data, None, "list")
        name = _name(attributes)
        with _placed():
            group = create_list(account=self.account, name=name, at=now())
        return _answer(request, group, fields, status=201)


class ListView(ApiView):
    """GET, PATCH and DELETE /api/lists/{id}."""

    scopes: ClassVar = {"GET": "lists:read", "PATCH": "lists:write", "DELETE": "lists:write"}

    def get(self, request: Request, list_id: str) -> HttpResponse:
        fields = _fields(request, "profile_count")
        read_include(request)
        return _answer(request, get_list(self.account, list_id), fields)

    def patch(self, request: Request, list_id: str) -> HttpResponse:
        fields, group = _fields(request), get_list(self.account, list_id)
        data, attributes = read_resource(read_json(request, limit=BODY_LIMIT), "list")
        check_group_id(data, list_id, "list")
        name = _name(attributes, default=group.name)
        with _placed():
            group = rename_list(account=self.account, key=list_id, name=name, at=now())
        return _answer(request, group, fields)

    def delete(self, request: Request, list_id: str) -> HttpResponse:
        delete_list(account=self.account, key=list_id, at=now())
        return HttpResponse(status=204)


class ProfilesOfList(ApiView):
    """GET /api/lists/{id}/profiles."""

    scopes: ClassVar = {"GET": "lists:read"}

    def get(self, request: Request, list_id: str) -> HttpResponse:
        rows = members_of(self.account, get_list(self.account, list_id))
        return answer_members(request, self.account, rows, since="joined")


class ProfileIdsOfList(ApiView):
    """GET, POST and DELETE /api/lists/{id}/relationships/profiles."""

    scopes: ClassVar = {"GET": "lists:read", "POST": "lists:write", "DELETE": "lists:write"}

    def get(self, request: Request, list_id: str) -> HttpResponse:
        rows = members_of(self.account, get_list(self.account, list_id))
        return answer_member_ids(request, rows, since="joined")

    def post(self, request: Request, list_id: str) -> HttpResponse:
        """Put people on the list: all of them, or nobody where one is not there."""
        get_list(self.account, list_id)
        ids = _profile_ids(read_json(request, limit=BODY_LIMIT))
        people = _people(self.account, ids)
        unknown = [place for place, id_ in enumerate(ids) if id_ not in people]
        if unknown:
            raise _no_profiles(unknown)
        add_to_list(
            account=self.account, key=list_id, profile_ids=list(set(people.values())), at=now()
        )
        return HttpResponse(status=204)

    def delete(self, request: Request, list_id: str) -> HttpResponse:
        """Take people off the list; who is not on it, or not there, stays as they are."""
        get_list(self.account, list_id)
        ids = _profile_ids(read_json(request, limit=BODY_LIMIT))
        people = _people(self.account, ids)
        remove_from_list(
            account=self.account, key=list_id, profile_ids=list(people.values()), at=now()
        )
        return HttpResponse(status=204)


class ListsOfPerson(ApiView):
    """GET /api/profiles/{id}/lists: all of them, the oldest first."""

    scopes: ClassVar = {"GET": "lists:read"}

    def get(self, request: Request, profile_id: str) -> HttpResponse:
        fields = _fields(request)
        read_include(request)
        groups = _lists_of_person(self.account, profile_id)
        return _whole(request, [resources.list_resource(request, g, fields) for g in groups])


class ListIdsOfPerson(ApiView):
    """GET /api/profiles/{id}/relationships/lists."""

    scopes: ClassVar = {"GET": "lists:read"}

    def get(self, request: Request, profile_id: str) -> HttpResponse:
        groups = _lists_of_person(self.account, profile_id)
        return _whole(request, [{"type": "list", "id": group.key} for group in groups])


def _lists_of_person(account: Account, profile_id: str) -> QuerySet[List]:
    profile = find(account, profile_id)
    return lists_of(account).filter(members__profile=profile).order_by("pk")


def _whole(request: Request, data: list[dict[str, Any]]) -> HttpResponse:
    """Answer with everything on one page."""
    links = {"self": request.build_absolute_uri(), "prev": None, "next": None}
    return answer({"data": data, "links": links})


def _fields(request: Request, *additional: str) -> Fields:
    return read_fields(request, "list", resources.LIST_ATTRIBUTES, additional)


def _answer(request: Request, group: List, fields: Fields, *, status: int = 200) -> HttpResponse:
    data = resources.list_resource(request, group, fields)
    if fields.wants("profile_count"):
        data["attributes"]["profile_count"] = group.members.count()
    return answer({"data": data, "links": {"self": data["links"]["self"]}}, status)


def _name(attributes: Mapping[str, Any], default: str | None = None) -> str:
    """Return the name that a document gives a list, once the rest of it is checked."""
    check_names(attributes, _WRITTEN, "/data/attributes")
    if attributes.get(_OPT_IN) not in (None, resources.SINGLE_OPT_IN):
        message = f"Nothing is sent here, so that lists are {resources.SINGLE_OPT_IN}."
        refuse(f"/data/attributes/{_OPT_IN}", "invalid", message)
    return read_group_name(attributes, "list", default)


@contextmanager
def _placed() -> Iterator[None]:
    """Report what is wrong with a list at its place in the request's document."""
    try:
        yield
    except ApplicationError as error:
        error.problems = tuple(problem.under("/data/attributes") for problem in error.problems)
        raise


def _profile_ids(document: Any) -> list[str]:
    """Return the ids of a document that names people. Raises Invalid."""
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, list):
        refuse("/data", "invalid", 'A list is needed here: [{"type": "profile", "id": "..."}].')
    if not 1 <= len(data) <= MOST_PROFILES:
        refuse("/data", "invalid", f"A request names 1 to {MOST_PROFILES} profiles.")
    ids = []
    for place, entry in enumerate(data):
        resource, _attributes = read_data(entry, "profile", f"/data/{place}")
        if not isinstance(resource.get("id"), str):
            refuse(f"/data/{place}/id", "required", "A profile is named by its id, a text.")
        ids.append(resource["id"])
    return ids


def _people(account: Account, ids: list[str]) -> dict[str, int]:
    """Return those of the ids that lead to a person, with the person's; merges are followed."""
    numbers = {id_: int(id_) for id_ in ids if id_.isascii() and id_.isdecimal() and len(id_) < 19}
    merges = ProfileMerge.objects.filter(account=account, old_id__in=numbers.values())
    moves = dict(merges.values_list("old_id", "profile_id"))
    people = {id_: moves.get(number, number) for id_, number in numbers.items()}
    rows = Profile.objects.filter(account=account, pk__in=people.values())
    existing = set(rows.values_list("pk", flat=True))
    return {id_: pk for id_, pk in people.items() if pk in existing}


def _no_profiles(places: list[int]) -> NotFound:
    error = NotFound("The profile")
    message = error.problems[0].message
    error.problems = tuple(Problem(f"/data/{place}/id", "not_found", message) for place in places)
    return error
