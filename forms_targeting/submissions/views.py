"""POST /client/form-submissions and /client/form-views, which forms on the shop's pages send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import override

from forms_targeting.content.form_content import LANGUAGES
from forms_targeting.engine.circumstances import circumstances_of
from forms_targeting.engine.client_view import BODY_LIMIT, ClientView
from forms_targeting.engine.country import country_of
from forms_targeting.engine.even_time import wait_for_step
from forms_targeting.engine.links import server_address
from forms_targeting.engine.versions import find_version
from forms_targeting.engine.visitor_limits import limit_client, limit_submissions
from forms_targeting.submissions.submission import Submission, read_submission
from forms_targeting.submissions.submit import submit
from forms_targeting.submissions.view_count import count_view
from profiles.places.countries import country_name
from segmenter.kernel.clock import elapsed, now
from segmenter.kernel.jsonapi import answer, read_resource
from segmenter.kernel.request_body import read_json

ACCEPTED: Mapping[str, Any] = {"meta": {"status": "accepted"}}
"""The one answer to everything that is well-formed."""


class FormSubmissionsView(ClientView):
    """POST /client/form-submissions: one submission of one step."""

    def post(self, request: HttpRequest) -> HttpResponse:
        since, at = elapsed(), now()
        document = read_json(request, limit=BODY_LIMIT)
        _data, attributes = read_resource(document, "form-submission")
        submission = read_submission(attributes, at=at)
        limit_submissions(self.account, request, at=at)
        version = find_version(self.account, attributes)
        if not is_program(submission):
            with override(_language(submission)):
                submit(
                    site=self.site,
                    version=version,
                    submission=submission,
                    circumstances=circumstances_of(
                        request, page=submission.page, language=submission.language
                    ),
                    country=country_of(request) or _country_of_language(request),
                    server=server_address(request),
                    at=at,
                )
        wait_for_step(since)
        return answer(ACCEPTED, status=202)


class FormViewsView(ClientView):
    """POST /client/form-views: one display of a form."""

    def post(self, request: HttpRequest) -> HttpResponse:
        document = read_json(request, limit=BODY_LIMIT)
        _data, attributes = read_resource(document, "form-view")
        at = now()
        limit_client(self.account, request, at=at)
        count_view(find_version(self.account, attributes), attributes, at=at)
        return answer(ACCEPTED, status=202)


def is_program(submission: Submission) -> bool:
    """Whether a program filled in the form: an input that nobody sees, or faster than anybody.

    It gets the usual answer and learns nothing; nothing is stored.
    """
    least = settings.SEGMENTER_FORM_LEAST_MS
    is_too_fast = submission.elapsed_ms is not None and submission.elapsed_ms < least
    return bool(submission.website) or is_too_fast


def _language(submission: Submission) -> str:
    """The language of messages to the visitor."""
    code = submission.language.replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else settings.LANGUAGE_CODE


def _country_of_language(request: HttpRequest) -> str:
    """The region of the visitor's language, "SE" of "sv-SE"; "" if it says nothing.

    Not of "en-US", which many browsers outside of the United States say.
    """
    tag = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    _language, _dash, region = tag.partition("-")
    if tag.lower() == "en-us" or len(region) != 2 or not country_name(region.upper()):
        return ""
    return region.upper()
