"""Meta and Google as real HTTP servers on this machine that speak their documented protocols."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]


class StandIn:
    """A server whose audience is `people`, sets of hashes. `answers` are given first, in turn."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any, str]] = []
        """Method, path, body as it was understood, authorization."""
        self.answers: list[Answer | Callable[[], Answer]] = []
        self.people: set[str] = set()
        self.lock = threading.Lock()

    def start(self) -> StandIn:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                with stand_in.lock:
                    status, document, *more = stand_in.handle(
                        self.command, self.path, body, self.headers
                    )
                content = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def handle(self, method: str, path: str, body: bytes, headers: Any) -> Any:
        understood = self.understand(path, body)
        self.requests.append((method, path, understood, headers.get("authorization", "")))
        if self.answers:
            answer = self.answers.pop(0)
            return answer() if callable(answer) else answer
        return self.act(method, path, understood)

    def understand(self, path: str, body: bytes) -> Any:
        return json.loads(body) if body else None

    def act(self, method: str, path: str, document: Any) -> Any:
        raise NotImplementedError

    def sent(self, method: str) -> list[Any]:
        """The bodies of what was sent by a method."""
        return [body for how, _path, body, _token in self.requests if how == method]


class Meta(StandIn):
    """graph.facebook.com: /<version>/<audience> and /<version>/<audience>/users."""

    def understand(self, path: str, body: bytes) -> Any:
        return {name: json.loads(values[0]) for name, values in parse_qs(body.decode()).items()}

    def act(self, method: str, path: str, document: Any) -> Any:
        audience = path.split("/")[2].split("?")[0]
        if method == "GET":
            return 200, {"id": audience, "subtype": "CUSTOM"}
        rows = document["payload"]["data"]
        assert len(rows) <= 10_000
        hashes = {cell for row in rows for cell in row[:2] if cell}
        assert all(len(cell) == 64 for cell in hashes)
        if method == "POST":
            self.people |= hashes
        else:
            self.people -= hashes
        return 200, {
            "audience_id": audience,
            "session_id": str(document["session"]["session_id"]),
            "num_received": len(rows),
            "num_invalid_entries": 0,
            "invalid_entry_samples": {},
        }


class Google(StandIn):
    """datamanager.googleapis.com and oauth2.googleapis.com in one."""

    outcomes: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self.outcomes = []

    def understand(self, path: str, body: bytes) -> Any:
        if path == "/token":
            return {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return super().understand(path, body)

    def act(self, method: str, path: str, document: Any) -> Any:
        if path == "/token":
            return 200, {"access_token": "ya29.short", "expires_in": 3599, "token_type": "Bearer"}
        if urlsplit(path).path == "/v1/requestStatus:retrieve":
            state = self.outcomes.pop(0) if self.outcomes else {"requestStatus": "SUCCESS"}
            return 200, {"requestStatusPerDestination": [state]}
        members = document["audienceMembers"]
        assert len(members) <= 10_000
        assert document["encoding"] == "HEX"
        if not document.get("validateOnly"):
            for member in members:
                for identifier in member["userData"]["userIdentifiers"]:
                    [(kind, value)] = identifier.items()
                    if kind != "address":
                        change = self.people.add if "ingest" in path else self.people.discard
                        change(value)
        return 200, {"requestId": f"request-{len(self.requests)}"}
