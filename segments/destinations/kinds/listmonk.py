"""A list at Listmonk, which shops run themselves.

Source: listmonk.app/docs/apis/subscribers and github.com/knadh/listmonk (cmd/subscribers.go,
queries/subscribers.sql): GET /api/subscribers with an SQL condition finds subscribers, POST creates
one (409: is there), PATCH /api/subscribers/{id} updates one without touching its lists, and
PUT /api/subscribers/lists puts subscribers on lists and takes them off.

A subscription is a row with a status, and "add" writes it. So who unsubscribed from the list, or is
on the blocklist, is refused here and never removed: that would forget the unsubscription. Who said
yes here is confirmed; who did not waits for a confirmation, which lists with single opt-in lack.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments.destinations.email_service import (
    RequestRefusal,
    ServiceCalls,
    in_parts,
    names_of,
    read_object,
    read_objects,
)
from segments.destinations.kind import (
    Contact,
    DestinationAccess,
    KeyKind,
    Outcome,
    list_destinations,
)
from segments.engine.remote_call import ApiField, NeedsAttention

PAGE = 50
"""Subscribers of one page; Listmonk gives no more at once, whatever is asked for."""
_MOST_CONDITION = 1_200
"""Characters of the e-mail addresses in one condition, as a URL has them."""
_NO_METHOD = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)


class ListmonkList:
    """Subscribers are known by their e-mail address, which Listmonk keeps in small letters."""

    label = "Listmonk"
    text = gettext_lazy("A list in your Listmonk. Who unsubscribed there stays unsubscribed.")
    rank = 70
    key_kind = KeyKind.EMAIL
    batch = 50
    takes_columns = True
    fields = (
        ApiField(
            "url",
            gettext_lazy("Address"),
            gettext_lazy(
                "Such as https://lists.example.com. An address in a private network must be "
                "allowed by whoever runs Segmenter."
            ),
        ),
        ApiField(
            "list_id",
            gettext_lazy("List ID"),
            gettext_lazy("The number in the address of the list’s page in Listmonk."),
        ),
        ApiField("user", gettext_lazy("API user")),
        ApiField(
            "token",
            gettext_lazy("Token"),
            gettext_lazy(
                "The user’s role needs lists:get_all, lists:manage_all, subscribers:get_all, "
                "subscribers:manage and subscribers:sql_query."
            ),
            is_secret=True,
        ),
    )

    def check(self, access: DestinationAccess) -> str:
        calls, number = _calls(access).quick(), _list_number(access)
        document = _read_list(calls, number)
        _find(calls, ["nobody@example.com"])
        return str(document.get("name") or number)

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        if not people:
            return Outcome()
        calls, number = _calls(access), _list_number(access)
        is_confirming = _read_list(calls, number).get("optin") == "double"
        subscribers = _find(calls, [person.key for person in people])
        refusals: dict[str, str] = {}
        ids: dict[str, list[int]] = {"confirmed": [], "unconfirmed": []}
        for person in people:
            subscriber = subscribers.get(person.key)
            words = _objection(subscriber, person, number, is_confirming=is_confirming)
            try:
                if subscriber is None and not words:
                    subscriber = _create(calls, person)
                    words = _objection(subscriber, person, number, is_confirming=is_confirming)
                elif subscriber is not None and not words:
                    _update(calls, subscriber, person)
            except RequestRefusal as refusal:
                words = refusal.words
            if words:
                refusals[person.key] = words
            elif subscriber is not None and _subscription(subscriber, number) is None:
                status = "confirmed" if person.has_consent else "unconfirmed"
                ids[status].append(int(subscriber["id"]))
        for status, some in ids.items():
            if some:
                _change_list(calls, number, some, {"action": "add", "status": status})
                reply = calls.ask("GET", f"/api/subscribers/{some[0]}")
                if _subscription(read_object(reply.document, "data"), number) is None:
                    words = _("Listmonk did not change the list. The user may not manage it.")
                    raise NeedsAttention(words)
        return Outcome(refusals)

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        calls, number = _calls(access), _list_number(access)
        members = [
            int(subscriber["id"])
            for subscriber in _find(calls, keys).values()
            if _subscription(subscriber, number) not in (None, "unsubscribed")
        ]
        if members:
            _change_list(calls, number, members, {"action": "remove"})
        return Outcome()

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]]:
        """Yield those who are subscribed; an unsubscription belongs to Listmonk."""
        number, page = _list_number(access), 1
        while True:
            query = {"list_id": number, "order_by": "created_at", "order": "ASC", "page": page}
            subscribers = _page(_calls(access), query)
            if not subscribers:
                return
            yield [
                str(subscriber.get("email")).lower()
                for subscriber in subscribers
                if _subscription(subscriber, number) != "unsubscribed"
            ]
            page += 1


# --- requests --------------------------------------------------------------------------------


def _calls(access: DestinationAccess) -> ServiceCalls:
    credentials = f"{access.settings['user'].strip()}:{access.secrets['token'].strip()}"
    headers = {
        "authorization": f"Basic {b64encode(credentials.encode()).decode()}",
        "content-type": "application/json",
    }
    return ServiceCalls(access.settings["url"].strip().rstrip("/"), headers, _words)


def _list_number(access: DestinationAccess) -> int:
    text = access.settings["list_id"].strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NeedsAttention(_("The ID of a list in Listmonk is a number."))
    return int(text)


def _read_list(calls: ServiceCalls, number: int) -> Mapping[str, Any]:
    try:
        return read_object(calls.ask("GET", f"/api/lists/{number}").document, "data")
    except RequestRefusal as refusal:
        if refusal.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            raise NeedsAttention(_("Listmonk has no list with this ID.")) from None
        raise


def _page(calls: ServiceCalls, query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    reply = calls.ask("GET", f"/api/subscribers?{urlencode({**query, 'per_page': PAGE})}")
    return read_objects(read_object(reply.document, "data"), "results")


def _find(calls: ServiceCalls, emails: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The subscribers with these e-mail addresses, by the address."""
    subscribers = {}
    for part in in_parts(emails, _condition_size, _MOST_CONDITION):
        literals = ",".join(_literal(email) for email in part)
        condition = f"subscribers.email IN ({literals})"
        for subscriber in _page(calls, {"query": condition, "page": 1}):
            subscribers[str(subscriber.get("email")).lower()] = subscriber
    return subscribers


