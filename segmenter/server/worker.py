"""gunicorn's worker: one process that runs one of our servers on gunicorn's sockets."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from typing import Any

from gunicorn.workers.base import Worker

from segmenter.server.limits import Limits
from segmenter.server.server import LOOK_SECONDS, Server, loop_once

IDLE_SECONDS = 2.0
"""How long a stopping process still answers on connections that are open between requests."""


class BufferedWorker(Worker):  # type: ignore[misc]
    """Reads and sends in its main thread, answers in `threads` others."""

    def run(self) -> None:
        # A short queue is normal, and requests must not be able to fill the log.
        logging.getLogger("waitress.queue").setLevel(logging.CRITICAL)
        logging.getLogger("waitress").setLevel(logging.ERROR)
        sockets: dict[int, Any] = {}
        limits = Limits.from_environment()
        servers = [
            Server(
                self.wsgi,
                listener.sock,
                limits=limits,
                threads=self.cfg.threads,
                trusted=self.cfg.forwarded_allow_ips,
                access=self._log_access if self.cfg.accesslog else None,
                map=sockets,
            )
            for listener in self.sockets
        ]
        while self.alive and self.ppid == os.getppid():
            self._turn(servers, sockets)
        for server in servers:
            server.stop_accepting()
        stopped = time.monotonic()
        while (seconds := time.monotonic() - stopped) < self.cfg.graceful_timeout:
            self._turn(servers, sockets)
            open_ = any(server.active_channels for server in servers)
            if not open_ or (seconds > IDLE_SECONDS and all(each.is_idle() for each in servers)):
                break
        for server in servers:
            for channel in list(server.active_channels.values()):
                channel.handle_close()

    def _turn(self, servers: list[Server], sockets: dict[int, Any]) -> None:
        self.notify()
        loop_once(sockets, LOOK_SECONDS)
        for server in servers:
            server.look()

    def _log_access(self, line: str) -> None:
        with contextlib.suppress(Exception):
            self.log.access_log.info(line)
