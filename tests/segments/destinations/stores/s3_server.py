"""A store that speaks the part of S3 that is used, and checks each signature by itself.

From Amazon's description of Signature Version 4 and of multipart uploads, not from the code.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

KEY, SECRET, REGION = "AKIAEXAMPLE", "secret/with+signs", "eu-north-1"


class S3Server(ThreadingHTTPServer):
    """`objects` are by bucket and key; `faults` are statuses that are answered first, in turn."""

    daemon_threads = True

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.faults: list[int] = []
        self.largest = 0
        """Bytes of the largest body."""
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def s3_server() -> Iterator[S3Server]:
    server = S3Server()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: S3Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_PUT(self) -> None:
        body, query = self._body(), self._query()
        if not self._is_welcome(body):
            return
        if "uploadId" in query:
            self.server.uploads[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.server.objects[self._object()] = body
        self._answer(200, headers={"ETag": _tag(body)})

    def do_POST(self) -> None:
        body, query = self._body(), self._query()
        if not self._is_welcome(body):
            return
        if "uploads" in query:
            upload = f"up/{len(self.server.uploads)}+"
            self.server.uploads[upload] = {}
            self._answer(200, f"<R><UploadId>{upload}</UploadId></R>")
            return
        parts = self.server.uploads.pop(query["uploadId"])
        parts_in_body = re.findall(rb"<PartNumber>(\d+)</PartNumber><ETag>([^<]+)</ETag>", body)
        known = [(str(place).encode(), _tag(part).encode()) for place, part in parts.items()]
        if [(place, tag.replace(b"&quot;", b'"')) for place, tag in parts_in_body] != sorted(known):
            self._answer(400, "<Error><Code>InvalidPart</Code></Error>")
            return
        self.server.objects[self._object()] = b"".join(parts[place] for place in sorted(parts))
        self._answer(200, "<R/>")

    def do_DELETE(self) -> None:
        query = self._query()
        if not self._is_welcome(self._body()):
            return
        if "uploadId" in query:
            self.server.uploads.pop(query["uploadId"], None)
        else:
            self.server.objects.pop(self._object(), None)
        self._answer(204)

    def _is_welcome(self, body: bytes) -> bool:
        self.server.largest = max(self.server.largest, len(body))
        if self.server.faults:
            status = self.server.faults.pop(0)
            if status:
                self._answer(status, "<Error><Code>Fault</Code></Error>")
                return False
        code = self._wrong(body)
        if code:
            self._answer(403, f"<Error><Code>{code}</Code></Error>")
        return not code

    def _wrong(self, body: bytes) -> str:
        match = re.fullmatch(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/([0-9]{8}/([^/]+)/s3/aws4_request), "
            "SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
            self.headers.get("authorization", ""),
        )
        if match is None or match[1] != KEY:
            return "InvalidAccessKeyId"
        if match[3] != REGION:
            return "AuthorizationHeaderMalformed"
        if hashlib.sha256(body).hexdigest() != self.headers["x-amz-content-sha256"]:
            return "XAmzContentSHA256Mismatch"
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(match[4].split(";")):
            return "AccessDenied"
        url = urlsplit(self.path)
        pairs = sorted(parse_qsl(url.query, keep_blank_values=True))
        query = "&".join(f"{quote(key, '')}={quote(value, '')}" for key, value in pairs)
        lines = [f"{name}:{self.headers[name].strip()}" for name in match[4].split(";")]
        canonical = [self.command, quote(unquote(url.path)), query, *lines, ""]
        canonical += [match[4], self.headers["x-amz-content-sha256"]]
        digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{self.headers['x-amz-date']}\n{match[2]}\n{digest}"
        key = b"AWS4" + SECRET.encode()
        for part in match[2].split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return "" if signature == match[5] else "SignatureDoesNotMatch"

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def _query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    def _object(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def _answer(self, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _tag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
