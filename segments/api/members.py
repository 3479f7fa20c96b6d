"""Endpoints of a segment's members."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api.members import answer_member_ids, answer_members
from segmenter.accounts.keys import ApiView
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.engine.queries import get_segment
from segments.engine.usage import note_use
from segments.models import Membership


class ProfilesOfSegment(ApiView):
    """GET /api/segments/{id}/profiles."""

    scopes: ClassVar = {"GET": "segments:read"}

    def get(self, request: Request, segment_id: str) -> HttpResponse:
        rows = _members(self.account, segment_id)
        return answer_members(request, self.account, rows, since="entered")


class ProfileIdsOfSegment(ApiView):
    """GET /api/segments/{id}/relationships/profiles."""

    scopes: ClassVar = {"GET": "segments:read"}

    def get(self, request: Request, segment_id: str) -> HttpResponse:
        return answer_member_ids(request, _members(self.account, segment_id), since="entered")


def _members(account: Account, segment_id: str) -> QuerySet[Membership]:
    segment = get_segment(account, segment_id)
    note_use(segment, now())
    return Membership.objects.filter(account=account, segment=segment)
