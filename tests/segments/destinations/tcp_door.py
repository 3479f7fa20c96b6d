"""A TCP port on this machine that leads to the test server's socket, and can be shut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class TcpDoor:
    """Forwards connections to a PostgreSQL; `shut` cuts them and lets nobody in."""

    def __init__(self, target: str, port: int) -> None:
        """`target` is a host, or the folder of a Unix socket."""
        self._target, self._target_port = target, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._wires: list[socket.socket] = []
        self.is_shut = False
        self.connections = 0
        """How many there ever were."""
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.shut()
        self._listener.close()

    def shut(self) -> None:
        self.is_shut = True
        for wire in self._wires:
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()
        self._wires.clear()

    def open(self) -> None:
        self.is_shut = False

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            if self.is_shut:
                client.close()
                continue
            self.connections += 1
            server = self._connect()
            self._wires += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()

    def _connect(self) -> socket.socket:
        if not self._target.startswith("/"):
            return socket.create_connection((self._target, self._target_port))
        wire = socket.socket(socket.AF_UNIX)
        wire.connect(f"{self._target}/.s.PGSQL.{self._target_port}")
        return wire


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
