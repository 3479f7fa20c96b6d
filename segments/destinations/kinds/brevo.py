"""A list at Brevo.

Source: developers.brevo.com/reference (create-contact, update-contact, remove-contact-from-list,
get-attributes, create-attribute), developers.brevo.com/docs (api-limits, limit-headers) and
github.com/getbrevo/brevo-python: POST /v3/contacts creates or updates one contact and puts it on
lists, PUT /v3/contacts/{email} updates alone, .../contacts/remove takes at most 150 out.

Contacts are sent one by one, ten a second are allowed: the import of many ends at some later time,
could bring back who was removed meanwhile, and does not say who was refused and why. Brevo writes
to everybody on a list who is not on the blocklist. So who did not say yes here is not created
there, and the blocklist is never written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments.destinations.email_service import (
    RequestRefusal,
    ServiceCalls,
    column_values,
    is_number,
    plain_text,
    read_objects,
    send_dividing,
)
from segments.destinations.kind import (
    Contact,
    DestinationAccess,
    KeyKind,
    Outcome,
    list_destinations,
)
from segments.engine.remote_call import ApiField, NeedsAttention

PAGE = 500
"""Contacts of one page, the most there are."""
_MOST_NAME = 50
"""Characters of the name of an attribute."""
_NAMES = {"FIRSTNAME": "first_name", "LASTNAME": "last_name"}
_RESERVED = frozenset({"EMAIL", "SMS", "WHATSAPP", "LANDLINE_NUMBER", "EXT_ID"})
"""Attributes that identify a contact: writing one can take somebody off the blocklist."""
_NO_CONTACT = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)


class BrevoList:
    """Contacts are known by their e-mail address; those who have none by their id at Brevo."""

    label = "Brevo"
    text = gettext_lazy(
        "A list in Brevo. Who is new there is added only with consent here. The blocklist stays."
    )
    rank = 60
    key_kind = KeyKind.EMAIL
    batch = 50
    takes_columns = True
    fields = (
        ApiField(
            "list_id",
            gettext_lazy("List ID"),
            gettext_lazy("In Brevo: Contacts, Lists: the number after #."),
        ),
        ApiField("api_key", gettext_lazy("API key"), is_secret=True),
    )

    def check(self, access: DestinationAccess) -> str:
        try:
            reply = _calls(access).quick().ask("GET", _list_path(access))
        except RequestRefusal as refusal:
            if refusal.status in _NO_CONTACT:
                raise NeedsAttention(_("Brevo has no list with this ID.")) from None
            raise
        return str(reply.document.get("name") or access.settings["list_id"])

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        if not people:
            return Outcome()
        calls, number = _calls(access), _list_number(access)
        types = _attribute_types(calls, people)
        refusals: dict[str, str] = {}
        for person in people:
            try:
                _save(
                    calls, person, {"attributes": _attributes(person, types), "listIds": [number]}
                )
            except RequestRefusal as refusal:
                if not refusals:
                    self.check(access)  # The list may be gone; then nobody is to blame.
                refusals[person.key] = refusal.words
                if refusal.status == HTTPStatus.NOT_FOUND and not person.has_consent:
                    words = _("Not in Brevo yet, and did not subscribe to e-mail here.")
                    refusals[person.key] = words
        return Outcome(refusals)

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        calls, path = _calls(access), f"{_list_path(access)}/contacts/remove"
        emails = [key for key in keys if "@" in key]
        ids = [int(key) for key in keys if key.isdecimal()]

        def send(name: str, some: Sequence[str] | Sequence[int]) -> None:
            calls.ask("POST", path, {name: list(some)})

        # Who is not on the list is refused, alone or with all others of a request.
        check = partial(self.check, access)
        send_dividing(emails, partial(send, "emails"), check=check)
        send_dividing(ids, partial(send, "ids"), check=check)
        return Outcome()

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]]:
        offset = 0
        while True:
            query = urlencode({"limit": PAGE, "offset": offset, "sort": "asc"})
            reply = _calls(access).ask("GET", f"{_list_path(access)}/contacts?{query}")
            contacts = read_objects(reply.document, "contacts")
            if not contacts:
                return
            yield [str(contact.get("email") or contact.get("id")).lower() for contact in contacts]
            offset += len(contacts)


# --- requests --------------------------------------------------------------------------------


def _calls(access: DestinationAccess) -> ServiceCalls:
    headers = {"api-key": access.secrets["api_key"].strip(), "content-type": "application/json"}
    return ServiceCalls(settings.SEGMENTER_BREVO_API, headers, _words)


def _list_number(access: DestinationAccess) -> int:
    text = access.settings["list_id"].strip().removeprefix("#")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise NeedsAttention(_("The ID of a list at Brevo is a number."))
    return int(text)


def _list_path(access: DestinationAccess) -> str:
    return f"/v3/contacts/lists/{_list_number(access)}"


def _save(calls: ServiceCalls, person: Contact, document: Mapping[str, Any]) -> None:
    if person.has_consent:
        upsert = {**document, "email": person.key, "updateEnabled": True}
        calls.ask("POST", "/v3/contacts", upsert)
    else:
        calls.ask("PUT", f"/v3/contacts/{quote(person.key, safe='')}", document)


def _attribute_types(calls: ServiceCalls, people: Sequence[Contact]) -> dict[str, str]:
    """The types of attributes that can be written, by their names. Missing ones are created."""
    columns: dict[str, list[Any]] = {name: [""] for name in _NAMES}
    for column, values in column_values(people).items():
        if _attribute_name(column) not in _RESERVED:
            columns.setdefault(_attribute_name(column), values)
    reply = calls.ask("GET", "/v3/contacts/attributes")
    types = {
        str(attribute.get("name")).upper(): str(attribute.get("type") or attribute.get("category"))
        for attribute in read_objects(reply.document, "attributes")
        if attribute.get("category") in ("normal", "category")
        and str(attribute.get("name")).upper() not in _RESERVED
    }
    for name, values in columns.items():
        if name in types or not values:
            continue
        types[name] = _type_of(values)
        try:
            calls.ask("POST", f"/v3/contacts/attributes/normal/{name}", {"type": types[name]})
        except RequestRefusal as refusal:
            words = _("Brevo does not create the attribute “%(name)s”: %(words)s")
            raise NeedsAttention(words % {"name": name, "words": refusal.words}) from None
    return types


# --- documents -------------------------------------------------------------------------------


def _attribute_name(column: str) -> str:
    """A name as Brevo allows it: capital letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode().upper()
    return re.sub(r"[^A-Z0-9_]+", "_", plain).strip("_")[:_MOST_NAME] or "COLUMN"


def _attributes(person: Contact, types: Mapping[str, str]) -> dict[str, Any]:
    """Names that are here, and all columns; an empty text clears an attribute."""
    values: dict[str, Any] = {
        name: getattr(person, field) for name, field in _NAMES.items() if getattr(person, field)
    }
    for column, value in person.fields.items():
        name = _attribute_name(column)
        if name in types:  # Otherwise nobody of the batch has a value.
            values.setdefault(name, _attribute_value(value, types[name]))
    return values


def _attribute_value(value: Any, type_name: str) -> Any:
    if type_name == "float":
        return value if is_number(value) else ""
    if type_name == "boolean":
        return value if isinstance(value, bool) else ""
    if type_name == "multiple-choice":
        return [plain_text(item) for item in (value if isinstance(value, list) else [value])]
    return plain_text(value)[:10] if type_name == "date" else plain_text(value)


def _type_of(values: Sequence[Any]) -> str:
    if all(isinstance(value, bool) for value in values):
        return "boolean"
    return "float" if all(map(is_number, values)) else "text"


def _words(document: Mapping[str, Any]) -> str:
    return str(document.get("message") or document.get("code") or "")


list_destinations.add("brevo", BrevoList())
