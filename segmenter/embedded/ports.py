"""Finds a free port for the web server and listens on it at once."""

from __future__ import annotations

import errno
import socket

from segmenter.embedded import ServiceError

TRIES = 50


def listen(host: str, port: int) -> tuple[socket.socket, int]:
    """Return a listening socket and its port: `port`, or the next free one.

    Raises ServiceError if none of the next fifty is free, or the host is not ours.
    """
    for candidate in range(port, min(port + TRIES, 65536)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                continue
            raise ServiceError(f"{host}:{candidate} cannot be used ({error.strerror}).") from error
        except OverflowError:
            break
        return listener, candidate
    raise ServiceError(f"No port from {port} to {port + TRIES - 1} is free on {host}.")
