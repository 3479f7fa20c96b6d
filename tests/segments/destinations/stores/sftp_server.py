"""An SFTP server on this machine, made of paramiko's own server, with a folder as its root."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_OP_UNSUPPORTED

USER, PASSWORD = "segmenter", "pass word"


class SftpServer:
    """`has_posix_rename` is false for a server without OpenSSH's extension."""

    def __init__(self, root: Path, client_key: paramiko.PKey | None = None) -> None:
        self.root, self.client_key = root, client_key
        self.host_key: paramiko.PKey = paramiko.ECDSAKey.generate()
        self.has_posix_rename = True
        self.sign_ins = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._transports: list[paramiko.Transport] = []
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for transport in self._transports:
            transport.close()

    def _serve(self) -> None:
        while True:
            try:
                wire, _address = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(wire)
            self._transports.append(transport)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, self)
            with suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=_Doorman(self))


@contextmanager
def sftp_server(root: Path, client_key: paramiko.PKey | None = None) -> Iterator[SftpServer]:
    server = SftpServer(root, client_key)
    try:
        yield server
    finally:
        server.close()


class _Doorman(paramiko.ServerInterface):
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def check_auth_password(self, username: str, password: str) -> int:
        self._server.sign_ins += 1
        is_right = (username, password) == (USER, PASSWORD)
        return AUTH_SUCCESSFUL if is_right else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._server.sign_ins += 1
        is_right = (username, key) == (USER, self._server.client_key)
        return AUTH_SUCCESSFUL if is_right else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, doorman: paramiko.ServerInterface, server: SftpServer) -> None:
        super().__init__(doorman)
        self._server = server

    def open(
        self, path: str, flags: int, attr: paramiko.SFTPAttributes
    ) -> paramiko.SFTPHandle | int:
        try:
            number = os.open(self._real(path), flags, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        handle = paramiko.SFTPHandle(flags)
        handle.writefile = os.fdopen(number, "wb")  # type: ignore[attr-defined]
        return handle

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._real(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def remove(self, path: str) -> int:
        return self._do(lambda: os.remove(self._real(path)))

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._real(newpath).exists():
            return SFTP_FAILURE
        return self._do(lambda: os.rename(self._real(oldpath), self._real(newpath)))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if not self._server.has_posix_rename:
            return SFTP_OP_UNSUPPORTED
        return self._do(lambda: os.replace(self._real(oldpath), self._real(newpath)))

    def _do(self, action: object) -> int:
        try:
            action()  # type: ignore[operator]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK

    def _real(self, path: str) -> Path:
        return self._server.root / path.lstrip("/")
