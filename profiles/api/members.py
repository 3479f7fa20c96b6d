"""Pages of a group's members, a list's or a segment's: as people, or as their ids alone."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api.people_filter import person_id, phone_number
from profiles.api.resources import (
    PROFILE_ATTRIBUTES,
    additional_attributes,
    profile_resources,
)
from profiles.ingest.identifiers import plain_address
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.collection import (
    page_links,
    read_fields,
    read_include,
    read_order,
    read_page,
)
from segmenter.kernel.filter_fields import FilterField, text, time, where
from segmenter.kernel.filtering import parse_filter
from segmenter.kernel.jsonapi import answer
from segmenter.kernel.pagination import Order, Page

PAGE_SIZE, MOST_PAGE_SIZE = 20, 100
JOINED = "joined_group_at"

M = TypeVar("M", bound=Model)


def answer_members(
    request: Request, account: Account, rows: QuerySet[M], *, since: str
) -> HttpResponse:
    """Answer with a page of members as people, the latest first.

    `rows` have `profile` and, in the field that `since` names, the time of joining.
    """
    known = (*PROFILE_ATTRIBUTES, JOINED)
    fields = read_fields(request, "profile", known, additional_attributes())
    read_include(request)
    page = _page(request, rows, since)
    members: list[Any] = list(page.rows)
    people = [row.profile for row in members]
    data = profile_resources(request, account, people, fields, now())
    if fields.only is None or JOINED in fields.only:
        for resource, row in zip(data, members, strict=True):
            resource["attributes"][JOINED] = getattr(row, since).isoformat()
    return answer({"data": data, "links": page_links(request, page)})


def answer_member_ids(request: Request, rows: QuerySet[M], *, since: str) -> HttpResponse:
    """Answer with the same page as `answer_members`, ids alone."""
    page = _page(request, rows, since)
    members: list[Any] = list(page.rows)
    data = [{"type": "profile", "id": str(row.profile_id)} for row in members]
    return answer({"data": data, "links": page_links(request, page)})


def _page(request: Request, rows: QuerySet[M], since: str) -> Page[M]:
    fields: dict[str, FilterField] = {
        "profile_id": person_id("profile"),
        "email": text("profile__email", plain_address),
        "phone_number": text("profile__phone_number", phone_number),
        JOINED: time(since),
    }
    clauses = parse_filter(request.GET.get("filter", ""))
    return read_page(
        request,
        rows.select_related("profile").filter(where(clauses, fields, "Members")),
        read_order(request, {JOINED: Order(since)}, default=f"-{JOINED}"),
        size=PAGE_SIZE,
        most=MOST_PAGE_SIZE,
    )
