"""What the tests need of a receiver, and a service with an HTTP API that can fail on purpose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from segments.destinations.kind import DestinationAccess
from tests.segments.audiences.stand_ins import Answer, StandIn


class Receiver(Protocol):
    """Where a kind sends to, in a test."""

    @property
    def access(self) -> DestinationAccess: ...

    def members(self) -> set[str]:
        """The keys of who is there now."""

    def steps(self) -> int:
        """How often it was asked for anything."""


class Broken(Exception):
    """The service answers with an error."""

    def __init__(
        self, status: int, document: Any, headers: Mapping[str, str] | None = None
    ) -> None:
        self.answer: Answer = (status, document, headers or {})
        super().__init__(str(document))


@dataclass(frozen=True)
class Query:
    """One request as a service reads it."""

    method: str
    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    document: Any = field(default=None)

    @property
    def call(self) -> str:
        """The method and the path without its parameters, for tests that count."""
        return f"{self.method} {self.path}"


class EmailService(StandIn):
    """A service that remembers what it was asked, and can fail before or after it acts.

    `answers` are given instead of acting.
    """

    media_type = "application/json"

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[Query] = []
        self.loses_answer_to: int | None = None
        """The number of the request that it acts upon, but whose answer is lost."""

    def handle(self, method: str, path: str, body: bytes, headers: Any) -> Any:
        parts = urlsplit(path)
        values = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        query = Query(
            method=method,
            path=unquote(parts.path),
            parameters={name: ",".join(each) for name, each in values.items()},
            headers={name.lower(): value for name, value in headers.items()},
            document=json.loads(body) if body else None,
        )
        self.queries.append(query)
        if self.answers:
            answer = self.answers.pop(0)
            return answer() if callable(answer) else answer
        try:
            if body and query.headers.get("content-type") != self.media_type:
                raise self.broken(415, f"Unsupported media type, {self.media_type} is wanted")
            self.authorize(query)
            answer = self.serve(query)
        except Broken as failure:
            answer = failure.answer
        is_lost = len(self.queries) - 1 == self.loses_answer_to
        return (504, b"<html>Gateway timeout</html>") if is_lost else answer

    def authorize(self, query: Query) -> None:
        raise NotImplementedError

    def serve(self, query: Query) -> Answer:
        raise NotImplementedError

    def broken(self, status: int, words: str) -> Broken:
        """An error in the form of this service."""
        raise NotImplementedError

    @property
    def access(self) -> DestinationAccess:
        raise NotImplementedError

    def members(self) -> set[str]:
        raise NotImplementedError

    def words_about(self, email: str) -> str:
        """All that is known of somebody."""
        raise NotImplementedError

    def steps(self) -> int:
        return len(self.queries)

    def calls(self, start: str) -> list[Query]:
        """The requests that begin so, such as "POST /v3"."""
        return [query for query in self.queries if query.call.startswith(start)]

    def only(self, values: Mapping[str, Any], *names: str) -> None:
        """Refuse names that the service does not know."""
        unknown = set(values) - set(names)
        if unknown:
            raise self.broken(400, f"unknown: {', '.join(sorted(unknown))}")
