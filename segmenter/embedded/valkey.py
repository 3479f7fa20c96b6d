"""The Valkey (or Redis) server of a data folder. It only wakes workers: nothing is stored.

Methods except `url` and `broker_url` need the lease (see leases.py).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from segmenter.embedded import ServiceError
from segmenter.embedded.binaries import find_valkey
from segmenter.embedded.folder import DataFolder, remove_socket_folder, socket_folder
from segmenter.embedded.locks import end_holder, lives, try_lock

START_SECONDS = 20.0
STOP_SECONDS = 5.0
SOCKET = "valkey.sock"


class ValkeyServer:
    """The server of one data folder, on a Unix socket in a private folder."""

    def __init__(self, data: DataFolder) -> None:
        self.data = data
        self.lock = data.run / "valkey.lock"
        self.note = data.run / "valkey.socket"
        """A file with the path of the last server's socket."""
        self.pid_file = data.run / "valkey.pid"
        """Written by the server itself."""
        self.process: subprocess.Popen[bytes] | None = None
        self.started = False

    def ensure(self) -> None:
        """Start the server if needed, and wait until it answers."""
        deadline = time.monotonic() + START_SECONDS
        while (lock := try_lock(self.lock)) is None:
            if self.answers():
                return
            if time.monotonic() > deadline:
                raise ServiceError(self._failure())
            time.sleep(0.01)
        try:
            self._start(lock)
        finally:
            os.close(lock)
        while not self.answers():
            if self.process is None or self.process.poll() is not None:
                raise ServiceError(self._failure())
            if time.monotonic() > deadline:
                raise ServiceError(self._failure())
            time.sleep(0.005)
        self.started = True

    def describe(self) -> str:
        """Describe whether we started it."""
        return "started" if self.started else "found running"

    @property
    def url(self) -> str:
        """The URL of the running server for redis-py."""
        return f"unix://{quote(str(self._socket()), safe='/')}"

    @property
    def broker_url(self) -> str:
        """The URL of the running server for Celery."""
        return f"redis+socket://{quote(str(self._socket()), safe='/')}"

    def answers(self) -> bool:
        """Whether the server answers commands."""
        if self.process is not None and self.process.poll() is not None:
            return False
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self._socket()))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server and wait until it has ended."""
        signals = {signal.SIGTERM: STOP_SECONDS, signal.SIGKILL: STOP_SECONDS}
        end_holder(self.lock, self._pid, signals)
        if self.process is not None:
            self.process.terminate()  # nothing to do unless the data folder was deleted
            self.process.wait()
            self.process = None
        remove_socket_folder(self._socket().parent)

    def _start(self, lock: int) -> None:
        program = find_valkey()
        path = socket_folder(self.data.run / "valkey", SOCKET) / SOCKET
        path.unlink(missing_ok=True)  # safe: we have the server's lock
        self.pid_file.unlink(missing_ok=True)
        self.note.write_text(f"{path}\n")
        options = {
            "pidfile": str(self.pid_file),
            "port": "0",
            "unixsocket": str(path),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
            "dir": str(path.parent),
        }
        command: list[str | Path] = [program]
        for name, value in options.items():
            command += [f"--{name}", value]
        log = self.data.open_log("valkey")
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                pass_fds=[lock],
                start_new_session=True,
            )
        finally:
            os.close(log)

    def _socket(self) -> Path:
        try:
            return Path(self.note.read_text().strip() or "/nowhere")
        except FileNotFoundError:
            return Path("/nowhere")

    def _pid(self) -> int | None:
        try:
            pid = int(self.pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return self.process.pid if self.process else None
        return pid if lives(pid) else None

    def _failure(self) -> str:
        return (
            f"Valkey did not start. The end of {self.data.logs / 'valkey.log'}:\n"
            + self.data.log_tail("valkey")
        )
