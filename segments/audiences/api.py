"""What the API of an ad network must be able to do; a file of `apis/` registers each.

Requests go out by `segments.engine.http_request` alone: to public addresses over https, resolved
once, without redirects and proxies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

from django.utils.functional import Promise

from segmenter.kernel.errors import Invalid
from segmenter.kernel.registry import Registry
from segments.audiences.customer import Customer
from segments.audiences.network import Identity
from segments.engine.addresses import Unreachable, read_url, resolve
from segments.engine.http_request import Answer, context_for, send_request

BATCH = 10_000
"""People in one request: the most that Meta and Google take."""
SECONDS, FEW_SECONDS = 60.0, 15.0
"""For a request with its answer: one with many people, and one for which a person waits."""
_LARGE = 100_000
"""Bytes of a body from which on it is one with many people."""
_LOOK_UP = 5.0
_AGENT = "Segmenter-Audiences/1.0"
_MOST_WORDS = 300
"""Characters of a network's words that are kept."""


class ApiFailure(Exception):
    """A request that did not succeed. `words` are the network's or the system's words."""

    def __init__(self, words: str, *, wait: float | None = None) -> None:
        self.words, self.wait = words[:_MOST_WORDS], wait
        super().__init__(self.words)


class TryAgain(ApiFailure):
    """It may succeed later: no connection, an error of the network, too many requests.

    `wait` are the seconds it asks for, if it does.
    """


class NeedsAttention(ApiFailure):
    """It will not succeed before somebody changes something: the token, the audience, the terms."""


@dataclass(frozen=True)
class ApiField:
    """Something a person has to say about their audience at a network."""

    name: str
    label: str | Promise
    hint: str | Promise = ""
    is_secret: bool = False


@dataclass(frozen=True)
class SendReport:
    """What a network says of the people it was sent."""

    invalid: int = 0
    samples: tuple[str, ...] = ()
    open_request: str = ""
    """By which its outcome can be asked later; empty if it is known already."""


@dataclass(frozen=True)
class Session:
    """Several requests that belong together: their number, which one this is, is it the last."""

    number: int
    place: int
    is_last: bool
    people: int


@dataclass(frozen=True)
class Access:
    """What an API needs to know of one connection."""

    target: Mapping[str, str]
    credentials: Mapping[str, str]
    has_consent: bool
    """Whether everybody in the audience said yes."""


class AudienceApi(Protocol):
    """The API of a network. All methods may raise TryAgain or NeedsAttention."""

    @property
    def fields(self) -> tuple[ApiField, ...]: ...

    def check(self, access: Access) -> None:
        """Find out whether the audience can be changed with these credentials."""

    def document(self, customer: Customer, identity: Identity) -> Any:
        """What is sent of somebody to be added, as JSON."""

    def removal(self, identity: Identity) -> Any:
        """What is sent of somebody to be removed, as JSON."""

    def send(
        self, access: Access, documents: Sequence[Any], *, is_removal: bool, session: Session
    ) -> SendReport:
        """Add people to the audience, or remove them."""

    def outcome(self, access: Access, open_request: str) -> SendReport | None:
        """What came of a request; None while the network is at work."""


apis: Registry[AudienceApi] = Registry("API of an ad network")


@dataclass(frozen=True)
class Reply:
    """An answer of an API: its status and JSON; an object in any case."""

    status: int
    document: Mapping[str, Any]
    wait: float | None = field(default=None)
    """Seconds after which it wants to be asked again, if it says so."""


def call(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
    """Send a request and return the reply, whatever its status. Raises TryAgain without one."""
    try:
        endpoint = read_url(url)
        addresses = resolve(endpoint, seconds=_LOOK_UP)
    except Unreachable as failure:
        raise TryAgain(f"{failure.reason.label} {failure.detail}".strip()) from None
    except Invalid as failure:
        raise NeedsAttention(str(failure)) from None
    answer = send_request(
        endpoint,
        addresses,
        {"user-agent": _AGENT, "accept": "application/json", "connection": "close", **headers},
        body,
        context=context_for(endpoint),
        method=method,
        seconds=SECONDS if len(body) >= _LARGE else FEW_SECONDS,
    )
    if answer.status is None:
        raise TryAgain(f"{answer.error.label if answer.error else ''} {answer.text}".strip())
    return Reply(answer.status, _document(answer), _wait(answer))


def is_passing(status: int) -> bool:
    """Whether a status says that the same request may succeed later."""
    return status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or status >= 500


def _document(answer: Answer) -> Mapping[str, Any]:
    try:
        document = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _wait(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None
