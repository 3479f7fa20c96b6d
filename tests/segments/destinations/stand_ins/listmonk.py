"""Listmonk's subscribers and lists, as its documentation and its SQL describe them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_django import Settings

from segments.destinations.kind import DestinationAccess
from tests.segments.audiences.stand_ins import Answer
from tests.segments.destinations.stand_ins.receiver import Broken, EmailService, Query

USER, TOKEN = "segmenter", "5ecret"
LIST = 4
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass
class _Subscriber:
    id: int
    email: str
    name: str = ""
    status: str = "enabled"
    attribs: dict[str, Any] = field(default_factory=dict)
    lists: dict[int, str] = field(default_factory=dict)


class Listmonk(EmailService):
    """One list with double opt-in, beside others."""

    def __init__(self) -> None:
        super().__init__()
        self.subscribers: list[_Subscriber] = []
        self.e_mails = 0
        """Requests for confirmation that it has sent."""
        self.permissions = {"manage", "sql_query"}
        self.knows_patch = True
        self.optin = "double"

    @property
    def access(self) -> DestinationAccess:
        settings = {"url": f"http://{self.host}/", "list_id": str(LIST), "user": USER}
        return DestinationAccess(settings, {"token": TOKEN}, account_id=1)

    def members(self) -> set[str]:
        return {
            each.email
            for each in self.subscribers
            if each.lists.get(LIST, "unsubscribed") != "unsubscribed"
        }

    def subscriber(self, email: str) -> _Subscriber:
        [subscriber] = [each for each in self.subscribers if each.email == email]
        return subscriber

    def join(self, email: str, lists: dict[int, str], **values: Any) -> None:
        number = len(self.subscribers) + 1
        self.subscribers.append(_Subscriber(number, email, lists=lists, **values))

    def words_about(self, email: str) -> str:
        return str(self.subscriber(email))

    # --- the service -------------------------------------------------------------------------

    def broken(self, status: int, words: str) -> Broken:
        return Broken(status, {"message": words})

    def authorize(self, query: Query) -> None:
        credentials = b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if query.headers.get("authorization") != f"Basic {credentials}":
            raise self.broken(403, "invalid API credentials")

    def serve(self, query: Query) -> Answer:
        match query.method, query.path.split("/")[2:]:
            case "GET", ["lists", number]:
                if int(number) != LIST:
                    raise self.broken(400, "List not found")
                return 200, {"data": {"id": LIST, "name": "VIPs", "optin": self.optin}}
            case "GET", ["subscribers"]:
                return self._page(query)
            case "GET", ["subscribers", number]:
                return 200, {"data": self._document(self.subscribers[int(number) - 1])}
            case "POST", ["subscribers"]:
                return self._create(query.document)
            case "PATCH", ["subscribers", number] if self.knows_patch:
                return self._update(self.subscribers[int(number) - 1], query.document)
            case "PUT", ["subscribers", "lists"]:
                return self._change(query.document)
        raise self.broken(405, "Method Not Allowed")

    def _page(self, query: Query) -> Answer:
        names = ("query", "list_id", "order_by", "order", "page", "per_page")
        self.only(query.parameters, *names)
        size, page = min(int(query.parameters["per_page"]), 50), int(query.parameters["page"])
        subscribers = list(self.subscribers)
        if "list_id" in query.parameters:
            number = int(query.parameters["list_id"])
            subscribers = [each for each in subscribers if number in each.lists]
        if "query" in query.parameters:
            if "sql_query" not in self.permissions:
                raise self.broken(403, "Permission denied: subscribers:sql_query")
            emails = self._emails(query.parameters["query"])
            subscribers = [each for each in subscribers if each.email in emails]
        results = [self._document(each) for each in subscribers[(page - 1) * size : page * size]]
        return 200, {"data": {"results": results, "total": len(subscribers), "page": page}}

    def _emails(self, condition: str) -> set[str]:
        match = re.fullmatch(r"subscribers\.email IN \(((?:'(?:[^']|'')*',?)+)\)", condition)
        if match is None:
            raise self.broken(500, f"pq: syntax error at or near {condition[-20:]!r}")
        literals = re.findall(r"'((?:[^']|'')*)'", match[1])
        return {literal.replace("''", "'") for literal in literals}

    def _create(self, document: dict[str, Any]) -> Answer:
        names = ("email", "name", "status", "lists", "attribs", "preconfirm_subscriptions")
        self.only(document, *names)
        email = document["email"].lower()
        if not _ADDRESS.fullmatch(email) or not document["name"]:
            raise self.broken(400, "Invalid email.")
        if any(each.email == email for each in self.subscribers):
            raise self.broken(409, "E-mail already exists.")
        if document["lists"] and not document["preconfirm_subscriptions"]:
            self.e_mails += 1
        lists = dict.fromkeys(document["lists"], "unconfirmed")
        self.join(email, lists, name=document["name"], attribs=document["attribs"])
        return 200, {"data": self._document(self.subscribers[-1])}

    def _update(self, subscriber: _Subscriber, document: dict[str, Any]) -> Answer:
        self.only(document, "name", "attribs")
        subscriber.name = document.get("name", subscriber.name)
        subscriber.attribs.update(document.get("attribs", {}))
        return 200, {"data": self._document(subscriber)}

    def _change(self, document: dict[str, Any]) -> Answer:
        self.only(document, "ids", "action", "target_list_ids", "status")
        if not document["ids"]:
            raise self.broken(400, "No subscribers given.")
        lists = document["target_list_ids"] if "manage" in self.permissions else []
        for subscriber in self.subscribers:
            for number in lists if subscriber.id in document["ids"] else ():
                if document["action"] == "add":
                    subscriber.lists[number] = document["status"]
                else:
                    subscriber.lists.pop(number, None)
        return 200, {"data": True}

    def _document(self, subscriber: _Subscriber) -> dict[str, Any]:
        lists = [
            {"id": number, "name": "A list", "subscription_status": status}
            for number, status in subscriber.lists.items()
        ]
        values = {name: getattr(subscriber, name) for name in ("id", "email", "name", "status")}
        return {**values, "attribs": dict(subscriber.attribs), "lists": lists}


@contextmanager
def receiver(settings: Settings) -> Iterator[Listmonk]:
    service = Listmonk()
    service.start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [service.host]
    try:
        yield service
    finally:
        service.stop()