def _condition_size(email: str) -> int:
    """Characters of an e-mail address in a condition; enough that all answers fit one page."""
    return max(len(quote(_literal(email))) + len("%2C"), _MOST_CONDITION // PAGE)


def _literal(email: str) -> str:
    """An SQL string, which has no other special sign than the quote."""
    return "'" + email.replace("'", "''").replace("\0", "") + "'"


def _create(calls: ServiceCalls, person: Contact) -> Mapping[str, Any]:
    """Create a subscriber on no list: Listmonk sends no e-mail then. Or return who came before."""
    document = {
        "email": person.key,
        "name": names_of(person.first_name, person.last_name) or person.key.split("@")[0],
        "status": "enabled",
        "lists": [],
        "attribs": dict(person.fields),
        "preconfirm_subscriptions": False,
    }
    try:
        return read_object(calls.ask("POST", "/api/subscribers", document).document, "data")
    except RequestRefusal as refusal:
        subscriber = _find(calls, [person.key]).get(person.key)
        if refusal.status != HTTPStatus.CONFLICT or subscriber is None:
            raise
        return subscriber


def _update(calls: ServiceCalls, subscriber: Mapping[str, Any], person: Contact) -> None:
    """Write the name and the columns that differ.

    By PATCH alone: PUT, the only method of versions before it, would take the subscriber off lists
    that this user may not see. There who exists already is only put on the list.
    """
    name = names_of(person.first_name, person.last_name)
    attributes = read_object(subscriber, "attribs")
    changes: dict[str, Any] = {}
    if name and name != subscriber.get("name"):
        changes["name"] = name
    if any(attributes.get(column) != value for column, value in person.fields.items()):
        changes["attribs"] = {**attributes, **person.fields}
    if changes:
        try:
            calls.ask("PATCH", f"/api/subscribers/{int(subscriber['id'])}", changes)
        except RequestRefusal as refusal:
            if refusal.status not in _NO_METHOD:
                raise


def _change_list(
    calls: ServiceCalls, number: int, ids: Sequence[int], action: Mapping[str, str]
) -> None:
    document = {"ids": list(ids), "target_list_ids": [number], **action}
    calls.ask("PUT", "/api/subscribers/lists", document)


# --- documents -------------------------------------------------------------------------------


def _subscription(subscriber: Mapping[str, Any], number: int) -> str | None:
    """The status of a subscriber's subscription to the list; None if there is none."""
    for each in read_objects(subscriber, "lists"):
        if each.get("id") == number:
            return str(each.get("subscription_status"))
    return None


def _objection(
    subscriber: Mapping[str, Any] | None, person: Contact, number: int, *, is_confirming: bool
) -> str:
    """Why somebody is not put on the list; empty if they are."""
    subscription = _subscription(subscriber or {}, number)
    if subscriber is not None and subscriber.get("status") == "blocklisted":
        return _("On the blocklist of Listmonk.")
    if subscription == "unsubscribed":
        return _("Unsubscribed from the list in Listmonk.")
    if subscription is None and not person.has_consent and not is_confirming:
        return _("Did not subscribe to e-mail here, and the list has single opt-in.")
    return ""


def _words(document: Mapping[str, Any]) -> str:
    return str(document.get("message") or "")


list_destinations.add("listmonk", ListmonkList())
