"""A list at Klaviyo.

Source: Klaviyo's OpenAPI, revision 2026-07-15 (github.com/klaviyo/openapi), and
developers.klaviyo.com/en/docs/use_klaviyos_bulk_profile_import_api. A job creates and updates
profiles (POST /api/profile-bulk-import-jobs: at most 10,000, 5 MB, 100 KB a profile); the list is
changed by /api/lists/{id}/relationships/profiles (at most 1,000 ids).

A job may end long after its worker was killed. So it never touches the list: it could bring back
somebody who was removed meanwhile. Being on a list changes nobody's consent or suppression.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments.destinations.email_service import (
    RequestRefusal,
    ServiceCalls,
    in_parts,
    read_object,
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
from segments.engine.remote_call import ApiField, NeedsAttention, TryAgain

REVISION = "2026-07-15"
PAGE = 100
"""Profiles of one page, the most there are."""
MOST_BYTES, MOST_PROFILE_BYTES = 4_900_000, 100_000
"""Of a job, with room for what is around its profiles, and of one profile."""
_MOST_FILTER = 1_200
"""Characters of the e-mail addresses in one filter, as a URL has them."""
_PAUSES = (1.0, 1.0, 2.0, 3.0, 5.0)
"""Between questions whether a job has ended; the last one again and again."""
_PLACE = re.compile(r"/data(?:/attributes/profiles/data)?/([0-9]{1,6})(?:/.*)?")
_JOBS = "/api/profile-bulk-import-jobs"


class KlaviyoList:
    """Profiles are known by their e-mail address; those who have none by their id at Klaviyo."""

    label = "Klaviyo"
    text = gettext_lazy("A list in Klaviyo. Profiles are created and updated, never subscribed.")
    rank = 40
    key_kind = KeyKind.EMAIL
    batch = 1_000
    takes_columns = True
    fields = (
        ApiField(
            "list_id",
            gettext_lazy("List ID"),
            gettext_lazy("In Klaviyo: Audience, Lists & segments, the list, Settings."),
        ),
        ApiField(
            "api_key",
            gettext_lazy("Private API key"),
            gettext_lazy("With full access to lists and profiles."),
            is_secret=True,
        ),
    )

    def check(self, access: DestinationAccess) -> str:
        calls, path = _calls(access).quick(), _list_path(access)
        try:
            reply = calls.ask("GET", f"{path}?{urlencode({'fields[list]': 'name'})}")
        except RequestRefusal as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                raise NeedsAttention(_("Klaviyo has no list with this ID.")) from None
            raise
        calls.ask("GET", f"{path}/profiles?{urlencode({'page[size]': 1})}")
        with suppress(RequestRefusal):  # Without write access there is another answer.
            _change_list(calls, "DELETE", path, [])
        attributes = read_object(read_object(reply.document, "data"), "attributes")
        return str(attributes.get("name") or access.settings["list_id"])

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        calls, path = _calls(access), _list_path(access)
        check = partial(self.check, access)
        documents = {person.key: _profile(person) for person in people}
        sizes = {key: len(json.dumps(document)) for key, document in documents.items()}
        words = _("The columns of this person are larger than 100 KB.")
        refusals = {key: words for key, size in sizes.items() if size > MOST_PROFILE_BYTES}
        keys = [key for key in documents if key not in refusals]
        for part in in_parts(keys, sizes.__getitem__, MOST_BYTES):
            job = _ImportJob(calls, documents)
            refusals.update(send_dividing(part, job.run, places=_places, check=check))
            refusals.update(job.refusals)
            missing = [key for key in part if key not in refusals and key not in job.ids]
            job.ids.update(_ids_of(calls, "/api/profiles", missing))
            words = _("Klaviyo does not say what became of this person.")
            refusals.update({key: words for key in missing if key not in job.ids})
            ids = {job.ids[key]: key for key in part if key not in refusals}
            change = partial(_change_list, calls, "POST", path)
            outcome = send_dividing(list(ids), change, places=_places, check=check)
            refusals.update({ids[identifier]: words for identifier, words in outcome})
        return Outcome(refusals)

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        calls, path = _calls(access), _list_path(access)
        ids = {key: key for key in keys if "@" not in key}
        emails = [key for key in keys if "@" in key]
        members = _ids_of(calls, f"{path}/profiles", emails)
        ids.update({identifier: email for email, identifier in members.items()})
        change = partial(_change_list, calls, "DELETE", path)
        check = partial(self.check, access)
        outcome = send_dividing(list(ids), change, places=_places, check=check)
        return Outcome({ids[identifier]: words for identifier, words in outcome})

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]]:
        for page in _pages(partial(_calls, access), f"{_list_path(access)}/profiles", {}):
            yield list(page)


class _ImportJob:
    """Creates or updates profiles, and finds out their ids. Not on any list."""

    def __init__(self, calls: ServiceCalls, documents: Mapping[str, Any]) -> None:
        self._calls, self._documents = calls, documents
        self.ids: dict[str, str] = {}
        self.refusals: dict[str, str] = {}

    def run(self, keys: Sequence[str]) -> None:
        """Run one job to its end. Raises TryAgain if that takes too long."""
        profiles = {"data": [self._documents[key] for key in keys]}
        data = {"type": "profile-bulk-import-job", "attributes": {"profiles": profiles}}
        job = read_object(self._calls.ask("POST", _JOBS, {"data": data}).document, "data")
        path = f"{_JOBS}/{quote(str(job.get('id')), safe='')}"
        number = 0
        while (status := _attribute(job, "status")) != "complete":
            if status == "cancelled":
                raise TryAgain(_("Klaviyo cancelled the import of profiles."))
            pause = _PAUSES[min(number, len(_PAUSES) - 1)]
            self._calls.rest(pause, _("Klaviyo has not imported the profiles yet."))
            job = read_object(self._calls.ask("GET", path).document, "data")
            number += 1
        if _attribute(job, "failed_count"):
            self._read_errors(f"{path}/import-errors", keys)
        for page in _pages(lambda: self._calls, f"{path}/profiles", {}):
            self.ids.update(page)

    def _read_errors(self, path: str, keys: Sequence[str]) -> None:
        for error in _resources(lambda: self._calls, path, {}):
            payload = read_object(read_object(error, "attributes"), "original_payload")
            payload = read_object(payload, "attributes") or payload
            email = str(payload.get("email") or "").lower()
            words = str(_attribute(error, "detail") or _attribute(error, "title") or "")
            place = _place(read_object(error, "attributes"))
            if email in self._documents:
                self.refusals[email] = words
            elif place is not None and place < len(keys):
                self.refusals[keys[place]] = words


# --- requests --------------------------------------------------------------------------------


def _calls(access: DestinationAccess) -> ServiceCalls:
    headers = {
        "authorization": f"Klaviyo-API-Key {access.secrets['api_key'].strip()}",
        "revision": REVISION,
        "accept": "application/vnd.api+json",
        "content-type": "application/vnd.api+json",
    }
    return ServiceCalls(settings.SEGMENTER_KLAVIYO_API, headers, _words)


def _list_path(access: DestinationAccess) -> str:
    return f"/api/lists/{quote(access.settings['list_id'].strip(), safe='')}"


def _change_list(calls: ServiceCalls, method: str, path: str, ids: Sequence[str]) -> None:
    data = [{"type": "profile", "id": identifier} for identifier in ids]
    calls.ask(method, f"{path}/relationships/profiles", {"data": data})


def _ids_of(calls: ServiceCalls, path: str, emails: Sequence[str]) -> dict[str, str]:
    """The ids of the profiles of a collection that have these e-mail addresses."""
    ids: dict[str, str] = {}
    for part in in_parts(emails, _filter_size, _MOST_FILTER):
        condition = f"any(email,[{','.join(map(_quoted, part))}])"
        for page in _pages(lambda: calls, path, {"filter": condition}):
            ids.update({email: page[email] for email in part if email in page})
    return ids


def _pages(
    calls: Callable[[], ServiceCalls], path: str, query: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yield the profiles of a collection, page by page: their keys to their ids."""
    query = {**query, "fields[profile]": "email"}
    page: dict[str, str] = {}
    for profile in _resources(calls, path, query):
        identifier = str(profile["id"])
        email = _attribute(profile, "email")
        page[str(email).lower() if email else identifier] = identifier
        if len(page) == PAGE:
            yield page
            page = {}
    if page:
        yield page


