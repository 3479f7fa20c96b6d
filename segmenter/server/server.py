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
"""How often connections are held to their limits."""
_PATH_BYTES = 120
_LARGEST = 2**62

logger = logging.getLogger(__name__)


class Server(BaseWSGIServer):  # type: ignore[misc]
    """Takes the connections of one listening socket."""

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
        self._most_body: Callable[[dict[str, Any]], int] | None = getattr(
            application, "most_body", None
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
        """Have a thread answer a channel's first request."""
        large = task.requests[0].is_large
        (self.long_dispatcher if large else self.task_dispatcher).add_task(task)

    def begin_long(self, channel: HttpChannel) -> bool:
        """Have a long answer written, unless so many are on their way that it must come again."""
        channels = list(self.active_channels.values())
        if sum(each.is_long for each in channels) >= self.limits.long_answers:
            return False
        channel.is_long = True
        self.long_dispatcher.add_task(channel)
        return True

    def large_bodies(self) -> int:
        """How many bodies larger than usual are coming, waiting or being read."""
        return sum(
            request.is_large
            for channel in list(self.active_channels.values())
            for request in [*channel.requests, channel.request]
            if request is not None
        )

    def most_body(self, environ: dict[str, Any]) -> int | None:
        """Ask the application how large a request's body may be; None if it cannot say now."""
        if self._most_body is None:
            return self.limits.body_bytes
        try:
            return self._most_body(environ)
        except Exception as error:
            logger.error("How large a body may be is not known: %r", error)
            return None

    def busy(self) -> Busy:
        """The answer to what must come again later."""
        body = "Too many uploads or downloads at the moment. Try again shortly."
        return Busy(body, self.limits.retry_seconds)

    # --- limits ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Close the connections that have overstayed, and the slowest of too many bodies."""
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
        """Take no more connections, and say on those that are open that they end."""
        self.is_stopping = True
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def is_idle(self) -> bool:
        """Whether no request is being answered and no answer waits for its reader."""
        channels = self.active_channels.values()
        return not any(
            each.requests or each.total_outbufs_len or each.close_when_flushed for each in channels
        )

    # --- log -------------------------------------------------------------------------------------

    def trusts(self, address: str) -> bool:
        """Whether what comes from there may say that it came by https."""
        return address in self._trusted or "*" in self._trusted

    def log_access(self, answer: Any, begun: float) -> None:
        """Write down who asked for which path, without its query, and what was answered."""
        if self._access is None:
            return
        request = answer.request
        method, path = getattr(request, "command", "-"), getattr(request, "path", "-")
        path = path.encode("latin-1")[:_PATH_BYTES].decode(errors="ignore")
        shown = "".join(each if each.isprintable() and each != '"' else "?" for each in path)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        milliseconds = (self.clock() - begun) * 1000
        self._access(
            f'{at} {answer.channel.addr[0]} "{method[:10]} {shown}" {answer.status[:3]} '
            f"{answer.content_length or '-'} {milliseconds:.0f}ms"
        )


def loop_once(map: dict[int, Any], seconds: float) -> None:
    """Read and send whatever is ready, after waiting for it for at most so long."""
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
