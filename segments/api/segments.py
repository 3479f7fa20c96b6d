"""Endpoints of segments: look up, make, change, delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api.groups import (
    GROUP_FILTERS,
    GROUP_ORDERS,
    GROUP_PAGE_SIZE,
    check_group_id,
    read_group_name,
)
from segmenter.accounts.keys import ApiView
from segmenter.kernel.clock import now
from segmenter.kernel.collection import (
    Fields,
    page_links,
    read_fields,
    read_include,
    read_order,
    read_page,
)
from segmenter.kernel.errors import ApplicationError, Invalid, Problem
from segmenter.kernel.filter_fields import FilterField, truth, where
from segmenter.kernel.filtering import parse_filter
from segmenter.kernel.jsonapi import answer, check_names, read_resource, refuse
from segmenter.kernel.request_body import read_json
from segments.api import resources
from segments.engine.deletion import delete_segment
from segments.engine.editing import save_segment, set_active
from segments.engine.queries import get_segment, segments_of
from segments.engine.revisions import Revision
from segments.engine.usage import note_use
from segments.models import Segment

BODY_LIMIT = 1_000_000
"""Bytes of a document that holds one segment."""
FILTERS: dict[str, FilterField] = {
    **GROUP_FILTERS,
    "is_active": truth("is_active", takes_any=True),
    "is_starred": truth("is_starred"),
}
_WRITTEN = frozenset({"name", "definition", "is_starred"})
_CHANGED = _WRITTEN | {"is_active"}


class SegmentsView(ApiView):
    """GET and POST /api/segments."""

    scopes: ClassVar = {"GET": "segments:read", "POST": "segments:write"}

    def get(self, request: Request) -> HttpResponse:
        fields = _fields(request)
        read_include(request)
        clauses = parse_filter(request.GET.get("filter", ""))
        rows = segments_of(self.account).filter(where(clauses, FILTERS, "Segments"))
        order = read_order(request, GROUP_ORDERS, default="created")
        page = read_page(request, rows, order, size=GROUP_PAGE_SIZE, most=GROUP_PAGE_SIZE)
        data = resources.segment_resources(request, map(resources.row_of, page.rows), fields)
        return answer({"data": data, "links": page_links(request, page)})

    def post(self, request: Request) -> HttpResponse:
        fields = _fields(request)
        data, attributes = read_resource(read_json(request, limit=BODY_LIMIT), "segment")
        check_group_id(data, None, "segment")
        check_names(attributes, _WRITTEN, "/data/attributes")
        name, starred = read_group_name(attributes, "segment"), _truth(attributes, "is_starred")
        if "definition" not in attributes:
            refuse("/data/attributes/definition", "required", "A segment needs a definition.")
        with _problems_in_document():
            segment = save_segment(
                account=self.account,
                user=None,
                name=name,
                definition=attributes["definition"],
                is_starred=starred,
                at=now(),
            )
        return _answer(request, segment, fields, status=201)


class SegmentView(ApiView):
    """GET, PATCH and DELETE /api/segments/{id}."""

    scopes: ClassVar = {
        "GET": "segments:read",
        "PATCH": "segments:write",
        "DELETE": "segments:write",
    }

    def get(self, request: Request, segment_id: str) -> HttpResponse:
        fields = _fields(request, "profile_count")
        read_include(request)
        segment = get_segment(self.account, segment_id)
        note_use(segment, now())
        return _answer(request, segment, fields)

    def patch(self, request: Request, segment_id: str) -> HttpResponse:
        fields, at = _fields(request), now()
        segment = get_segment(self.account, segment_id)
        since = Revision.of(segment)
        data, attributes = read_resource(read_json(request, limit=BODY_LIMIT), "segment")
        check_group_id(data, segment_id, "segment")
        check_names(attributes, _CHANGED, "/data/attributes")
        active, starred = _truth(attributes, "is_active"), _truth(attributes, "is_starred")
        name = read_group_name(attributes, "segment", segment.name)
        if active is False and len(attributes) > 1:
            message = "A segment is deactivated by itself, without other changes."
            refuse("/data/attributes/is_active", "invalid", message)
        if attributes.keys() & _WRITTEN:
            with _problems_in_document():
                segment = save_segment(
                    account=self.account,
                    user=None,
                    name=name,
                    definition=attributes.get("definition", segment.definition),
                    is_starred=starred,
                    segment=segment,
                    since=since,
                    at=at,
                )
        if active is not None:
            set_active(segment, on=active, at=at)
        segment.refresh_from_db()
        return _answer(request, segment, fields)

    def delete(self, request: Request, segment_id: str) -> HttpResponse:
        segment = get_segment(self.account, segment_id)
        delete_segment(account=self.account, segment=segment, at=now())
        return HttpResponse(status=204)


def _fields(request: Request, *additional: str) -> Fields:
    return read_fields(request, "segment", resources.SEGMENT_ATTRIBUTES, additional)


def _answer(
    request: Request, segment: Segment, fields: Fields, *, status: int = 200
) -> HttpResponse:
    (data,) = resources.segment_resources(request, [resources.row_of(segment)], fields)
    if fields.wants("profile_count"):
        data["attributes"]["profile_count"] = segment.size
    return answer({"data": data, "links": {"self": data["links"]["self"]}}, status)


def _truth(attributes: Mapping[str, Any], name: str) -> bool | None:
    value = attributes.get(name)
    if value is not None and not isinstance(value, bool):
        refuse(f"/data/attributes/{name}", "invalid", f"{name} is true or false.")
    return value


@contextmanager
def _problems_in_document() -> Iterator[None]:
    """Report what is wrong with a segment at its place in the request's document."""
    try:
        yield
    except ApplicationError as error:
        whole = "/data/attributes/definition" if isinstance(error, Invalid) else "/data"
        error.problems = tuple(_in_document(problem, whole) for problem in error.problems)
        raise


def _in_document(problem: Problem, whole: str) -> Problem:
    """`whole`: the place of what has none, such as a definition that is no object."""
    if problem.pointer == "/name":
        return problem.under("/data/attributes")
    return problem.under("/data/attributes/definition" if problem.pointer else whole)
