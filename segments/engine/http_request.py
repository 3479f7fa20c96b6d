"""One HTTP request to an address that was resolved and checked before, within limits.

Connects only to that address, whatever the name resolves to by now. The certificate must be valid
for the name. No proxies, no redirects, no cookies.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

from segments.engine.addresses import Endpoint
from segments.models import Reason

SECONDS = 5.0
"""For the whole request: connection, TLS handshake, sending and answer."""
MOST_ANSWER = 64 * 1024
"""Bytes of an answer's body that are read, unless a request wants more."""
MOST_TEXT = 1024
"""Characters of it that are stored."""


@dataclass(frozen=True)
class Answer:
    """The result of a request. `error` is None only for 2xx. `text` is the receiver's answer, or
    the system's error text: at most MOST_TEXT characters, without NUL."""

    error: Reason | None
    status: int | None
    text: str
    seconds: float
    content: bytes = b""
    """The body, as far as it is read."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name in small letters."""


class _Pinned(http.client.HTTPConnection):
    """A connection to fixed IP addresses, which is cut at its deadline whatever it is doing."""

    def __init__(
        self,
        endpoint: Endpoint,
        addresses: Sequence[str],
        context: ssl.SSLContext | None,
        seconds: float,
    ) -> None:
        super().__init__(endpoint.host, endpoint.port)
        self.default_port = 443 if endpoint.secure else 80
        self.endpoint, self.addresses, self.context = endpoint, addresses, context
        self.ends = perf_counter() + seconds
        self.is_over = False
        self._wire: socket.socket | None = None

    @property
    def left(self) -> float:
        return max(self.ends - perf_counter(), 0.001)

    def connect(self) -> None:
        wire = self._open()
        self._watch(wire)
        if self.context is not None:
            wire = self.context.wrap_socket(
                wire, server_hostname=self.endpoint.host, do_handshake_on_connect=False
            )
            self._watch(wire)
            wire.do_handshake()

    def _watch(self, wire: socket.socket) -> None:
        """Let `cut` end this socket. Raises TimeoutError if the deadline has just passed."""
        self._wire = self.sock = wire  # `close` closes it, also when there is no handshake
        wire.settimeout(self.left)
        if self.is_over:
            raise TimeoutError

    def _open(self) -> socket.socket:
        failure: OSError = OSError("no address")
        for address in self.addresses:
            try:
                return socket.create_connection((address, self.port), timeout=self.left)
            except OSError as error:
                failure = error
        raise failure

    def cut(self) -> None:
        """End what the other thread waits for, by shutting its socket down."""
        self.is_over = True
        if self._wire is not None:
            with suppress(OSError):
                # Not through ssl's override, which is not thread-safe.
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)


def context_for(endpoint: Endpoint) -> ssl.SSLContext | None:
    """The system's certificate authorities for https; None for plain http.

    Loading them takes longer than a request.
    """
    return ssl.create_default_context() if endpoint.secure else None


def send_request(
    endpoint: Endpoint,
    addresses: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    context: ssl.SSLContext | None,
    method: str = "POST",
    seconds: float = SECONDS,
    most_answer: int = MOST_ANSWER,
) -> Answer:
    """Send a request and return the result. Raises nothing that the network can cause.

    `context` is that of `context_for` the endpoint, and can be shared by requests. Of the answer's
    body `most_answer` bytes are read.
    """
    began = perf_counter()
    connection = _Pinned(endpoint, addresses, context, seconds)
    watch = threading.Timer(seconds, connection.cut)
    watch.daemon = True
    watch.start()
    status: int | None = None
    content: bytes = b""
    fields: dict[str, str] = {}
    try:
        connection.request(method, endpoint.path, body, dict(headers))
        with connection.getresponse() as response:
            if connection.is_over:  # A truncated head looks like a complete one.
                raise TimeoutError
            status = response.status
            fields = {name.lower(): value for name, value in response.getheaders()}
            content = _read(response, most_answer)
            text = _text(content)
        error = _status_error(status)
    except (OSError, http.client.HTTPException, ValueError) as failure:
        text = _text(str(failure).encode())
        error = Reason.TIMEOUT if connection.is_over else _reason(failure)
    finally:
        watch.cancel()
        connection.close()
    return Answer(error, status, text, perf_counter() - began, content, fields)


def _read(response: http.client.HTTPResponse, most: int) -> bytes:
    """The beginning of a body. A body that cannot be read is not a failure: the status counts."""
    try:
        return response.read(most)
    except (OSError, http.client.HTTPException, ValueError):
        return b""


def _text(body: bytes) -> str:
    return body[: 4 * MOST_TEXT].decode("utf-8", "replace").replace("\0", "")[:MOST_TEXT]


def _status_error(status: int) -> Reason | None:
    if 200 <= status < 300:
        return None
    if status == http.HTTPStatus.GONE:
        return Reason.GONE
    return Reason.REDIRECT if 300 <= status < 400 else Reason.STATUS


def _reason(failure: Exception) -> Reason:
    if isinstance(failure, TimeoutError):
        return Reason.TIMEOUT
    if isinstance(failure, ssl.SSLError):
        return Reason.TLS
    if isinstance(failure, ConnectionError | OSError):
        return Reason.CONNECTION
    return Reason.PROTOCOL
