"""A URL that is told who enters and leaves, many people a message, signed by Standard Webhooks."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.kernel.clock import now
from segments.destinations.kind import (
    Contact,
    DestinationAccess,
    KeyKind,
    Outcome,
    list_destinations,
)
from segments.engine.remote_call import ApiField, NeedsAttention, TryAgain, call, is_passing
from segments.engine.signature import PREFIX, signed_headers

CHANGED, TEST = "segment.members.changed", "destination.test"
LEAST_BYTES = 24
"""Of a secret, by Standard Webhooks."""


class SignedMessages:
    """Messages with `added` (new people, and those whose data changed) and `removed`."""

    label = _("Webhook")
    text = _("Signed messages to your own server: who is to be added and who is to be removed.")
    rank = 30
    key_kind = KeyKind.PROFILE
    batch = 500
    fields = (
        ApiField("url", _("Address"), _("It begins with https:// and answers with 2xx.")),
        ApiField(
            "secret",
            _("Signing secret"),
            _("whsec_ and at least 24 random bytes in base64; your server checks messages by it."),
            is_secret=True,
        ),
    )
    takes_columns = True

    def check(self, access: DestinationAccess) -> str:
        _send(access, TEST, {})
        return access.settings["url"]

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        if people:
            _send(access, CHANGED, {"added": [_person(each) for each in people], "removed": []})
        return Outcome()

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        if keys:
            _send(access, CHANGED, {"added": [], "removed": [{"id": key} for key in keys]})
        return Outcome()

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]] | None:
        return None


def _person(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.key,
        "email": contact.email,
        "phone_number": contact.phone_number,
        "external_id": contact.external_id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "fields": dict(contact.fields),
    }


def _send(access: DestinationAccess, kind: str, data: Mapping[str, Any]) -> None:
    at, secret = now(), access.secrets["secret"]
    if not _is_signing_secret(secret):
        raise NeedsAttention(gettext("The secret must be whsec_ and at least 24 bytes in base64."))
    message = {"type": kind, "timestamp": at.isoformat(), "data": data}
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    headers = signed_headers([secret], f"msg_{uuid.uuid4().hex}", int(at.timestamp()), body)
    reply = call(
        "POST", access.settings["url"], {"content-type": "application/json", **headers}, body
    )
    if 200 <= reply.status < 300:
        return
    words = f"HTTP {reply.status} {reply.text}".strip()
    if is_passing(reply.status) or reply.status == HTTPStatus.CONFLICT:
        raise TryAgain(words, wait=reply.wait)
    raise NeedsAttention(words)


def _is_signing_secret(secret: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        return False
    return secret.startswith(PREFIX) and len(key) >= LEAST_BYTES


list_destinations.add("webhook", SignedMessages())
