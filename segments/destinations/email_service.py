"""Requests to the API of an e-mail service, and what its answers mean for one person or for all.

A service's file in `kinds/` says the addresses and documents; the rules of trying again, of limits
and of requests in which one person is wrong stand here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from time import perf_counter, sleep
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from segments.destinations.kind import Contact
from segments.engine.remote_call import NeedsAttention, Reply, TryAgain, call, is_passing

SECONDS = 150.0
"""For all requests of one batch; less than the lease of a worker."""
PATIENCE = 30.0
"""The longest wait that a service can ask for before the worker gives up its turn."""
MOST_ANSWER = 16_000_000
"""Bytes of an answer: some services repeat everything they know of each person."""
FEW_BYTES = 64 * 1024
"""Of an answer without people."""
_NO_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN)

Item = TypeVar("Item")


class RequestRefusal(NeedsAttention):
    """The service does not accept a request, for a reason that may lie in one of its people."""

    def __init__(self, words: str, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(words)
        self.status, self.document = status, document


@dataclass(frozen=True)
class ServiceCalls:
    """The requests of one batch to one service. They share the time that a batch may take."""

    root: str
    headers: Mapping[str, str]
    words: Callable[[Mapping[str, Any]], str]
    """What an answer says in the service's words; empty if it says nothing."""
    ends: float = field(default_factory=lambda: perf_counter() + SECONDS)
    most_answer: int = MOST_ANSWER

    def quick(self) -> ServiceCalls:
        """The same for small answers, for which a person waits."""
        return replace(self, most_answer=FEW_BYTES)

    def ask(self, method: str, path: str, document: Any = None) -> Reply:
        """Send a request and return the reply of a success.

        Raises TryAgain, NeedsAttention for credentials, and RequestRefusal for the request itself.
        """
        body = b"" if document is None else json.dumps(document).encode()
        while True:
            if perf_counter() >= self.ends:
                raise TryAgain(_("The service answers too slowly."))
            reply = call(method, self.root + path, self.headers, body, most_answer=self.most_answer)
            if reply.status != HTTPStatus.TOO_MANY_REQUESTS or reply.wait is None:
                return self._success(reply)
            self.rest(max(reply.wait, 1.0), self._words(reply))

    def rest(self, seconds: float, words: str) -> None:
        """Wait before the next request. Raises TryAgain if that is too long for this batch."""
        if seconds > PATIENCE or perf_counter() + seconds >= self.ends:
            raise TryAgain(words, wait=seconds)
        sleep(seconds)

    def _success(self, reply: Reply) -> Reply:
        words = self._words(reply)
        if 200 <= reply.status < 300:
            if not reply.document and reply.text.strip() not in ("", "{}"):
                raise TryAgain(_("The answer of the service could not be read."))
            return reply
        # Mailchimp and proxies throttle by a 403 without a document.
        is_blocked = reply.status == HTTPStatus.FORBIDDEN and not reply.document
        if is_passing(reply.status) or is_blocked:
            raise TryAgain(words, wait=reply.wait)
        if reply.status in _NO_ACCESS:
            raise NeedsAttention(words)
        raise RequestRefusal(words, reply.status, reply.document)

    def _words(self, reply: Reply) -> str:
        return self.words(reply.document).replace("\0", "") or f"HTTP {reply.status}"


def send_dividing(
    items: Sequence[Item],
    send: Callable[[Sequence[Item]], None],
    *,
    places: Callable[[RequestRefusal], Mapping[int, str]] = lambda refusal: {},
    check: Callable[[], object],
) -> list[tuple[Item, str]]:
    """Send items by one request, or by several if the service refuses it for some of them.

    `places` reads from a refusal which items it is about. If it does not say, the items are sent in
    halves, until it is about a single one. If the first request is refused, `check` finds out
    whether something else is the reason, and raises. Returns who was refused, with the words.
    """
    refusals: list[tuple[Item, str]] = []
    parts, is_request_right = [items] if items else [], False
    while parts:
        part = parts.pop()
        try:
            send(part)
            is_request_right = True
        except RequestRefusal as refusal:
            words = {n: text for n, text in places(refusal).items() if 0 <= n < len(part)}
            if not words and len(part) == 1:
                words = {0: refusal.words}
            refusals += [(part[number], text) for number, text in sorted(words.items())]
            if words:
                rest = [item for number, item in enumerate(part) if number not in words]
                parts += [rest] if rest else []
            else:
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
            if not is_request_right:
                check()
                is_request_right = True
    return refusals


def in_parts(items: Sequence[Item], size: Callable[[Item], int], most: int) -> Iterator[list[Item]]:
    """Cut items into parts whose sizes add up to `most` at most."""
    part: list[Item] = []
    total = 0
    for item in items:
        if part and total + size(item) > most:
            yield part
            part, total = [], 0
        part.append(item)
        total += size(item)
    if part:
        yield part


def column_values(people: Sequence[Contact]) -> dict[str, list[Any]]:
    """The values of each column, without those who have none."""
    values: dict[str, list[Any]] = {}
    for person in people:
        for column, value in person.fields.items():
            values.setdefault(column, []).extend([] if value is None else [value])
    return values


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain_text(value: Any) -> str:
    """A JSON value as one line of text, for services whose fields are text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return ", ".join(plain_text(item) for item in value)
    return json.dumps(value, ensure_ascii=False)


def names_of(first_name: str | None, last_name: str | None) -> str:
    """First and last name in one, for services that know one name."""
    return " ".join(name.strip() for name in (first_name, last_name) if name and name.strip())


def read_object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of this name in an answer; an empty one if there is none."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def read_objects(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of the list of this name in an answer."""
    values = document.get(name)
    values = values if isinstance(values, list) else []
    return [value for value in values if isinstance(value, Mapping)]
