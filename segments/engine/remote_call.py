"""A call of another system's API: its reply, and what a failure means for the next try.

Requests go out by `segments.engine.http_request` alone: to public addresses over https, resolved
once, without redirects and proxies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.utils.functional import Promise

from segmenter.kernel.errors import Invalid
from segments.engine.addresses import Unreachable, read_url, resolve
from segments.engine.http_request import MOST_ANSWER, Answer, context_for, send_request

SECONDS, FEW_SECONDS = 60.0, 15.0
"""For a request with its answer: one with many people, and one for which a person waits."""
_LARGE = 100_000
"""Bytes of a body, or of an answer, from which on it is one with many people."""
_LOOK_UP = 5.0
_AGENT = "Segmenter/1.0"
_WAITS = ("retry-after", "x-sib-ratelimit-reset")
"""Headers that say in how many seconds to ask again; the second is Brevo's."""
_MOST_WORDS = 300
"""Characters of a receiver's words that are kept."""


class ApiFailure(Exception):
    """A request that did not succeed. `words` are the receiver's or the system's words."""

    def __init__(self, words: str, *, wait: float | None = None) -> None:
        self.words, self.wait = words[:_MOST_WORDS], wait
        super().__init__(self.words)


class TryAgain(ApiFailure):
    """It may succeed later: no connection, an error of the receiver, too many requests.

    `wait` are the seconds it asks for, if it does.
    """


class NeedsAttention(ApiFailure):
    """It will not succeed before somebody changes something: the token, the list, the terms."""


@dataclass(frozen=True)
class ApiField:
    """Something a person has to enter so that an API can be called."""

    name: str
    label: str | Promise
    hint: str | Promise = ""
    is_secret: bool = False
    is_required: bool = True


@dataclass(frozen=True)
class Reply:
    """An answer of an API: its status and JSON; an object in any case."""

    status: int
    document: Mapping[str, Any]
    wait: float | None = field(default=None)
    """Seconds after which it wants to be asked again, if it says so."""
    text: str = ""
    """The beginning of the answer as it came, for one that is no JSON."""


def call(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    most_answer: int = MOST_ANSWER,
    seconds: float | None = None,
    is_trusted: bool = False,
) -> Reply:
    """Send a request and return the reply, whatever its status. Raises TryAgain without one.

    `most_answer` are the bytes of the answer that are read; `seconds` is the time for all of it,
    by default one that fits the size. `is_trusted`: the operator chose the URL in the settings.
    """
    if seconds is None:
        seconds = SECONDS if max(len(body), most_answer) >= _LARGE else FEW_SECONDS
    try:
        endpoint = read_url(url, is_trusted=is_trusted)
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
        seconds=seconds,
        most_answer=most_answer,
    )
    if answer.status is None:
        raise TryAgain(f"{answer.error.label if answer.error else ''} {answer.text}".strip())
    return Reply(answer.status, _document(answer), _wait(answer), answer.text)


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
    texts = (answer.headers.get(name, "") for name in _WAITS)
    return next((float(text) for text in texts if re.fullmatch("[0-9]{1,6}", text)), None)
