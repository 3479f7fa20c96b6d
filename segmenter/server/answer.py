"""One answer: writes the application's response into a channel's buffer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from segmenter.server.parser import Request

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Busy(Error):  # type: ignore[misc]
    """The server's own 503: the request cannot be processed now."""

    code = 503
    reason = "Service Unavailable"

    def __init__(self, body: str, retry_seconds: int) -> None:
        super().__init__(body)
        self._retry = str(retry_seconds)

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        status, headers, body = super().to_response(ident)
        return status, [*headers, ("Retry-After", self._retry)], body


class LongAnswer(BaseException):
    """Not an error: the answer's length is unknown, so that another thread writes it."""


class Refusal(ErrorTask):  # type: ignore[misc]
    """The server's own answer to a malformed request, or one that cannot be processed now."""

    def service(self) -> None:
        start = time.monotonic()
        try:
            super().service()
        finally:
            self.channel.server.log_access(self, start)


class BufferedAnswer(WSGITask):  # type: ignore[misc]
    """The application's answer. Another thread writes one of unknown length."""

    rest: Iterable[bytes] | None = None
    """For a long answer: the iterable that the application returned."""
    _begun = 0.0

    def service(self) -> None:
        self._begun = self._begun or time.monotonic()
        super().service()
        self.channel.server.log_access(self, self._begun)

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        request: Request = self.request
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").lower()
        if scheme == "https" and self.channel.server.trusts(environ["REMOTE_ADDR"]):
            environ["wsgi.url_scheme"] = "https"
        environ["wsgi.multiprocess"] = True
        environ["segmenter.answer"] = self
        if request.is_oversized or self.channel.server.is_stopping:
            self.set_close_on_finish()
        return environ

    def write(self, data: bytes) -> None:
        content = b"" if self.request.command == "HEAD" else data
        if self.wrote_header or not self.complete or not content:
            super().write(content)
            return
        self.channel.hold_head = True  # one packet with what follows, not two
        super().write(content)
        self.channel.release_head()

    def finish(self) -> None:
        if not self.wrote_header:
            self.write(b"")
        if self.request.command == "HEAD":
            self.chunked_response = False  # the end of chunks would be a body
        super().finish()

    def set_close_on_finish(self) -> None:
        # waitress closes after each answer without a length; 204 and 304 have none and need none.
        connection = self.request.headers.get("CONNECTION", "").lower()
        is_kept_open = self.version == "1.1" and not self.has_body and connection != "close"
        if self.request.is_oversized or self.channel.server.is_stopping or not is_kept_open:
            super().set_close_on_finish()


def writer_of(application: Application) -> Application:
    """Wrap the application for BufferedAnswer, which calls it twice for a long answer."""

    def write(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer: BufferedAnswer = environ["segmenter.answer"]
        if answer.rest is not None:
            return answer.rest
        body = application(environ, start_response)
        if answer.content_length is None and answer.has_body and not hasattr(body, "__len__"):
            if getattr(body, "streaming", True):
                answer.rest = body
                raise LongAnswer
            answer.content_length = len(body.content)  # type: ignore[attr-defined]
        return body

    return write
