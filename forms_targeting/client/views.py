"""Klaviyo's API for browsers and phones: people, events, subscriptions, push tokens.

The public key names the account and gives no right to read. Well-formed requests get 202 whatever
becomes of them; malformed ones 400 with the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from forms_targeting.client.names import PageProfile, event_record, read_profile_of_page
from forms_targeting.client.proven import exchange_id, profile_record
from forms_targeting.client.subscribe import read_subscription, subscribe
from forms_targeting.engine.circumstances import circumstances_of
from forms_targeting.engine.client_view import BODY_LIMIT, ClientView
from forms_targeting.engine.even_time import wait_for_step
from forms_targeting.engine.links import server_address
from forms_targeting.engine.visitor_limits import limit_client, limit_submissions
from profiles.ingest.parse import api_times, read_event
from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.kernel.clock import elapsed, now
from segmenter.kernel.errors import Invalid
from segmenter.kernel.jsonapi import answer, read_resource, refuse
from segmenter.kernel.request_body import read_json

EVENTS_LIMIT = 5_000_000
"""Bytes of a body with many events."""
MOST_EVENTS = 1_000
BACK_IN_STOCK = "Subscribed to Back in Stock"


class KlaviyoView(ClientView):
    """A view of this room: limits, the document, and the answer that Klaviyo's script reads."""

    limit = BODY_LIMIT

    def read(self, request: HttpRequest, type_: str, *, at: datetime) -> Mapping[str, Any]:
        """Return the attributes of the request's resource, with its relationships and meta."""
        limit_client(self.account, request, at=at)
        document = read_json(request, limit=self.limit)
        data, attributes = read_resource(document, type_)
        return {**attributes, "relationships": data.get("relationships"), "meta": data.get("meta")}

    def accept(self, person: PageProfile | None, *, at: datetime) -> HttpResponse:
        """Answer 202; Klaviyo's script gets the visitor's token back, if a valid one came."""
        if not self.request.headers.get("X-Klaviyo-Onsite"):
            return answer(status=202)
        token = None if person is None else exchange_id(self.site, person, at=at)
        return answer({"meta": {"exchange_id": token, "should_clear_cookie": False}}, status=202)


class ClientProfiles(KlaviyoView):
    """POST /client/profiles: what a page knows about a person."""

    def post(self, request: HttpRequest) -> HttpResponse:
        at = now()
        limit_client(self.account, request, at=at)
        document = read_json(request, limit=self.limit)
        read_resource(document, "profile")
        person = read_profile_of_page(document, "")
        record = profile_record(self.site, person, "/data/attributes", at=at)
        ingest_profiles(account=self.account, records=[record], at=at, unproven=True)
        return self.accept(person, at=at)


class ClientEvents(KlaviyoView):
    """POST /client/events: one event."""

    def post(self, request: HttpRequest) -> HttpResponse:
        at = now()
        attributes = self.read(request, "event", at=at)
        person = read_profile_of_page(attributes.get("profile"), "/data/attributes/profile")
        store_events(self, person, [attributes], ["/data/attributes"], at=at)
        return self.accept(person, at=at)


class ClientEventBulkCreate(KlaviyoView):
    """POST /client/event-bulk-create: events of one person; all or none."""

    limit = EVENTS_LIMIT

    def post(self, request: HttpRequest) -> HttpResponse:
        at = now()
        attributes = self.read(request, "event-bulk-create", at=at)
        place = "/data/attributes/events/data"
        events = attributes.get("events")
        rows = events.get("data") if isinstance(events, Mapping) else None
        if not isinstance(rows, list) or not rows:
            refuse(place, "required", "A list of events is needed here.")
        if len(rows) > MOST_EVENTS:
            refuse(place, "too_many", f"A request holds at most {MOST_EVENTS} events.")
        all_attributes = []
        for index, row in enumerate(rows):
            inner = row.get("attributes") if isinstance(row, Mapping) else None
            if not isinstance(inner, Mapping):
                refuse(f"{place}/{index}", "invalid", "An event has attributes.")
            all_attributes.append(inner)
        person = read_profile_of_page(attributes.get("profile"), "/data/attributes/profile")
        pointers = [f"{place}/{index}/attributes" for index in range(len(rows))]
        store_events(self, person, all_attributes, pointers, at=at)
        return self.accept(person, at=at)


