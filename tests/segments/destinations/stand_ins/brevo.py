"""Brevo's contacts, lists and attributes, as developers.brevo.com describes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_django import Settings

from segments.destinations.kind import DestinationAccess
from tests.segments.audiences.stand_ins import Answer
from tests.segments.destinations.stand_ins.receiver import Broken, EmailService, Query

KEY = "xkeysib-5ecret"
LIST = 17
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass
class _Contact:
    id: int
    email: str | None
    attributes: dict[str, Any] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)
    is_blocked: bool = False


class Brevo(EmailService):
    """One account with one list."""

    def __init__(self) -> None:
        super().__init__()
        self.contacts: list[_Contact] = []
        self.attributes = {"FIRSTNAME": "text", "LASTNAME": "text"}
        self.lists = {LIST: "VIPs"}

    @property
    def access(self) -> DestinationAccess:
        return DestinationAccess({"list_id": f"#{LIST}"}, {"api_key": KEY}, account_id=1)

    def members(self) -> set[str]:
        return {each.email or str(each.id) for each in self.contacts if LIST in each.lists}

    def contact(self, email: str) -> _Contact:
        [contact] = [each for each in self.contacts if each.email == email]
        return contact

    def join(self, email: str | None, *, is_blocked: bool = False) -> _Contact:
        contact = _Contact(len(self.contacts) + 1, email, lists={LIST}, is_blocked=is_blocked)
        self.contacts.append(contact)
        return contact

    def words_about(self, email: str) -> str:
        return str(self.contact(email))

    # --- the service -------------------------------------------------------------------------

    def broken(self, status: int, words: str) -> Broken:
        code = {401: "unauthorized", 404: "document_not_found"}.get(status, "invalid_parameter")
        return Broken(status, {"code": code, "message": words})

    def authorize(self, query: Query) -> None:
        if query.headers.get("api-key") != KEY:
            raise self.broken(401, "Key not found")

    def serve(self, query: Query) -> Answer:
        match query.method, query.path.split("/")[2:]:
            case "POST", ["contacts"]:
                return self._save(query.document)
            case "PUT", ["contacts", email]:
                return self._update(email, query.document)
            case "GET", ["contacts", "attributes"]:
                normal = [
                    {"name": name, "category": "normal", "type": kind}
                    for name, kind in self.attributes.items()
                ]
                calculated = {"name": "BLACKLIST", "category": "calculated"}
                return 200, {"attributes": [*normal, calculated]}
            case "POST", ["contacts", "attributes", "normal", name]:
                return self._create_attribute(name, query.document)
            case "GET", ["contacts", "lists", number]:
                self._need_list(int(number))
                return 200, {"id": int(number), "name": self.lists[int(number)]}
            case "GET", ["contacts", "lists", number, "contacts"]:
                return self._page(query, int(number))
            case "POST", ["contacts", "lists", number, "contacts", "remove"]:
                return self._remove(query.document, int(number))
        raise self.broken(404, "Resource not found")

    def _save(self, document: dict[str, Any]) -> Answer:
        self.only(document, "email", "attributes", "listIds", "updateEnabled")
        email = document["email"]
        if not _ADDRESS.fullmatch(email):
            raise self.broken(400, "Invalid email address")
        self._need_lists(document)
        contact = self._known(email)
        is_new = contact is None
        if contact is None:
            contact = _Contact(len(self.contacts) + 1, email)
            self.contacts.append(contact)
        elif not document.get("updateEnabled"):
            raise self.broken(400, "Contact already exist")
        self._write(contact, document)
        return (201, {"id": contact.id}) if is_new else (204, b"")

    def _update(self, email: str, document: dict[str, Any]) -> Answer:
        self.only(document, "attributes", "listIds")
        contact = self._known(email)
        if contact is None:
            raise self.broken(404, "Contact does not exist")
        self._need_lists(document)
        self._write(contact, document)
        return 204, b""

    def _known(self, email: str) -> _Contact | None:
        return next((each for each in self.contacts if each.email == email), None)

    def _need_lists(self, document: dict[str, Any]) -> None:
        if not set(document["listIds"]) <= set(self.lists):
            raise self.broken(400, "List ID does not exist")

    def _write(self, contact: _Contact, document: dict[str, Any]) -> None:
        contact.lists |= set(document["listIds"])
        types = {"text": str, "float": int | float, "boolean": bool}
        for name, value in document["attributes"].items():
            kind = self.attributes.get(name)
            if value == "":
                contact.attributes.pop(name, None)
            elif kind and isinstance(value, types[kind]):
                contact.attributes[name] = value

    def _create_attribute(self, name: str, document: dict[str, Any]) -> Answer:
        self.only(document, "type")
        if not re.fullmatch("[A-Z0-9_]{1,50}", name):
            raise self.broken(400, "Attribute name is invalid")
        if name in self.attributes or name == "BLACKLIST":
            raise self.broken(400, "Attribute name must be unique")
        self.attributes[name] = document["type"]
        return 201, b""

    def _remove(self, document: dict[str, Any], number: int) -> Answer:
        self._need_list(number)
        self.only(document, "emails", "ids")
        [(name, values)] = document.items()
        if not 0 < len(values) <= 150:
            raise self.broken(400, "Between 1 and 150 contacts are needed")
        if name == "emails" and not all(_ADDRESS.fullmatch(value) for value in values):
            raise self.broken(400, "Invalid email address")
        success = []
        for contact in self.contacts:
            identifier = contact.email if name == "emails" else contact.id
            if identifier in values and number in contact.lists:
                contact.lists.discard(number)
                success.append(identifier)
        if not success:
            words = "Contact already removed from list and/or does not exist"
            raise self.broken(400, words)
        failure = [value for value in values if value not in success]
        return 201, {"contacts": {"success": success, "failure": failure}}

    def _page(self, query: Query, number: int) -> Answer:
        self._need_list(number)
        self.only(query.parameters, "limit", "offset", "sort", "modifiedSince")
        limit, offset = int(query.parameters["limit"]), int(query.parameters["offset"])
        if limit > 500:
            raise self.broken(400, "Limit exceeds max value")
        contacts = [
            {"id": each.id, **({"email": each.email} if each.email else {}), "attributes": {}}
            for each in self.contacts
            if number in each.lists
        ]
        return 200, {"contacts": contacts[offset : offset + limit], "count": len(contacts)}

    def _need_list(self, number: int) -> None:
        if number not in self.lists:
            raise self.broken(404, "List ID does not exist")


@contextmanager
def receiver(settings: Settings) -> Iterator[Brevo]:
    service = Brevo()
    service.start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [service.host]
    settings.SEGMENTER_BREVO_API = f"http://{service.host}"
    try:
        yield service
    finally:
        service.stop()
