"""A small mail server (SMTP) for tests: it keeps what it is sent and refuses what it is told to."""

from __future__ import annotations

import socketserver
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from types import TracebackType


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline():
            command = line.decode().strip()
            verb = command.upper()
            if verb.startswith("QUIT"):
                self._say("221 bye")
                return
            if verb.startswith("RCPT TO:"):
                address = command[8:].strip().strip("<>").partition(">")[0]
                self._say(self.server.refused.get(address, "250 ok"))
            elif verb == "DATA":
                self._say("354 go on")
                self._keep()
                self._say("250 ok")
            else:
                self._say("250 ok")

    def _keep(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.server.messages.append(message)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.messages: list[EmailMessage] = []
        self.refused: dict[str, str] = {}


class MailServer:
    """A running server: `messages` it took, and `refused` addresses with the answer they get."""

    def __enter__(self) -> MailServer:
        self._server = _Server()
        self.messages, self.refused = self._server.messages, self._server.refused
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