def store_events(
    view: ClientView,
    person: PageProfile,
    all_attributes: list[Mapping[str, Any]],
    pointers: list[str],
    *,
    at: datetime,
) -> None:
    """Store events of one person. Raises Invalid at the place of each event that is none."""
    record = profile_record(view.site, person, "/data/attributes/profile", at=at)
    times = api_times(at)
    events, problems = [], []
    for attributes, pointer in zip(all_attributes, pointers, strict=True):
        try:
            event = read_event({**event_record(attributes, at=at), "profile": record}, times)
        except Invalid as error:
            problems += [problem.under(pointer) for problem in error.problems]
        else:
            events.append(event)
    if problems:
        raise Invalid(*problems)
    ingest_events(account=view.account, records=events, at=at, unproven=True)


class ClientSubscriptions(KlaviyoView):
    """POST /client/subscriptions: consent that a form of the shop's own asked for."""

    def post(self, request: HttpRequest) -> HttpResponse:
        since, at = elapsed(), now()
        limit_submissions(self.account, request, at=at)
        attributes = self.read(request, "subscription", at=at)
        subscription = read_subscription(attributes)
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
        wait_for_step(since)
        return self.accept(subscription.person, at=at)


class ClientBackInStock(KlaviyoView):
    """POST /client/back-in-stock-subscriptions: kept as an event; it is no consent to marketing."""

    def post(self, request: HttpRequest) -> HttpResponse:
        at = now()
        attributes = self.read(request, "back-in-stock-subscription", at=at)
        person = read_profile_of_page(attributes.get("profile"), "/data/attributes/profile")
        variant = _related_id(attributes, "variant")
        if not variant:
            place = "/data/relationships/variant/data/id"
            refuse(place, "required", "The id of a variant is needed here.")
        event = {
            "metric": BACK_IN_STOCK,
            "properties": {"VariantId": variant, "Channels": attributes.get("channels")},
        }
        store_events(self, person, [event], ["/data/attributes"], at=at)
        return self.accept(person, at=at)


class ClientPushTokens(KlaviyoView):
    """POST /client/push-tokens and push-token-unregister: the person is stored, no token is kept.

    Nothing is sent by push from here, and an unproven request withdraws nobody's consent.
    """

    type_ = "push-token"

    def post(self, request: HttpRequest) -> HttpResponse:
        at = now()
        attributes = self.read(request, self.type_, at=at)
        person = read_profile_of_page(attributes.get("profile"), "/data/attributes/profile")
        record = profile_record(self.site, person, "/data/attributes/profile", at=at)
        ingest_profiles(account=self.account, records=[record], at=at, unproven=True)
        return self.accept(person, at=at)


class ClientGeofences(KlaviyoView):
    """GET /client/geofences: there are none."""

    def get(self, request: HttpRequest) -> HttpResponse:
        here = request.build_absolute_uri()
        return answer({"data": [], "links": {"self": here, "prev": None, "next": None}})


class OnsiteAnalytics(ClientView):
    """POST /onsite/track-analytics: figures of Klaviyo's script about itself; not needed here."""

    def post(self, request: HttpRequest) -> HttpResponse:
        limit_client(self.account, request, at=now())
        return answer(status=202)


def _related_id(attributes: Mapping[str, Any], name: str) -> str:
    relationships = attributes.get("relationships")
    related = relationships.get(name) if isinstance(relationships, Mapping) else None
    data = related.get("data") if isinstance(related, Mapping) else None
    id_ = data.get("id") if isinstance(data, Mapping) else None
    return id_ if isinstance(id_, str) else ""
