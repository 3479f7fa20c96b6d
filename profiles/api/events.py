"""Endpoints that take events. An answer of 202 means that they are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api import documents
from profiles.ingest.store import check_events, ingest_events
from segmenter.accounts.keys import ApiView
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.jsonapi import ApiError, answer
from segmenter.kernel.preferences import confirm_preference, preference
from segmenter.kernel.request_body import read_json


class EventsView(ApiView):
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
    """POST /api/event-bulk-create-jobs: up to 1,000 events, grouped by person; all or none.

    With `Prefer: handling=lenient` invalid events are rejected alone, and the answer lists them;
    the whole request is rejected only if no event is valid.
    """

    scopes: ClassVar = {"POST": "events:write"}

    def post(self, request: Request) -> HttpResponse:
        at = now()
        lenient = preference(request, "handling") == "lenient"
        bulk = documents.read_events(read_json(request, limit=settings.API_BODY_LIMIT), at)
        count = 0
        if lenient or not bulk.problems:
            outcome = ingest_events(
                account=self.account, records=bulk.records, at=at, all_or_nothing=not lenient
            )
            rejected, count = outcome.rejected, outcome.accepted + outcome.unchanged
        else:
            rejected = check_events(account=self.account, records=bulk.records)
        located = [bulk.place(index, problem) for index, problem in rejected]
        problems = list(dict.fromkeys((*bulk.problems, *located)))
        if problems and not count:
            raise Invalid(*problems)
        response = answer(_job(count, bulk.count, problems) if problems else None, status=202)
        return confirm_preference(response, "handling", "lenient") if lenient else response


def _job(stored_count: int, count: int, problems: Iterable[Problem]) -> dict[str, object]:
    rejected = [{"pointer": p.pointer, "code": p.code, "detail": p.message} for p in problems]
    attributes = {
        "status": "complete",
        "completed_count": stored_count,
        "failed_count": count - stored_count,
    }
    data = {"type": "event-bulk-create-job", "attributes": attributes}
    return {"data": data, "meta": {"rejected": rejected}}
