"""Meta's Marketing API: users of a custom audience.

Sources: "Customer File Custom Audiences" and "Custom Audience Users" (Marketing API): POST and
DELETE /<audience>/users with `payload` (schema and data, at most 10,000 rows) and `session`;
`num_received`, `num_invalid_entries` and `invalid_entry_samples` in the answer. "Handling Errors"
(Graph API) for the codes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from segments.audiences.api import Access, SendReport, Session, apis
from segments.audiences.customer import Customer
from segments.audiences.network import Identity
from segments.audiences.networks.meta import META
from segments.audiences.normal_forms import sha256
from segments.engine.remote_call import ApiField, NeedsAttention, Reply, TryAgain, call, is_passing

VERSION = "v25.0"
_PASSING = frozenset({1, 2, 4, 17, 32, 341, 368, 613, 80003, 80004})
"""Codes of errors that pass: unknown, service, and the several limits of requests."""
_CELLS = {column.header: column.cell for column in META.columns}
_SCHEMA: dict[str, Callable[[Customer], str]] = {
    "FN": _CELLS["fn"],
    "LN": _CELLS["ln"],
    "CT": _CELLS["ct"],
    "ST": _CELLS["st"],
    "ZIP": _CELLS["zip"],
    "COUNTRY": _CELLS["country"],
    "GEN": _CELLS["gen"],
    "DOBY": lambda customer: sha256(f"{customer.birth:%Y}" if customer.birth else ""),
    "DOBM": lambda customer: sha256(f"{customer.birth:%m}" if customer.birth else ""),
    "DOBD": lambda customer: sha256(f"{customer.birth:%d}" if customer.birth else ""),
    "EXTERN_ID": lambda customer: customer.external_id,
}
"""Keys of the schema after EMAIL and PHONE; all hashed but the last, which Meta wants as it is."""
_SAMPLES = 5


class MetaApi:
    """A custom audience of customers, kept by its id."""

    fields = (
        ApiField(
            "audience_id",
            _("Audience id"),
            _("Of a customer list audience: Ads Manager, Audiences, the column ID."),
        ),
        ApiField(
            "access_token",
            _("Access token"),
            _("Of a system user with the permission ads_management, which does not expire."),
            is_secret=True,
        ),
    )

    def check(self, access: Access) -> None:
        _answer(call("GET", f"{_address(access)}?fields=id,subtype", _headers(access)))

    def document(self, customer: Customer, identity: Identity) -> list[str]:
        return [
            identity.email,
            identity.phone,
            *(cell(customer) for cell in _SCHEMA.values()),
        ]

    def removal(self, identity: Identity) -> list[str]:
        return [identity.email, identity.phone]

    def send(
        self, access: Access, documents: Sequence[Any], *, is_removal: bool, session: Session
    ) -> SendReport:
        schema = ["EMAIL", "PHONE", *([] if is_removal else _SCHEMA)]
        fields = {
            "payload": json.dumps({"schema": schema, "data": list(documents)}),
            "session": json.dumps(
                {
                    "session_id": session.number,
                    "batch_seq": session.place,
                    "last_batch_flag": session.is_last,
                    "estimated_num_total": session.people,
                }
            ),
        }
        headers = {**_headers(access), "content-type": "application/x-www-form-urlencoded"}
        method, body = "DELETE" if is_removal else "POST", urlencode(fields).encode()
        answer = _answer(call(method, f"{_address(access)}/users", headers, body))
        samples = answer.get("invalid_entry_samples") or {}
        words = samples.values() if isinstance(samples, Mapping) else samples
        return SendReport(
            invalid=int(answer.get("num_invalid_entries") or 0),
            samples=tuple(str(word)[:100] for word in list(words)[:_SAMPLES]),
        )

    def outcome(self, access: Access, open_request: str) -> SendReport | None:
        return SendReport()


def _address(access: Access) -> str:
    return f"{settings.SEGMENTER_META_API}/{VERSION}/{access.target['audience_id']}"


def _headers(access: Access) -> dict[str, str]:
    return {"authorization": f"Bearer {access.credentials['access_token']}"}


def _answer(reply: Reply) -> Mapping[str, Any]:
    error = reply.document.get("error")
    if 200 <= reply.status < 300 and not error:
        return reply.document
    error = error if isinstance(error, Mapping) else {}
    words = f"{error.get('error_user_msg') or error.get('message') or f'HTTP {reply.status}'}"
    code = error.get("code")
    words = f"{words} ({code})" if code else words
    if code in _PASSING or error.get("is_transient") is True or is_passing(reply.status):
        # Errors that need somebody come with 400 and, for an expired token, code 190.
        raise TryAgain(words, wait=reply.wait)
    raise NeedsAttention(words)


apis.add("meta", MetaApi())
