"""What a client of the server may rely on: connections, lengths, refusals, the log, the end."""

from __future__ import annotations

import http.client
import json
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.application import Application
from tests.server.conftest import Site, eventually, everything

END = b"Host: localhost\r\n\r\n"
SECOND = b"GET /second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def ask(client: http.client.HTTPConnection, *request: Any, **more: Any) -> tuple[int, Any, bytes]:
    client.request(*request, **more)
    answer = client.getresponse()
    return answer.status, answer.headers, answer.read()


def test_a_connection_is_kept_over_answers_of_all_kinds(serve: Callable[..., Site]) -> None:
    client = serve().client()
    client.connect()
    sock = client.sock
    for method, path, status in (
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/204", 204),
        ("GET", "/304", 304),
        ("POST", "/404", 404),
        ("GET", "/500", 500),
    ):
        got, headers, body = ask(client, method, path, body=b"x" if method == "POST" else None)
        assert got == status
        assert headers["Connection"] is None
        assert bool(body) is (method != "HEAD" and status not in (204, 304))
        assert client.sock is sock
    client.close()


def test_requests_sent_together_are_answered_in_order(serve: Callable[..., Site]) -> None:
    one = b"GET /%d HTTP/1.1\r\n" + END
    raw = serve().say(b"".join(one % status for status in (203, 202, 201)) + SECOND)
    answers = [answer[:3] for answer in raw.split(b"HTTP/1.1 ")[1:]]
    assert answers == [b"203", b"202", b"201", b"200"]


def test_a_head_of_a_long_answer_has_no_body(serve: Callable[..., Site]) -> None:
    answer = serve().say(b"HEAD /long?pieces=2 HTTP/1.1\r\n" + END)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")
    assert answer.count(b"\r\n\r\n") == 1


@pytest.mark.parametrize("size", [1_001, 200_000, 60_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_too_large_is_refused_by_the_application_and_the_connection_says_that_it_ends(
    serve: Callable[..., Site], size: int, chunked: bool
) -> None:
    client = serve(body_bytes=1_000).client()
    body = (b"x" * part for part in [size]) if chunked else b"x" * size
    status, headers, content = ask(client, "POST", "/413", body=body, encode_chunked=chunked)
    report = json.loads(content)
    assert status == 413
    assert report["read"] == 0
    assert int(report["announced"]) > 1_000
    assert headers["Connection"] == "close"
    assert ask(client, "GET", "/")[0] == 200


def test_a_large_body_comes_only_after_the_application_agreed(serve: Callable[..., Site]) -> None:
    site = serve(Application(member=300_000), body_bytes=1_000)
    client = site.client()
    for cookie, size, status in (
        ("member", 200_000, 200_000),
        ("stranger", 200_000, 0),
        ("member", 300_001, 0),
        ("member", 900, 900),
    ):
        answer = ask(client, "POST", "/", body=b"x" * size, headers={"Cookie": cookie})
        assert json.loads(answer[2])["read"] == status


@pytest.mark.parametrize(("cookie", "first"), [("member", b"100"), ("stranger", b"200")])
def test_a_client_that_asks_before_it_sends_is_told(
    serve: Callable[..., Site], cookie: str, first: bytes
) -> None:
    site = serve(Application(member=300_000), body_bytes=1_000)
    head = f"POST / HTTP/1.1\r\nCookie: {cookie}\r\nContent-Length: 2000\r\n".encode()
    with site.connect() as sock:
        sock.sendall(head + b"Expect: 100-continue\r\nConnection: close\r\n" + END)
        begin = sock.recv(12)
        assert begin == b"HTTP/1.1 " + first
        if cookie == "member":
            sock.sendall(b"x" * 2_000)
            assert b'"read": 2000' in everything(sock)


def test_too_many_large_bodies_are_told_to_come_again(serve: Callable[..., Site]) -> None:
    site = serve(Application(member=300_000), body_bytes=1_000, large_bodies=1)
    head = b"POST / HTTP/1.1\r\nCookie: member\r\nContent-Length: 2000\r\n" + END
    with site.connect() as first:
        first.sendall(head + b"x" * 1_500)
        refused: list[bytes] = []

        def is_refused() -> bool:
            refused.append(site.say(head[:-2] + b"Connection: close\r\n\r\n" + b"x" * 2_000))
            return b" 503 " in refused[-1]

        eventually(is_refused)
        assert b"Retry-After: 30\r\n" in refused[-1]
        first.sendall(b"x" * 500)
        assert b" 200 " in first.recv(1_000)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5_0\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length : 5\r\n",
        b"Content-Length: 5\nX: y\r\n",
        b" Content-Length: 5\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: a\0b\r\n",
    ],
)
def test_a_request_of_doubtful_length_is_refused_and_nothing_after_it_is_read(
    serve: Callable[..., Site], head: bytes
) -> None:
    answer = serve().say(b"POST / HTTP/1.1\r\n" + head + END + b"0\r\n\r\n" + SECOND)
    assert answer[9:12] in {b"400", b"501"}
    assert answer.count(b"HTTP/1.1 ") + answer.count(b"HTTP/1.0 ") == 1
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n" + END,
        b"POST / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/2.0\r\n" + END,
        b"GET /\r\n" + END,
        b"GET  / HTTP/1.1\r\n" + END,
        b"GET /\x00 HTTP/1.1\n" + END,
        b"nonsense\r\n" + END,
    ],
)
def test_what_is_no_request_of_http_1_is_refused(serve: Callable[..., Site], raw: bytes) -> None:
    answer = serve(slow_seconds=0.3).say(raw + b"5\r\nGET /\r\n0\r\n\r\n" + SECOND)
    assert b"/second" not in answer
    assert not answer or answer[9:12] in {b"400", b"501", b"505"}


