"""One connection: what it waits for, how long it may, and how it ends."""

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
"""SO_LINGER: what was not read is thrown away, and the reader is told at once."""


@dataclass
class Wait:
    """What a connection waits for, since when, and how far that had come then."""

    what: str
    number: int
    """Of the request; another one is another wait."""
    since: float
    progress: int = 0


class HttpChannel(HTTPChannel):  # type: ignore[misc]
    """A connection of which no thread waits for the other end.

    The main thread reads and sends; `service` alone runs in a pool's thread.
    """

    server: Server
    error_task_class = Refusal
    requests: list[Request]
    request: Request | None

    def __init__(self, server: Server, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
        self.bytes_sent, self.served = 0, 0
        self.is_draining = False
        self.must_drain = False
        """Not everything that the other end sends was read: it would not see our answer."""
        self.hold_head, self._head = False, b""
        self.is_long = False
        """A long answer is being written or read."""
        self.wait = Wait("head", 0, server.clock())
        self._answer: BufferedAnswer | None = None
        self._asked: Request | None = None
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
        taken = bool(super().received(data))
        request = self.request
        if request is not None and request.needs_permission and request is not self._asked:
            self._asked = request
            self.server.task_dispatcher.add_task(BodyPermission(self, request))
        return taken

    def permit(self, request: Request, most: int | None) -> None:
        """Let a large body of at most so many bytes come, or have it refused (None: not now)."""
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
        # The same one again for a long answer. Another thread may already be at the next request.
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
        """Send the head that was held, if nothing came after it."""
        if self._head:
            self.write_soon(b"")

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close=do_close)
        self.bytes_sent += sent
        return sent

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
        """Send no more; drop what still comes until the other end has seen that."""
        self.close_when_flushed, self.is_draining = False, True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()

    # --- limits, in the main thread --------------------------------------------------------------

    def overstays(self, now: float) -> bool:
        """Whether the other end has had the time that it may have for what we wait for."""
        what, progress = self._what()
        wait = self.wait
        if (what, self.served) != (wait.what, wait.number):
            self.wait = Wait(what, self.served, now, progress)
            return False
        limits, passed = self.server.limits, now - wait.since
        if what == "us":
            return False
        if what == "drain":
            return passed > limits.linger_seconds
        if what == "idle":
            return passed > limits.idle_seconds
        if passed <= limits.slow_seconds:
            return False
        if what == "head" or progress - wait.progress < limits.slow_bytes:
            return True
        wait.since, wait.progress = now, progress
        return False

    def _what(self) -> tuple[str, int]:
        """What is waited for, and how many bytes of it have come or gone."""
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
        """Close at once, whatever is unread or unsent."""
        with contextlib.suppress(OSError):
            if self.total_outbufs_len:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self.handle_close()

    def handle_close(self) -> None:
        if self.request is not None:
            self.request.close()
        super().handle_close()


class BodyPermission:
    """A question to the application, in a thread: how large may this request's body be?"""

    def __init__(self, channel: HttpChannel, request: Request) -> None:
        self._channel, self._request = channel, request

    def service(self) -> None:
        channel, request = self._channel, self._request
        environ = BufferedAnswer(channel, request).get_environment()
        most = channel.server.most_body(environ)
        channel.server.trigger.pull_trigger(lambda: channel.permit(request, most))

    def cancel(self) -> None:
        self._channel.cancel()


def _unacknowledged(sock: socket.socket) -> int:
    """Bytes that the system has taken and the other end has not; 0 where that is not told."""
    count = array.array("i", [0])
    try:
        fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, count)
    except OSError:
        return 0
    return count[0]
