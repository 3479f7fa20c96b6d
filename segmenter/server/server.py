"""One process's server: its listening sockets, connections and threads."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import BaseWSGIServer
from waitress.task import ThreadedTaskDispatcher

from segmenter.server.answer import Application, Busy, writer_of
from segmenter.server.channel import HttpChannel
from segmenter.server.limits import Limits

RECEIVE_BYTES = 32_768
LOOK_SECONDS = 0.5
"""Interval of checking connections against their limits."""
_PATH_BYTES = 120
_LARGEST = 2**62

logger = logging.getLogger(__name__)


class Server(BaseWSGIServer):  # type: ignore[misc]
    """Accepts the connections of one listening socket."""

    channel_class = HttpChannel
    active_channels: dict[int, HttpChannel]

    def __init__(
        self,
        application: Application,
        sock: socket.socket,
        *,
        limits: Limits,
        threads: int,
        trusted: Sequence[str] = (),
        access: Callable[[str], None] | None = None,
        map: dict[int, Any] | None = None,
    ) -> None:
        self.limits, self.clock = limits, time.monotonic
        self.is_stopping = False
        self._next_look = 0.0
        self._trusted, self._access = frozenset(trusted), access
        self._body_limit: Callable[[dict[str, Any]], int] | None = getattr(
            application, "body_limit", None
        )
        self.long_dispatcher = ThreadedTaskDispatcher()
        self.long_dispatcher.set_thread_count(limits.long_threads)
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        super().__init__(
            writer_of(application),
            map=map,
            _sock=sock,
            dispatcher=dispatcher,
            adj=_adjustments(sock, limits),
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
            bind_socket=False,
        )
        self.next_channel_cleanup = _LARGEST  # `look` does it

    def getsockname(self) -> tuple[str, str]:
        name = self.socket.getsockname()
        return (str(name[0]), str(name[1])) if isinstance(name, tuple) else ("localhost", "80")

    def set_socket_options(self, conn: socket.socket) -> None:
        if conn.family != socket.AF_UNIX:
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fix_addr(self, addr: Any) -> Any:
        return addr if isinstance(addr, tuple) else ("", 0)

    def readable(self) -> bool:
        return bool(self.accepting)

    def handle_accept(self) -> None:
        if len(self.active_channels) >= self.limits.connections:
            self._make_room()
        super().handle_accept()

    # --- threads ---------------------------------------------------------------------------------

    def add_task(self, task: HttpChannel) -> None:
        """Queue a channel's first request for a thread."""
        large = task.requests[0].is_large
        (self.long_dispatcher if large else self.task_dispatcher).add_task(task)

    def begin_long(self, channel: HttpChannel) -> bool:
        """Queue a long answer for a thread; False if there are too many at the moment."""
        channels = list(self.active_channels.values())
        if sum(each.is_long for each in channels) >= self.limits.long_answers:
            return False
        channel.is_long = True
        self.long_dispatcher.add_task(channel)
        return True

    def large_bodies(self) -> int:
        """Number of larger bodies in progress."""
        return sum(
            request.is_large
            for channel in list(self.active_channels.values())
            for request in [*channel.requests, channel.request]
            if request is not None
        )

    def body_limit(self, environ: dict[str, Any]) -> int | None:
        """The application's size limit of a request's body; None if it fails."""
        if self._body_limit is None:
            return self.limits.body_bytes
        try:
            return self._body_limit(environ)
        except Exception as error:
            logger.error("How large a body may be is not known: %r", error)
            return None

    def busy(self) -> Busy:
        """The answer to a request that must be retried later."""
        body = "Too many uploads or downloads at the moment. Try again shortly."
        return Busy(body, self.limits.retry_seconds)

    # --- limits ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Close connections that exceed their limits, and the slowest of too many bodies."""
        now = self.clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        for channel in list(self.active_channels.values()):
            if channel.overstays(now):
                channel.cut()
        coming = [each for each in self.active_channels.values() if each.wait.what == "body"]
        usual = [each for each in coming if each.request and not each.request.is_large]
        size = sum(each.request.body_size for each in usual if each.request)
        for channel in sorted(usual, key=lambda each: each.wait.since):
            if size <= self.limits.bodies_bytes:
                break
            size -= channel.request.body_size if channel.request else 0
            channel.cut()

    def _make_room(self) -> None:
        unfinished = [each for each in self.active_channels.values() if each.wait.what != "us"]
        if unfinished:
            min(unfinished, key=lambda each: each.wait.since).cut()

    # --- its end ---------------------------------------------------------------------------------

    def stop_accepting(self) -> None:
        """Accept no more connections, and close open ones after their answers."""
        self.is_stopping = True
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def is_idle(self) -> bool:
        """Whether no request is processed and no answer is buffered."""
        channels = self.active_channels.values()
        return not any(
            each.requests or each.total_outbufs_len or each.close_when_flushed for each in channels
        )

    # --- log -------------------------------------------------------------------------------------

    def trusts(self, address: str) -> bool:
        """Whether X-Forwarded-Proto from this address is trusted."""
        return address in self._trusted or "*" in self._trusted

    def log_access(self, answer: Any, start: float) -> None:
        """Log client, method, path without its query, status, size and duration."""
        if self._access is None:
            return
        request = answer.request
        method, path = getattr(request, "command", "-"), getattr(request, "path", "-")
        path = path.encode("latin-1")[:_PATH_BYTES].decode(errors="ignore")
        printable_path = "".join(
            each if each.isprintable() and each != '"' else "?" for each in path
        )
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        milliseconds = (self.clock() - start) * 1000
        self._access(
            f'{at} {answer.channel.addr[0]} "{method[:10]} {printable_path}" {answer.status[:3]} '
            f"{answer.content_length or '-'} {milliseconds:.0f}ms"
        )


def loop_once(map: dict[int, Any], seconds: float) -> None:
    """Wait for sockets for at most `seconds`; read and send what is ready."""
    wasyncore.poll2(seconds, map)


def _adjustments(sock: socket.socket, limits: Limits) -> Adjustments:
    name = sock.getsockname()
    return Adjustments(
        sockets=[sock],
        server_name=str(name[0]) if isinstance(name, tuple) else "localhost",
        backlog=2_048,
        recv_bytes=RECEIVE_BYTES,
        inbuf_overflow=limits.memory_bytes,
        outbuf_overflow=limits.memory_bytes,
        outbuf_high_watermark=limits.answer_bytes,
        max_request_header_size=limits.head_bytes,
        max_request_body_size=_LARGEST,
        connection_limit=_LARGEST,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=False,
        ident=None,
    )
