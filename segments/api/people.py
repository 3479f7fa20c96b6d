"""Which segments a person is in, for programs that ask while somebody waits for a page."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from profiles import identity
from segmenter.accounts.keys import ApiView
from segmenter.accounts.models import Account
from segmenter.kernel.collection import read_fields, read_include
from segmenter.kernel.jsonapi import answer
from segments.api import resources
from segments.models import Membership, Segment


class SegmentsOfPerson(ApiView):
    """GET /api/profiles/{id}/segments: all of them, the oldest first, as membership is stored.

    The id of a profile that was merged still leads to it.
    """

    scopes: ClassVar = {"GET": "segments:read"}

    def get(self, request: Request, profile_id: str) -> HttpResponse:
        fields = read_fields(request, "segment", resources.SEGMENT_ATTRIBUTES)
        read_include(request)
        data = resources.segment_resources(request, self._segments(profile_id), fields)
        links = {"self": request.build_absolute_uri(), "prev": None, "next": None}
        return answer({"data": data, "links": links})

    def _segments(self, profile_id: str) -> list[Segment]:
        """One query for whoever is in a segment. Raises NotFound."""
        if profile_id.isdecimal() and len(profile_id) <= 18:
            found = list(_of(self.account, int(profile_id)))
            if found:
                return found
        return list(_of(self.account, identity.find(self.account, profile_id).pk))


def _of(account: Account, profile_id: int) -> QuerySet[Segment]:
    """The segments of a profile that is there: one that was merged is in none, whatever its rows
    still say for a moment."""
    memberships = Membership.objects.filter(
        account=account, profile_id=profile_id, profile__account=account
    )
    return Segment.objects.filter(account=account, pk__in=memberships.values("segment")).order_by(
        "pk"
    )
