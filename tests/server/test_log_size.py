"""No request writes more than 500 bytes of log, whatever is wrong with it."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import quote

import pytest

from segmenter.kernel.log_lines import MOST_BYTES, OneLine
from tests.server.conftest import Site

MOST = 500
LONG = "x" * 20_000
FORM = "application/x-www-form-urlencoded"


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    head = [line, "Connection: close", *headers]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def form(kind: str, body: bytes = b"username=a&password=b") -> bytes:
    cookie = "Cookie: csrftoken=" + "a" * 32
    return request("POST /sign-in HTTP/1.1", HOST, cookie, f"Content-Type: {kind}", body=body)


HOST = "Host: localhost"
HEALTHY = '2026-01-01T00:00:00Z 127.0.0.1 "GET /healthz" 200 2 10ms\n'
MULTIPART = b"--x\r\nContent-Disposition: form-data; name*=hex''%41\r\n\r\na\r\n--x--\r\n"
HOSTILE = {
    "nothing": b"\r\n\r\n",
    "nonsense": b"\xff" * 300 + b"\r\n\r\n",
    "no end": b"GET / HTTP/1.1\r\nHost: localhost\r\n",
    "not found": request(f"GET /{LONG} HTTP/1.1", HOST),
    "controls": request("GET /%0d%0aERROR%20fake%1b[31m HTTP/1.1", HOST),
    "letters": request(f"GET /{quote('é' * 3_000)} HTTP/1.1", HOST),
    "not utf-8": request(f"GET /{'%ff' * 5_000} HTTP/1.1", HOST),
    "NUL": request("GET /segments/%00/ HTTP/1.1", HOST),
    "query": request(f"GET /segments/?tag=%00{LONG} HTTP/1.1", HOST),
    "too long": request(f"GET /{LONG * 5} HTTP/1.1", HOST),
    "foreign host": request("GET / HTTP/1.1", f"Host: {LONG[:3_000]}.example"),
    "broken host": request("GET / HTTP/1.1", "Host: a b\"c' {}%s"),
    "two hosts": request("GET / HTTP/1.1", HOST, "Host: b"),
    "no host": request("GET / HTTP/1.0"),
    "forged form": request("POST /language HTTP/1.1", HOST, body=b"language=sv"),
    "forged origin": request(
        "POST /sign-in HTTP/1.1", HOST, f"Origin: https://{LONG[:900]}", body=b"a=b"
    ),
    "no key": request(f"GET /api/profiles?filter={LONG} HTTP/1.1", HOST),
    "bad key": request("GET /api/profiles HTTP/1.1", HOST, f"Authorization: Klaviyo {LONG}"),
    "method": request("BREW / HTTP/1.1", HOST),
    "static": request("GET /static/../../etc/passwd%00 HTTP/1.1", HOST),
    "cookies": request(
        "GET /segments/ HTTP/1.1", HOST, f"Cookie: sessionid={LONG}; csrftoken=\x7f; theme=<"
    ),
    "language": request("GET /sign-in HTTP/1.1", HOST, f"Accept-Language: {'xx-' * 3_000}"),
    "too large": request("POST /sign-in HTTP/1.1", HOST, "Content-Length: 90000000"),
    "both lengths": request(
        "POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked", body=b"0\r\n\r\n"
    ),
    "broken chunks": request("POST / HTTP/1.1", HOST, "Transfer-Encoding: chunked") + b"zz\r\n",
    "query in a charset": request(
        "GET /sign-in?a=%41 HTTP/1.1", HOST, "Content-Type: text/plain; charset=hex"
    ),
    "fields": form(FORM, b"a&" * 9_000),
    "multipart": form("multipart/form-data; boundary=x", MULTIPART),
    "boundary": form("multipart/form-data; boundary=" + "\xff" * 300),
    "content type": form("multipart/form-data; boundary*=idna''%41"),
    **{
        f"charset {name}": form(f"{kind}; charset={name}", MULTIPART)
        for name in ("hex", "zlib", "rot13", "idna", "utf-16", "utf-7", "punycode", LONG[:500])
        for kind in (FORM, "multipart/form-data; boundary=x")
    },
}


def test_no_request_of_a_stranger_writes_more_than_a_few_lines(pages: Site, tmp_path: Path) -> None:
    log = tmp_path / "gunicorn.log"
    for name, raw in HOSTILE.items():
        pages.get("/healthz")  # what the last request wrote is there now
        before = log.stat().st_size
        answer = pages.say(raw)
        assert not answer.startswith((b"HTTP/1.1 500", b"HTTP/1.0 500")), name
        assert b"Traceback" not in answer, name
        pages.get("/healthz")
        assert log.stat().st_size - before <= MOST + 2 * len(HEALTHY), name
    text = log.read_text(errors="replace")
    assert "Traceback" not in text
    assert '"GET /segments/" 400 ' in text  # there is a log of requests, without what was asked
    assert "tag=" not in text


def test_a_broken_page_writes_a_line_that_says_where(caplog: pytest.LogCaptureFixture) -> None:
    def deep(levels: int) -> None:
        if levels:
            deep(levels - 1)
        else:
            raise ValueError("x\n" * 5_000)

    try:
        deep(50)
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /%s", LONG)
    line = OneLine().format(caplog.records[-1])
    assert len(line.encode()) <= MOST_BYTES
    assert "\n" not in line
    assert "ERROR django.request Internal Server Error: /xxx" in line
    assert "| ValueError: x at test_log_size.py:" in line
