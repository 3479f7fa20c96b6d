"""Which forms a visitor sees: our own address, and those that Klaviyo's script calls for forms.

The answers hold forms and nothing else: no reason, no name of a segment. An e-mail address in a
request changes nothing (promise: who is who is read from a token only).
"""

from __future__ import annotations

import base64
import binascii
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from forms_targeting.content.public import best_language
from forms_targeting.decisions.visit_body import LONGEST_TOKEN, read_visit_body
from forms_targeting.engine.client_view import BODY_LIMIT, ClientView
from forms_targeting.engine.country import country_of
from forms_targeting.engine.decide import matching_forms, variant_for
from forms_targeting.engine.live_forms import LiveForm, live_forms
from forms_targeting.engine.visitors import read_person, visitor_id
from forms_targeting.visit import Person
from profiles.places.countries import REGIONS
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from segmenter.kernel.jsonapi import answer, read_resource, refuse_parameter
from segmenter.kernel.request_body import parse, read_json

LONGEST_DATA = 8_000
"""Characters of the query parameter in which Klaviyo's script tells who is asked about."""


class FormDecisions(ClientView):
    """POST /client/form-decisions: the forms that a visitor sees on a page, by priority."""

    def post(self, request: HttpRequest) -> HttpResponse:
        document = read_json(request, limit=BODY_LIMIT)
        _data, attributes = read_resource(document, "form-decision")
        body = read_visit_body(attributes, "/data/attributes")
        person = _person(self, body.token, body.signed)
        visit = body.visit(country=country_of(request), person=person)
        forms = matching_forms(live_forms(self.site).forms, visit)
        # Without an id nothing is kept in the browser: then each page is a new visitor.
        visitor = body.anonymous_id or (str(person.profile_id) if person else uuid4().hex)
        return answer({"data": [_resource(form, visitor, visit.languages) for form in forms]})


class GroupsTargeting(ClientView):
    """GET /forms/api/v4/groups-targeting: which groups of live forms a proven visitor is in.

    Klaviyo's script sends identifiers, of which only its `exchange_id` (our token) proves anything.
    """

    @cached_property
    def identifiers(self) -> dict[str, Any]:
        """What the parameter `data` says: base64 of a JSON object. Raises ApiError."""
        text = self.request.GET.get("data", "")
        if len(text) > LONGEST_DATA:
            refuse_parameter("data", f"At most {LONGEST_DATA:,} characters fit here.")
        try:
            plain = text.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
            raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
            identifiers = parse(raw.decode())
        except (binascii.Error, UnicodeDecodeError, ValueError, Invalid):
            identifiers = None
        if not isinstance(identifiers, dict):
            refuse_parameter("data", "This must be base64 of a JSON object.")
        return identifiers

    def site_key(self) -> str:
        key = super().site_key() or self.identifiers.get("company_id")
        return key if isinstance(key, str) else ""

    def get(self, request: HttpRequest) -> HttpResponse:
        token = self.identifiers.get("exchange_id")
        usable = isinstance(token, str) and len(token) <= LONGEST_TOKEN
        person = _person(self, str(token) if usable else "", "")
        groups = sorted(person.segments | person.lists) if person else []
        return answer({"groups": groups})


class FullForms(ClientView):
    """GET /forms/api/v7/<site key>/full-forms: no forms, since this server decides who sees which.

    Klaviyo's script and apps get rules and segments here and decide in the browser.
    """

    def site_key(self) -> str:
        return str(self.kwargs["site_key"])

    def get(self, request: HttpRequest, site_key: str) -> HttpResponse:
        return answer({"full_forms": [], "form_settings": {}, "dynamic_info_config": {}})


@require_GET
def geo_ip(request: HttpRequest) -> HttpResponse:
    """GET /forms/api/v3/geo-ip: the caller's own country, for pages of every domain."""
    code = country_of(request)
    in_union = code in REGIONS["european_union"]
    response = answer({"country_code": code or None, "is_in_eu": in_union if code else None})
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "no-store"
    return response


def _person(view: ClientView, token: str, signed: str) -> Person | None:
    at = now()
    profile_id = visitor_id(view.site, token=token, signed=signed, at=at)
    if profile_id is None:
        return None
    return read_person(view.account, profile_id, live_forms(view.site).references, at=at)


def _resource(form: LiveForm, visitor: str, languages: tuple[str, ...]) -> dict[str, Any]:
    variant = variant_for(form, visitor)
    language = best_language(variant.content, list(languages))
    return {
        "type": "form-decision",
        "id": form.key,
        "attributes": {
            "version_id": variant.version_key,
            "content": variant.documents[language],
            "behavior": form.behavior,
        },
    }
