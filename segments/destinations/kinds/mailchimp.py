"""A tag in an audience of Mailchimp.

Source: Mailchimp Marketing API 3.0 (mailchimp.com/developer/marketing/api/; its SDKs at
github.com/mailchimp/mailchimp-marketing-php-sdk, src/Lists): POST /lists/{id} creates or updates at
most 500 members, POST /lists/{id}/segments/{id} adds and removes at most 500 of a static segment,
which is what a tag is. A member's address is the MD5 hash of the e-mail address in small letters.

No status is ever sent for somebody who is in the audience. Who is new is subscribed if they said
yes here, else "transactional", which Mailchimp shows as non-subscribed.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

PAGE = 1_000
"""Members of one page, the most there are."""
_KEY = re.compile(r"[0-9A-Za-z]+-([a-z]{2,4}[0-9]{1,4})")
"""An API key; what follows the hyphen names the data center."""
_PLACE = re.compile(r"members[^0-9]{1,10}([0-9]{1,3})(?:\D.*)?")
_NAMES = {"FNAME": "first_name", "LNAME": "last_name"}


@dataclass(frozen=True)
class MergeField:
    """A custom field of an audience."""

    tag: str
    is_number: bool

    def cell(self, value: Any) -> Any:
        """What is sent; an empty text clears the field."""
        if self.is_number:
            return value if is_number(value) else ""
        return plain_text(value)


class MailchimpTag:
    """Everybody with the tag is in the audience; not everybody in the audience has the tag."""

    label = "Mailchimp"
    text = gettext_lazy(
        "A tag in an audience of Mailchimp. Who is new there is subscribed only with consent here."
    )
    rank = 50
    key_kind = KeyKind.EMAIL
    batch = 500
    takes_columns = True
    fields = (
        ApiField(
            "audience_id",
            gettext_lazy("Audience ID"),
            gettext_lazy("In Mailchimp: Audience, Settings, Audience name and defaults."),
        ),
        ApiField("tag", gettext_lazy("Tag"), gettext_lazy("Its name, as it stands in Mailchimp.")),
        ApiField(
            "api_key",
            gettext_lazy("API key"),
            gettext_lazy("It ends with the name of a data center, such as -us21."),
            is_secret=True,
        ),
    )

    def check(self, access: DestinationAccess) -> str:
        calls, audience = _calls(access).quick(), _audience_path(access)
        try:
            reply = calls.ask("GET", f"{audience}?fields=name")
        except RequestRefusal as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                raise NeedsAttention(_("Mailchimp has no audience with this ID.")) from None
            raise
        _tag_path(calls, access)
        return f"{reply.document.get('name')}: {access.settings['tag'].strip()}"

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        if not people:
            return Outcome()
        calls = _calls(access)
        path, check = _tag_path(calls, access), partial(self.check, access)
        fields = _merge_fields(calls, access, column_values(people))
        refusals: dict[str, str] = {}

        def save(some: Sequence[Contact]) -> None:
            document = {
                "members": [_member(person, fields) for person in some],
                "update_existing": True,
                "sync_tags": False,
            }
            query = urlencode({"skip_merge_validation": "true", "skip_duplicate_check": "true"})
            reply = calls.ask("POST", f"{_audience_path(access)}?{query}", document)
            for error in read_objects(reply.document, "errors"):
                refusals[str(error.get("email_address")).lower()] = _error_words(error)

        outcome = send_dividing(people, save, places=_places, check=check)
        refusals.update({person.key: words for person, words in outcome})
        keys = [person.key for person in people if person.key not in refusals]
        refusals.update(_change_tag(calls, access, path, "members_to_add", keys))
        return Outcome({each.key: refusals[each.key] for each in people if each.key in refusals})

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        if not keys:
            return Outcome()
        calls = _calls(access)
        path = _tag_path(calls, access)
        return Outcome(_change_tag(calls, access, path, "members_to_remove", keys))

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]]:
        path, offset = _tag_path(_calls(access), access), 0
        while True:
            query = {
                "count": PAGE,
                "offset": offset,
                "fields": "members.email_address",
                "include_cleaned": "true",
                "include_transactional": "true",
                "include_unsubscribed": "true",
            }
            reply = _calls(access).ask("GET", f"{path}/members?{urlencode(query)}")
            members = read_objects(reply.document, "members")
            if not members:
                return
            yield [str(member.get("email_address")).lower() for member in members]
            offset += len(members)


# --- requests --------------------------------------------------------------------------------


def _calls(access: DestinationAccess) -> ServiceCalls:
    key = access.secrets["api_key"].strip()
    match = _KEY.fullmatch(key)
    if match is None:
        raise NeedsAttention(_("This is no API key of Mailchimp: it ends with -us21 or the like."))
    root = f"{settings.SEGMENTER_MAILCHIMP_API.replace('{dc}', match[1])}/3.0"
    headers = {
        "authorization": f"Basic {b64encode(f'segmenter:{key}'.encode()).decode()}",
        "content-type": "application/json",
    }
    return ServiceCalls(root, headers, _words)


def _audience_path(access: DestinationAccess) -> str:
    return f"/lists/{quote(access.settings['audience_id'].strip(), safe='')}"


def _tag_path(calls: ServiceCalls, access: DestinationAccess) -> str:
    """The address of the tag. Raises NeedsAttention if there is none of its name."""
    name = access.settings["tag"].strip()
    path = _audience_path(access)
    reply = calls.ask("GET", f"{path}/tag-search?{urlencode({'name': name})}")
    for tag in read_objects(reply.document, "tags"):
        if str(tag.get("name")).casefold() == name.casefold():
            return f"{path}/segments/{quote(str(tag.get('id')), safe='')}"
    words = _("The audience has no tag “%(name)s”. Create it in Mailchimp first.")
    raise NeedsAttention(words % {"name": name})


def _change_tag(
    calls: ServiceCalls, access: DestinationAccess, path: str, verb: str, keys: Sequence[str]
) -> dict[str, str]:
    """Add people to the tag or take them out. Return who was refused.

    Mailchimp counts as errors, too, who has the tag already or is not there to be removed. So it
    is asked about each of them.
    """
    errors: dict[str, str] = {}

    def change(some: Sequence[str]) -> None:
        reply = calls.ask("POST", path, {verb: list(some)})
        for error in read_objects(reply.document, "errors"):
            for email in error.get("email_addresses") or []:
                errors[str(email).lower()] = _error_words(error)

    check = partial(_tag_path, calls, access)
    errors.update(send_dividing(list(keys), change, check=check))
    tag, is_wanted = path.rsplit("/", 1)[1], verb == "members_to_add"
    return {
        key: words
        for key, words in errors.items()
        if key in keys and _has_tag(calls, access, key, tag) != is_wanted
    }


def _has_tag(calls: ServiceCalls, access: DestinationAccess, email: str, tag: str) -> bool:
    digest = hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()
    query = urlencode({"count": PAGE, "fields": "tags.id"})
    path = f"{_audience_path(access)}/members/{digest}/tags?{query}"
    try:
        reply = calls.ask("GET", path)
    except RequestRefusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    return any(str(each.get("id")) == tag for each in read_objects(reply.document, "tags"))


def _merge_fields(
    calls: ServiceCalls, access: DestinationAccess, columns: Mapping[str, Sequence[Any]]
) -> dict[str, MergeField]:
    """The merge fields of columns, known by their names. Those that are not there are created."""
    if not columns:
        return {}
    path = f"{_audience_path(access)}/merge-fields"
    query = {"count": PAGE, "fields": "merge_fields.tag,merge_fields.name,merge_fields.type"}
    reply = calls.ask("GET", f"{path}?{urlencode(query)}")
    documents = {
        str(document.get("name")).casefold(): document
        for document in read_objects(reply.document, "merge_fields")
    }
    fields = {}
    for name, values in columns.items():
        document = documents.get(name.casefold())
        if document is None and values:
            kind = "number" if all(map(is_number, values)) else "text"
            try:
                document = calls.ask("POST", path, {"name": name, "type": kind}).document
            except RequestRefusal as refusal:
                words = _("Mailchimp does not create a field for the column “%(name)s”: %(words)s")
                raise NeedsAttention(words % {"name": name, "words": refusal.words}) from None
        if document is not None:
            fields[name] = MergeField(str(document.get("tag")), document.get("type") == "number")
    return fields


# --- documents -------------------------------------------------------------------------------


def _member(person: Contact, fields: Mapping[str, MergeField]) -> dict[str, Any]:
    values: dict[str, Any] = {
        tag: getattr(person, name) for tag, name in _NAMES.items() if getattr(person, name)
    }
    for name, value in person.fields.items():
        if name in fields:  # Otherwise nobody of the batch has a value.
            values[fields[name].tag] = fields[name].cell(value)
    status = "subscribed" if person.has_consent else "transactional"
    return {"email_address": person.key, "status_if_new": status, "merge_fields": values}


def _words(document: Mapping[str, Any]) -> str:
    """The error in Mailchimp's form (RFC 7807)."""
    words = [str(document.get("detail") or document.get("title") or "")]
    words += [
        f"{error.get('field')}: {error.get('message')}"
        for error in read_objects(document, "errors")[:3]
    ]
    return "; ".join(word for word in words if word)


def _error_words(error: Mapping[str, Any]) -> str:
    words = (error.get("error"), error.get("field_message"))
    return "; ".join(str(word) for word in words if word) or "Mailchimp"


def _places(refusal: RequestRefusal) -> dict[int, str]:
    places = {}
    for error in read_objects(refusal.document, "errors"):
        match = _PLACE.fullmatch(str(error.get("field") or ""))
        if match:
            places[int(match[1])] = str(error.get("message") or refusal.words)
    return places


list_destinations.add("mailchimp", MailchimpTag())