def _resources(
    calls: Callable[[], ServiceCalls], path: str, query: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    cursor: str | None = None
    while True:
        parameters = {**query, "page[size]": str(PAGE)}
        if cursor is not None:
            parameters["page[cursor]"] = cursor
        document = calls().ask("GET", f"{path}?{urlencode(parameters)}").document
        yield from read_objects(document, "data")
        # Of the link only the cursor: no answer may say where the key is sent.
        link = str(read_object(document, "links").get("next") or "")
        cursor = next(iter(parse_qs(urlsplit(link).query).get("page[cursor]", [])), None)
        if cursor is None:
            return


# --- documents -------------------------------------------------------------------------------


def _profile(person: Contact) -> dict[str, Any]:
    """A profile known by its address alone: other identifiers could join two people in one."""
    attributes: dict[str, Any] = {"email": person.key}
    if person.first_name:
        attributes["first_name"] = person.first_name
    if person.last_name:
        attributes["last_name"] = person.last_name
    # Names with a dollar sign are Klaviyo's own, such as those of consent.
    properties = {name: value for name, value in person.fields.items() if name[:1] != "$"}
    if properties:
        attributes["properties"] = properties
    return {"type": "profile", "attributes": attributes}


def _quoted(email: str) -> str:
    return '"' + email.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _filter_size(email: str) -> int:
    return len(quote(_quoted(email))) + len("%2C")


def _attribute(resource: Mapping[str, Any], name: str) -> Any:
    return read_object(resource, "attributes").get(name)


def _words(document: Mapping[str, Any]) -> str:
    errors = read_objects(document, "errors")
    return "; ".join(str(error.get("detail") or error.get("title")) for error in errors[:3])


def _places(refusal: RequestRefusal) -> dict[int, str]:
    errors = read_objects(refusal.document, "errors")
    places = ((_place(error), str(error.get("detail") or error.get("title"))) for error in errors)
    return {place: words for place, words in places if place is not None}


def _place(error: Mapping[str, Any]) -> int | None:
    match = _PLACE.fullmatch(str(read_object(error, "source").get("pointer") or ""))
    return int(match[1]) if match else None


list_destinations.add("klaviyo", KlaviyoList())
