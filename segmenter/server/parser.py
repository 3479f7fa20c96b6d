"""Parses a request incrementally: waitress's parser, with stricter rules."""

from __future__ import annotations

from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import BadRequest

CONTROL_BYTES = 4_096
"""Most bytes of a chunk's size line, and of the trailer."""


class Request(HTTPRequestParser):  # type: ignore[misc]
    """A request with an unambiguous length, which needs permission for a large body."""

    headers: dict[str, str]
    content_length: int
    body_rcv: Any
    error: Any
    completed: bool
    expect_continue: bool
    usual_body: int
    """Bytes of a body that need no permission; set by the channel."""
    needs_permission = False
    """The announced body is larger than usual, and not admitted yet."""
    is_large = False
    """Its body is larger than usual and was admitted."""
    is_oversized = False
    """Its body is not read: the application gets the request without it, and rejects it."""
    _wants_continue = False
    _early = b""
    """Data that came together with the head."""

    def __init__(self, adj: Any, usual_body: int) -> None:
        super().__init__(adj)
        self.usual_body = usual_body

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if "TRANSFER_ENCODING" in self.headers:  # waitress removes values that it supports
            raise ParsingError("Transfer-Encoding needs HTTP/1.1")
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length and Transfer-Encoding contradict each other")
        if self.version not in ("1.0", "1.1"):
            raise ParsingError("HTTP/1.0 or HTTP/1.1 is needed")
        if self.content_length > self.usual_body:
            self.needs_permission = True
            self._wants_continue, self.expect_continue = self.expect_continue, False

    def received(self, data: bytes) -> int:
        if self.needs_permission:
            self._early += data
            return len(data)
        consumed: int = super().received(data)
        if self.error or not self.chunked or self.body_rcv is None:
            return consumed
        if len(self.body_rcv.control_line) + len(self.body_rcv.trailer) > CONTROL_BYTES:
            self.error = BadRequest("Invalid chunk")
            self.completed = True
        elif self.body_size > self.usual_body:
            self.refuse_body()
        return consumed

    @property
    def body_size(self) -> int:
        """Bytes of content received, without the size lines of chunks."""
        return 0 if self.body_rcv is None else len(self.body_rcv)

    def admit(self) -> bytes:
        """Admit the announced body; return its first bytes, which are to be received now."""
        self.needs_permission, self.is_large = False, True
        self.expect_continue = self._wants_continue
        early, self._early = self._early, b""
        return early

    def refuse_body(self) -> None:
        """Stop reading; the application sees the length and no content."""
        if self.chunked:
            self.headers["CONTENT_LENGTH"] = str(self.body_size)
        self.close()
        self.body_rcv, self._early = None, b""
        self.needs_permission, self.is_oversized, self.completed = False, True, True
