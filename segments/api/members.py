"""Endpoints of a segment's members, as people or as their ids alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api.people_filter import person_id, phone_number
from profiles.api.resources import (
    PROFILE_ATTRIBUTES,
    additional_attributes,
    profile_resources,
)
from profiles.ingest.identifiers import plain_address
from segmenter.accounts.keys import ApiView
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
from segments.engine.queries import get_segment
from segments.models import Membership

PAGE_SIZE, MOST_PAGE_SIZE = 20, 100
JOINED = "joined_group_at"
ORDERS = {JOINED: Order("entered")}
FILTERS: dict[str, FilterField] = {
    "profile_id": person_id("profile"),
    "email": text("profile__email", plain_address),
    "phone_number": text("profile__phone_number", phone_number),
    JOINED: time("entered"),
}


class _Members(ApiView):
    scopes: ClassVar = {"GET": "segments:read"}

    def page(self, request: Request, segment_id: str) -> Page[Membership]:
        segment = get_segment(self.account, segment_id)
        clauses = parse_filter(request.GET.get("filter", ""))
        rows = Membership.objects.filter(account=self.account, segment=segment)
        rows = rows.select_related("profile")
        return read_page(
            request,
            rows.filter(where(clauses, FILTERS, "Members")),
            read_order(request, ORDERS, default=f"-{JOINED}"),
            size=PAGE_SIZE,
            most=MOST_PAGE_SIZE,
        )


class ProfilesOfSegment(_Members):
    """GET /api/segments/{id}/profiles: members with when they entered, the latest first."""

    def get(self, request: Request, segment_id: str) -> HttpResponse:
        known = (*PROFILE_ATTRIBUTES, JOINED)
        fields = read_fields(request, "profile", known, additional_attributes())
        read_include(request)
        page = self.page(request, segment_id)
        people = [row.profile for row in page.rows]
        data = profile_resources(request, self.account, people, fields, now())
        if fields.only is None or JOINED in fields.only:
            for resource, row in zip(data, page.rows, strict=True):
                resource["attributes"][JOINED] = row.entered.isoformat()
        return answer({"data": data, "links": page_links(request, page)})


class ProfileIdsOfSegment(_Members):
    """GET /api/segments/{id}/relationships/profiles."""

    def get(self, request: Request, segment_id: str) -> HttpResponse:
        page = self.page(request, segment_id)
        data: list[dict[str, Any]] = [
            {"type": "profile", "id": str(row.profile_id)} for row in page.rows
        ]
        return answer({"data": data, "links": page_links(request, page)})
