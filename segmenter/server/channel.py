"""One connection: its state, its time limits, and its end."""

from __future__ import annotations

import array
import contextlib
import fcntl
import socket
import struct
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel

from segmenter.server.answer import BufferedAnswer, LongAnswer, Refusal
from segmenter.server.parser import Request

if TYPE_CHECKING:
    from segmenter.server.server import Server

_ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER: close drops unsent data and resets the connection."""


@dataclass
class Wait:
    """What a connection waits for, since when, and the progress at that time."""

    what: str
    number: int
    """Number of the request."""
    since: float
    progress: int = 0


class HttpChannel(HTTPChannel):  # type: ignore[misc]
    """A connection; no thread waits for its client.

    The main thread reads and sends; only `service` runs in a thread of a pool.
    """

    server: Server
    error_task_class = Refusal
    requests: list[Request]
    request: Request | None

    def __init__(self, server: Server, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
        self.bytes_sent, self.served = 0, 0
        self.is_draining = False
        self.must_drain = False
        """The client's data must be read to its end, or it would not see our answer."""
        self.hold_head, self._head = False, b""
        self.is_long = False
        """Whether a long answer is in progress."""
        self.wait = Wait("head", 0, server.clock())
        self._answer: BufferedAnswer | None = None
        self._request_in_question: Request | None = None
        self.parser_class = lambda adj: Request(adj, server.limits.body_bytes)
        self.task_class = self._task
        super().__init__(server, sock, addr, adj, map=map)

    # --- reading, in the main thread -------------------------------------------------------------

    def readable(self) -> bool:
        if self.is_draining:
            return not self.will_close
        waits = self.request is not None and self.request.needs_permission
        return not waits and bool(super().readable())

    def handle_read(self) -> None:
        if self.is_draining:
            with contextlib.suppress(OSError):
                self.recv(self.adj.recv_bytes)  # closes at the end
        else:
            super().handle_read()

    def received(self, data: bytes) -> bool:
        is_complete = bool(super().received(data))
        request = self.request
        if (
            request is not None
            and request.needs_permission
            and request is not self._request_in_question
        ):
            self._request_in_question = request
            self.server.task_dispatcher.add_task(BodyPermission(self, request))
        return is_complete

    def permit(self, request: Request, most: int | None) -> None:
        """Admit a large body of at most `most` bytes, or reject it (None: the limit is unknown)."""
        if request is not self.request or not self.connected:
            return
        has_room = self.server.large_bodies() < self.server.limits.large_bodies
        if most is not None and request.content_length <= most and has_room:
            early = request.admit()
            if early:
                self.received(early)
            elif request.expect_continue and not self.requests:
                self.send_continue()
            return
        request.refuse_body()
        if most is None or request.content_length <= most:
            request.error = self.server.busy()
        with self.requests_lock:
            self.request = None
            self.requests.append(request)
            if len(self.requests) == 1:
                self.server.add_task(self)

    # --- answering, in a thread ------------------------------------------------------------------

    def _task(self, channel: HttpChannel, request: Request) -> BufferedAnswer:
        # A long answer has the same one again. Another thread may process the next request already.
        if self._answer is None or self._answer.request is not request:
            self._answer = BufferedAnswer(channel, request)
            self.served += 1
        return self._answer

    def service(self) -> None:
        request = self.requests[0]
        if request.error or request.is_oversized:
            self.must_drain = True
        try:
            super().service()
        except LongAnswer:
            if self.server.begin_long(self):
                return
            self._close_answer()
            request.error = self.server.busy()
            super().service()

    def _close_answer(self) -> None:
        rest = self._answer.rest if self._answer is not None else None
        if rest is not None and hasattr(rest, "close"):
            rest.close()
        self._answer = None

    def cancel(self) -> None:
        self._close_answer()
        super().cancel()

    # --- sending, in the main thread and in threads ----------------------------------------------

    def write_soon(self, data: Any) -> int:
        if self.hold_head:
            self.hold_head, self._head = False, data
            return len(data)
        head, self._head = self._head, b""
        return int(super().write_soon(head + data if head else data))

    def release_head(self) -> None:
        """Send the head that was held back, if no content followed."""
        if self._head:
            self.write_soon(b"")

    def send(self, data: bytes, do_close: bool = True) -> int:
        count: int = super().send(data, do_close=do_close)
        self.bytes_sent += count
        return count

    def writable(self) -> bool:
        return self.will_close if self.is_draining else bool(super().writable())

    def handle_write(self) -> None:
        if not (self.must_drain and self.close_when_flushed) or self.will_close:
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif not self.total_outbufs_len:
            self._drain()

    def _drain(self) -> None:
        """Send no more; read and drop data until the client has noticed."""
        self.close_when_flushed, self.is_draining = False, True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()

    # --- limits, in the main thread --------------------------------------------------------------

    def overstays(self, now: float) -> bool:
        """Whether the client has exceeded the time limit of what we wait for."""
        target, progress = self._what()
        wait = self.wait
        if (target, self.served) != (wait.what, wait.number):
            self.wait = Wait(target, self.served, now, progress)
            return False
        limits, seconds = self.server.limits, now - wait.since
        if target == "us":
            return False
        if target == "drain":
            return seconds > limits.linger_seconds
        if target == "idle":
            return seconds > limits.idle_seconds
        if seconds <= limits.slow_seconds:
            return False
        if target == "head" or progress - wait.progress < limits.slow_bytes:
            return True
        wait.since, wait.progress = now, progress
        return False

    def _what(self) -> tuple[str, int]:
        """What the connection waits for, and its number of transferred bytes."""
        if self.is_draining:
            return "drain", 0
        if self.total_outbufs_len:
            return "answer", self.bytes_sent - _unacknowledged(self.socket)
        request = self.request
        if self.requests or (request is not None and request.needs_permission):
            return "us", 0
        if request is not None and request.headers_finished:
            return "body", request.body_size
        return ("head" if request is not None or not self.served else "idle"), 0

    def cut(self) -> None:
        """Close at once, with unread and unsent data."""
        with contextlib.suppress(OSError):
            if self.total_outbufs_len:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self.handle_close()

    def handle_close(self) -> None:
        if self.request is not None:
            self.request.close()
        super().handle_close()


class BodyPermission:
    """A task for a thread: asks the application for the size limit of a request's body."""

    def __init__(self, channel: HttpChannel, request: Request) -> None:
        self._channel, self._request = channel, request

    def service(self) -> None:
        channel, request = self._channel, self._request
        environ = BufferedAnswer(channel, request).get_environment()
        most = channel.server.body_limit(environ)
        channel.server.trigger.pull_trigger(lambda: channel.permit(request, most))

    def cancel(self) -> None:
        self._channel.cancel()


def _unacknowledged(sock: socket.socket) -> int:
    """Bytes in the system's send buffer that the client has not acknowledged; 0 if unknown."""
    count = array.array("i", [0])
    try:
        fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, count)
    except OSError:
        return 0
    return count[0]