@pytest.mark.parametrize("body", [b"5;" + b"x" * 9_000, b"zz\r\n", b"-1\r\n", b"1\r\nab\r\n"])
def test_broken_chunks_are_refused(serve: Callable[..., Site], body: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + END
    assert serve().say(head + body + SECOND)[9:12] == b"400"


def test_a_long_filter_fits_into_the_address(serve: Callable[..., Site]) -> None:
    site = serve()
    status, _headers, content = ask(site.client(), "GET", "/?filter=" + "%22" * 20_000)
    assert (status, json.loads(content)["query"]) == (200, 60_007)
    assert site.say(b"GET /?" + b"x" * 70_000 + b" HTTP/1.1\r\n" + END)[9:12] == b"431"


def test_the_application_sees_the_connections_address_and_what_proxies_wrote(
    serve: Callable[..., Site],
) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9, 10.0.0.1", "X-Forwarded-Proto": "https"}
    report = json.loads(ask(serve().client(), "GET", "/", headers=headers)[2])
    assert report["address"] == "127.0.0.1"
    assert report["forwarded"] == "203.0.113.9, 10.0.0.1"
    assert report["scheme"] == "http"  # nobody there is trusted here


def test_the_log_of_requests_has_no_query_and_short_lines(serve: Callable[..., Site]) -> None:
    site = serve()
    site.get("/profiles/?q=anna%40example.com")
    site.say(b"GET /" + b"%C3%A9" * 9_000 + b" HTTP/1.1\r\nConnection: close\r\n" + END)
    site.say(b"GET /%0a%1b[31m%22 HTTP/1.1\r\nConnection: close\r\n" + END)
    site.say(b"nonsense\r\n\r\n")
    eventually(lambda: len(site.access) == 4)
    assert '"GET /profiles/" 200 ' in site.access[0]
    assert "anna" not in "".join(site.access)
    assert max(len(line.encode()) for line in site.access) <= 200
    assert all(line.isprintable() for line in site.access)


def test_a_process_that_is_told_to_end_answers_first(
    gunicorn: Callable[..., tuple[Site, Any]], tmp_path: Path
) -> None:
    site, process = gunicorn(
        "tests.server.application:application",
        *("-c", "/dev/null", "-k", "segmenter.server.worker.BufferedWorker", "--workers", "1"),
    )
    answered: list[float] = []
    thread = threading.Thread(target=lambda: answered.append(site.get("/wait?seconds=1")))
    idle = site.client()
    assert ask(idle, "GET", "/")[0] == 200
    thread.start()
    eventually(lambda: json.loads(ask(site.client(), "GET", "/")[2])["waiting"] == 1)
    process.send_signal(signal.SIGTERM)
    eventually(lambda: ask(idle, "GET", "/")[1]["Connection"] == "close")
    thread.join()
    process.wait(10)
    assert answered
    assert process.returncode == 0
