"""Serves the pages of the demo's shop. For one machine, and for nobody else."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PAGES = Path(__file__).with_name("pages")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class DemoShopServer(ThreadingHTTPServer):
    """The server: `serve_forever` runs it on a socket that listens already."""

    daemon_threads = True

    def __init__(
        self,
        listener: socket.socket,
        *,
        server: str,
        site_key: str,
        list_personas: Callable[[], Sequence[Mapping[str, str]]],
    ) -> None:
        """`server` is the address of Segmenter, such as "http://127.0.0.1:8000"."""
        super().__init__(("", 0), _ShopHandler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_address = listener.getsockname()
        self.server_name, self.server_port = "shop", 0
        self.script = f"{server}/onsite/js/{site_key}/klaviyo.js"
        self.policy = (
            f"default-src 'none'; script-src 'self' {server}; connect-src 'self' {server};"
            " style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
        )
        self.list_personas = list_personas
        self.files = {path.name: path for path in PAGES.iterdir() if path.suffix in TYPES}


class _ShopHandler(BaseHTTPRequestHandler):
    server: DemoShopServer

    def do_GET(self) -> None:
        """Answer with a page, a file beside it, or the list of people."""
        name = urlsplit(self.path).path.strip("/") or "index.html"
        if name == "personas.json":
            return self._answer(json.dumps(list(self.server.list_personas())), "application/json")
        path = self.server.files.get(name)
        if path is None:
            return self._answer("There is no such page.", "text/plain; charset=utf-8", 404)
        text = path.read_text(encoding="utf-8").replace("{{ script }}", self.server.script)
        self._answer(text, TYPES[path.suffix])

    def _answer(self, text: str, type_: str, status: int = 200) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Write nothing: the addresses hold tokens."""
