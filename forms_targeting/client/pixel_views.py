"""Hand-written pixels and forms of older shops: /api/track, /api/identify, /ajax/subscriptions.

Pixels answer the text 1, or 0 for what was not stored, always with 200: an image or a script asks.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import get_language

from forms_targeting.client.names import read_profile_of_page
from forms_targeting.client.proven import profile_record
from forms_targeting.client.subscribe import Subscription, subscribe
from forms_targeting.client.views import store_events
from forms_targeting.engine.circumstances import circumstances_of, short_text
from forms_targeting.engine.client_view import BODY_LIMIT, ClientView
from forms_targeting.engine.even_time import wait_for_step
from forms_targeting.engine.links import server_address
from forms_targeting.engine.sites import origin_of, site_of
from forms_targeting.engine.visitor_limits import limit_client, limit_submissions
from forms_targeting.models import Site
from profiles.ingest.store import ingest_profiles
from profiles.models import List
from segmenter.accounts.models import find_api_key
from segmenter.kernel.clock import elapsed, now
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.jsonapi import ApiError
from segmenter.kernel.request_body import parse, read_json

_FORM = "application/x-www-form-urlencoded"


class PixelView(ClientView):
    """A pixel: the document is in `data`, or is the body. Its `token` is the site's key."""

    scope = "events:write"
    document: Mapping[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return self._open_preflight(request)
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code in (400, 404, 413, 415):
            zero = self.pixel("0")
            if response.has_header("Access-Control-Allow-Origin"):
                zero["Access-Control-Allow-Origin"] = response["Access-Control-Allow-Origin"]
            return zero
        return response

    def _open_preflight(self, request: HttpRequest) -> HttpResponse:
        """Let a page ask: whose it is, is said by the token in the request that follows."""
        response = self._preflight()
        response["Access-Control-Allow-Origin"] = origin_of(request) or "*"
        response["Vary"] = "Origin"
        return response

    @staticmethod
    def pixel(text: str) -> HttpResponse:
        headers = {"Cache-Control": "no-store", "Vary": "Origin"}
        return HttpResponse(text, content_type="text/plain", headers=headers)

    def _find_site(self) -> Site:
        """The site of the token; some pages have a private key there, which may write, too."""
        self.document = _read_document(self.request)
        token = self.document.get("token")
        if isinstance(token, str) and token.startswith("pk_"):
            key = find_api_key(token)
            if key is not None and key.allows(self.scope):
                return site_of(key.account, at=now())
        return super()._find_site()

    def site_key(self) -> str:
        token = self.document.get("token")
        return token if isinstance(token, str) else ""

    def get(self, request: HttpRequest) -> HttpResponse:
        at = now()
        limit_client(self.account, request, at=at)
        self.store(at)
        return self.pixel("1")

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)

    def store(self, at: datetime) -> None:
        """Store what the document says. Raises Invalid."""
        raise NotImplementedError


class TrackPixel(PixelView):
    """/api/track: {token, event, customer_properties, properties, time}."""

    def store(self, at: datetime) -> None:
        document = self.document
        person = read_profile_of_page(document.get("customer_properties"), "/customer_properties")
        event = {
            "metric": document.get("event"),
            "properties": document.get("properties"),
            "time": document.get("time"),
        }
        store_events(self, person, [event], [""], at=at)


class IdentifyPixel(PixelView):
    """/api/identify: {token, properties}."""

    scope = "profiles:write"

    def store(self, at: datetime) -> None:
        person = read_profile_of_page(self.document.get("properties"), "/properties")
        record = profile_record(self.site, person, "/properties", at=at)
        ingest_profiles(account=self.account, records=[record], at=at, unproven=True)


class AjaxSubscribe(ClientView):
    """POST /ajax/subscriptions/subscribe: a list's form of older shops, `g` and `email`."""

    def _find_site(self) -> Site:
        """The site of the key that the page has, else of the one list with the id in `g`."""
        if self.site_key():
            return super()._find_site()
        lists = list(List.objects.filter(key=self._text("g")).select_related("account")[:2])
        if len(lists) != 1:
            raise ApiError(404, "not_found", "There is no such list.")
        return site_of(lists[0].account, at=now())

    def site_key(self) -> str:
        names = ("company_id", "a", "token")
        keys = [self.request.GET.get(name) or self.request.POST.get(name) for name in names]
        return next((key for key in keys if key), "")

    def post(self, request: HttpRequest) -> HttpResponse:
        since, at = elapsed(), now()
        limit_submissions(self.account, request, at=at)
        fields = self._text("$fields").split(",")
        values = {name: request.POST[name] for name in fields if name in request.POST}
        values["$email"] = self._text("email") or self._text("$email")
        try:
            person = read_profile_of_page(values, "")
            subscription = Subscription(person, ("email",), self._text("g"), self._text("$source"))
            subscribe(
                self.site,
                subscription,
                circumstances=circumstances_of(
                    request,
                    page=request.headers.get("Referer", ""),
                    language=get_language() or settings.LANGUAGE_CODE,
                ),
                server=server_address(request),
                at=at,
            )
        except Invalid as error:
            messages = [problem.message for problem in error.problems]
            return JsonResponse({"success": False, "errors": messages, "data": {}})
        wait_for_step(since)
        return JsonResponse({"success": True, "errors": [], "data": {}})

    def _text(self, name: str) -> str:
        return short_text(self.request.POST.get(name), 500)


def _read_document(request: HttpRequest) -> Mapping[str, Any]:
    """The document of a pixel: JSON or base64 of JSON in `data`, or the body. Raises Invalid."""
    text = request.GET.get("data", "")
    if not text and request.method == "POST":
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            raise ApiError(413, "too_large", "The body is too large.")
        if request.content_type == _FORM:
            text = request.POST.get("data", "")
        elif request.content_type == "text/plain":
            text = request.body.decode(errors="replace")
        else:
            return _object(read_json(request, limit=BODY_LIMIT))
    if len(text) > BODY_LIMIT:
        raise ApiError(413, "too_large", "The data is too large.")
    return _object(parse(_plain(text)))


def _plain(text: str) -> str:
    """JSON text, also from base64 without padding, or with a plus that arrived as a space."""
    if text.lstrip().startswith("{"):
        return text
    packed = text.strip().replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        raise Invalid(Problem("", "invalid", "The data is neither JSON nor base64.")) from None


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid(Problem("", "invalid", "The data is an object."))
    return value
