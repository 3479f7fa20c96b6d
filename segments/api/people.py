"""The segments of a person, for programs that ask while somebody waits for a page."""

from __future__ import annotations

import json
from typing import ClassVar

from django.db import connection
from django.http import HttpResponse
from rest_framework.request import Request

from profiles.ingest import resolve
from segmenter.accounts.keys import ApiView
from segmenter.accounts.models import Account
from segmenter.kernel.collection import read_fields, read_include
from segmenter.kernel.jsonapi import answer
from segments.api import resources
from segments.api.resources import SegmentRow
from segments.models import SegmentStatus
from segments.models.membership import SEGMENT_BITS


class SegmentsOfPerson(ApiView):
    """GET /api/profiles/{id}/segments: all of them, oldest first, from stored membership.

    The id of a merged profile returns the segments of the remaining one.
    """

    scopes: ClassVar = {"GET": "segments:read"}

    def get(self, request: Request, profile_id: str) -> HttpResponse:
        fields = read_fields(request, "segment", resources.SEGMENT_ATTRIBUTES)
        read_include(request)
        data = resources.segment_resources(request, _segments(self.account, profile_id), fields)
        links = {"self": request.build_absolute_uri(), "prev": None, "next": None}
        return answer({"data": data, "links": links})


class SegmentIdsOfPerson(ApiView):
    """GET /api/profiles/{id}/relationships/segments: only their ids."""

    scopes: ClassVar = {"GET": "segments:read"}

    def get(self, request: Request, profile_id: str) -> HttpResponse:
        rows = _segments(self.account, profile_id)
        links = {"self": request.build_absolute_uri(), "prev": None, "next": None}
        data = [{"type": "segment", "id": row.key} for row in rows]
        return answer({"data": data, "links": links})


def _segments(account: Account, profile_id: str) -> list[SegmentRow]:
    """One query for a person who is in any segment. Raises NotFound."""
    if profile_id.isdecimal() and len(profile_id) <= 18:
        rows = _of(account, int(profile_id))
        if rows:
            return rows
    return _of(account, resolve.find(account, profile_id).pk)


# Raw SQL without models, which would take longer than the rest of the request.
_OF = f"""
    SELECT s.key, s.name, s.definition::text, s.created, s.updated, s.is_active,
        s.status = %(building)s, s.is_starred
    FROM profiles_profile p
    JOIN segments_membership m ON m.profile_id = p.id AND m.segment_id >> {SEGMENT_BITS} = ANY(
        ARRAY(SELECT id >> {SEGMENT_BITS} FROM segments_segment WHERE account_id = %(account)s))
    JOIN segments_segment s ON s.id = m.segment_id
    WHERE p.account_id = %(account)s AND p.id = %(profile)s AND s.deleted IS NULL ORDER BY s.id"""


def _of(account: Account, profile_id: int) -> list[SegmentRow]:
    """The segments of an existing profile. A merged profile has none, even if its rows still exist
    for a moment."""
    with connection.cursor() as cursor:
        building = SegmentStatus.BUILDING.value
        cursor.execute(_OF, {"building": building, "account": account.pk, "profile": profile_id})
        return [
            SegmentRow(key, name, json.loads(definition), *rest)
            for key, name, definition, *rest in cursor.fetchall()
        ]
