"""Endpoints that take events. An answer of 202 means that they are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api import documents
from profiles.ingest import ingest_events
from segmenter.accounts.keys import ApiView
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.jsonapi import ApiError, answer
from segmenter.kernel.request_body import read_json


class Events(ApiView):
    """POST /api/events: one event of one person."""

    scopes: ClassVar = {"POST": "events:write"}

    def post(self, request: Request) -> HttpResponse:
        at = now()
        record = documents.read_event(read_json(request, limit=settings.API_BODY_LIMIT), at)
        outcome = ingest_events(account=self.account, records=[record], at=at)
        for _index, problem in outcome.rejected:
            place = documents.place_of_event(problem)
            if place.code == "not_found":
                raise ApiError(404, place.code, place.message, pointer=place.pointer)
            raise Invalid(place)
        return answer(status=202)


class EventBulkCreateJobs(ApiView):
    """POST /api/event-bulk-create-jobs: up to 1,000 events, grouped by person.

    What is wrong with an event refuses it alone. The answer names those; only where no event is
    left is the whole request refused.
    """

    scopes: ClassVar = {"POST": "events:write"}

    def post(self, request: Request) -> HttpResponse:
        at = now()
        bulk = documents.read_events(read_json(request, limit=settings.API_BODY_LIMIT), at)
        outcome = ingest_events(account=self.account, records=bulk.records, at=at)
        placed = [bulk.place(index, problem) for index, problem in outcome.rejected]
        problems = list(dict.fromkeys((*bulk.problems, *placed)))
        stored = outcome.accepted + outcome.unchanged
        if not stored:
            raise Invalid(*problems)
        if not problems:
            return answer(status=202)
        return answer(_job(stored, problems), status=202)


def _job(stored: int, problems: Iterable[Problem]) -> dict[str, object]:
    rejected = [{"pointer": p.pointer, "code": p.code, "detail": p.message} for p in problems]
    attributes = {
        "status": "complete",
        "completed_count": stored,
        "failed_count": len(rejected),
    }
    data = {"type": "event-bulk-create-job", "attributes": attributes}
    return {"data": data, "meta": {"rejected": rejected}}
