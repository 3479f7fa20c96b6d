"""A server in a thread of the test, and one in processes of its own as production runs it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from segmenter.embedded.folder import PROJECT
from segmenter.server.limits import Limits
from segmenter.server.server import Server, loop_once
from tests.server.application import Application

PATIENCE = 60.0
"""Seconds after which something that should have happened counts as failed."""


class Site:
    """A server on a loopback port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.access: list[str] = []
        self.connections: list[socket.socket | http.client.HTTPConnection] = []

    def connect(self, *, receive: int = 0) -> socket.socket:
        """Return a connection, on request with a receive buffer that is small."""
        sock = socket.socket()
        self.connections.append(sock)
        if receive:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        sock.settimeout(PATIENCE)
        sock.connect(("127.0.0.1", self.port))
        return sock

    def say(self, raw: bytes) -> bytes:
        """Send bytes and return everything that comes until the server closes."""
        with self.connect() as sock:
            sock.sendall(raw)
            return everything(sock)

    def client(self) -> http.client.HTTPConnection:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self.connections.append(client)
        return client

    def close(self) -> None:
        """Close our ends of all connections."""
        for each in self.connections:
            each.close()

    def get(self, path: str = "/") -> float:
        """Ask once over a new connection, and return the seconds that it took."""
        start = time.monotonic()
        client = self.client()
        client.request("GET", path)
        answer = client.getresponse()
        answer.read()
        client.close()
        assert answer.status == 200
        return time.monotonic() - start


def everything(sock: socket.socket) -> bytes:
    """Return what comes until the other end closes, orderly or not."""
    pieces = []
    try:
        while piece := sock.recv(1 << 20):
            pieces.append(piece)
    except ConnectionError:
        pass
    return b"".join(pieces)


def is_closed(sock: socket.socket) -> bool:
    """Whether the other end has closed; drops what has come."""
    sock.setblocking(False)
    try:
        while sock.recv(1 << 20):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    return True


def eventually(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def serve() -> Iterator[Callable[..., Site]]:
    """Start servers in this process: `serve(application, threads=2, slow_seconds=0.5, ...)`."""
    ends: list[Callable[[], None]] = []

    def start(application: Application | None = None, *, threads: int = 2, **limits: float) -> Site:
        listener = socket.create_server(("127.0.0.1", 0))
        site, goes_on = Site(listener.getsockname()[1]), threading.Event()
        sockets: dict[int, Any] = {}
        server = Server(
            application or Application(),
            listener,
            limits=Limits(**limits),  # type: ignore[arg-type]
            threads=threads,
            access=site.access.append,
            map=sockets,
        )

        def run() -> None:
            while not goes_on.is_set():
                loop_once(sockets, 0.05)
                server.look()

        thread = threading.Thread(target=run)
        thread.start()

        def end() -> None:
            site.close()
            goes_on.set()
            thread.join()
            for channel in list(server.active_channels.values()):
                channel.handle_close()
            server.task_dispatcher.shutdown()
            server.long_dispatcher.shutdown()
            server.close()

        ends.append(end)
        return site

    yield start
    for end in ends:
        end()


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[Callable[..., tuple[Site, subprocess.Popen[bytes]]]]:
    """Start gunicorn with our worker: `gunicorn("module:name", "--option", NAME="value")`.

    What it writes lies in `gunicorn.log` in the test's folder.
    """
    processes: list[subprocess.Popen[bytes]] = []
    sites: list[Site] = []

    def start(
        application: str, *options: str, **environment: str
    ) -> tuple[Site, subprocess.Popen[bytes]]:
        with (
            socket.create_server(("127.0.0.1", 0), backlog=1024) as listener,
            (tmp_path / "gunicorn.log").open("ab") as log,
        ):
            listener.set_inheritable(True)
            command = [sys.executable, "-m", "gunicorn", application, "--bind"]
            command += [f"fd://{listener.fileno()}", "--graceful-timeout", "3", *options]
            processes.append(
                subprocess.Popen(
                    command,
                    cwd=PROJECT,
                    env=os.environ | environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[listener.fileno()],
                )
            )
            site = Site(listener.getsockname()[1])
            sites.append(site)
        site.get("/healthz")
        return site, processes[-1]

    yield start
    for site in sites:
        site.close()
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def pages(
    gunicorn: Callable[..., tuple[Site, subprocess.Popen[bytes]]], transactional_db: None
) -> Site:
    """The product as the image runs it, on the database of the tests, with short limits."""
    name, server = connection.settings_dict["NAME"], settings.DATABASES["default"]
    address = f"postgresql://{server['USER']}@/{name}?host={server['HOST']}&port={server['PORT']}"
    return gunicorn(
        "segmenter.wsgi:application",
        *("--access-logfile", "-", "--workers", "1"),
        DATABASE_URL=address,
        DJANGO_SETTINGS_MODULE="segmenter.settings",
        SEGMENTER_SLOW_SECONDS="2",
        SEGMENTER_LOG_LEVEL="INFO",
    )[0]
