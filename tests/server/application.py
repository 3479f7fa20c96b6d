"""A WSGI application without Django that shows what a server gave it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

PIECE = b"x" * 65_536


class Application:
    """`/long?pieces=N` has an unknown length; `/wait` goes on at `go_on`; others echo."""

    def __init__(self, **large: int) -> None:
        self.go_on = threading.Event()
        self.closed: list[str] = []
        self.waiting = 0
        self._large = large

    def body_limit(self, environ: dict[str, Any]) -> int:
        return self._large.get(environ.get("HTTP_COOKIE", ""), 1_000)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        status = path[1:] if path[1:].isdecimal() else "200"
        if path == "/long":
            start_response("200 OK", [("Content-Type", "text/csv")])
            return self._pieces(int(parse_qs(environ["QUERY_STRING"])["pieces"][0]))
        if path == "/wait":
            self.waiting += 1
            seconds = parse_qs(environ["QUERY_STRING"]).get("seconds", ["10"])[0]
            self.go_on.wait(float(seconds))
        body = environ["wsgi.input"].read()
        answer = {
            "read": len(body),
            "waiting": self.waiting,
            "announced": environ.get("CONTENT_LENGTH", ""),
            "method": environ["REQUEST_METHOD"],
            "path": path,
            "query": len(environ["QUERY_STRING"]),
            "forwarded": environ.get("HTTP_X_FORWARDED_FOR", ""),
            "address": environ["REMOTE_ADDR"],
            "scheme": environ["wsgi.url_scheme"],
        }
        content = b"" if status in {"204", "304"} else json.dumps(answer).encode()
        headers = [] if not content else [("Content-Length", str(len(content)))]
        start_response(f"{status} Said", headers)
        return [content]

    def _pieces(self, count: int) -> Iterator[bytes]:
        try:
            for _ in range(count):
                yield PIECE
        finally:
            self.closed.append("long")


application = Application()
