"""One request over a real network: success, failure, and limits of time and size."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from segments.engine.addresses import Endpoint
from segments.engine.http_request import MOST_TEXT, Answer, context_for, send_request
from segments.models import Reason
from tests.segments.webhooks.conftest import receiver
from tests.segments.webhooks.receiver import CERTIFICATE, Receiver, reply

__all__ = ["receiver"]

HERE = ["127.0.0.1"]


def to(receiver: Receiver, host: str = "hooks.invalid", *, secure: bool = False) -> Endpoint:
    return Endpoint(secure, host, receiver.port, "/hook?a=1", True)


def request_to(receiver: Receiver, seconds: float = 5.0, **where: Any) -> Answer:
    return request_endpoint(to(receiver, **where), seconds=seconds)


def request_endpoint(
    endpoint: Endpoint, addresses: Sequence[str] = HERE, seconds: float = 5.0
) -> Answer:
    context = context_for(endpoint)
    return send_request(endpoint, addresses, {"x-a": "1"}, b"{}", context=context, seconds=seconds)


def test_it_goes_to_the_address_that_was_resolved_under_the_name_that_was_given(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    answer = request_to(receiver)
    assert (answer.error, answer.status, answer.text) == (None, 200, "ok")
    (request,) = receiver.received
    assert request.path == "/hook?a=1"
    assert request.body == b"{}"
    assert request.headers["host"] == f"hooks.invalid:{receiver.port}"
    assert request.headers["x-a"] == "1"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_a_success(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    assert request_to(receiver).error is None


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.STATUS),
        (404, Reason.STATUS),
        (410, Reason.GONE),
        (429, Reason.STATUS),
        (500, Reason.STATUS),
        (503, Reason.STATUS),
        (304, Reason.REDIRECT),
    ],
)
def test_anything_else_is_a_failure(receiver: Receiver, status: int, reason: Reason) -> None:
    receiver.answers = [status]
    answer = request_to(receiver)
    assert (answer.error, answer.status) == (reason, status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, status, Location=receiver.url)

    receiver.answers = [redirect, 200]
    assert request_to(receiver).error == Reason.REDIRECT
    assert len(receiver.received) == 1


def test_a_receiver_that_never_answers(receiver: Receiver) -> None:
    receiver.answers = [receiver.hang]
    answer = request_to(receiver, 0.2)
    assert (answer.error, answer.status) == (Reason.TIMEOUT, None)
    assert answer.seconds < 2


def test_a_receiver_that_answers_a_letter_at_a_time(receiver: Receiver) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-a: ")
        while not receiver.released.wait(0.02):
            handler.wfile.write(b"a")

    receiver.answers = [drip]
    answer = request_to(receiver, 0.4)
    assert (answer.error, answer.status) == (Reason.TIMEOUT, None)
    assert answer.seconds < 2


def test_an_endless_answer_is_read_for_64_kilobytes_and_kept_for_one(receiver: Receiver) -> None:
    chunks = []

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not receiver.released.is_set():
            handler.wfile.write(b"a" * 65536)
            chunks.append(1)

    receiver.answers = [flood]
    answer = request_to(receiver)
    assert (answer.error, answer.text) == (None, "a" * MOST_TEXT)
    assert answer.seconds < 2


def test_what_was_accepted_is_accepted_however_the_answer_ends(receiver: Receiver) -> None:
    def stop(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")
        receiver.hang(handler)

    receiver.answers = [stop]
    answer = request_to(receiver, 0.3)
    assert (answer.error, answer.status) == (None, 200)


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"hello", b"HTTP/1.1 abc\r\n\r\n", b"\x16\x03\x01"]
)
def test_answers_that_are_no_http(receiver: Receiver, raw: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(raw)

    receiver.answers = [answer]
    assert request_to(receiver).error in (Reason.PROTOCOL, Reason.CONNECTION)


@pytest.mark.parametrize(
    ("body", "stored_text"),
    [
        (b"a\x00b", "ab"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("😀".encode() * 2000, "😀" * MOST_TEXT),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_strange_answers_become_text_that_can_be_stored(
    receiver: Receiver, body: bytes, stored_text: str
) -> None:
    receiver.answers = [lambda handler: reply(handler, 500, body)]
    assert request_to(receiver).text == stored_text


def test_a_huge_head_is_a_failure(receiver: Receiver) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-a: " + b"a" * 100_000 + b"\r\n\r\n")

    receiver.answers = [flood]
    assert request_to(receiver).error == Reason.PROTOCOL


def test_nobody_is_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = request_endpoint(Endpoint(False, "a.invalid", port, "/", True))
    assert (answer.error, answer.status) == (Reason.CONNECTION, None)


def test_the_next_address_is_tried(receiver: Receiver) -> None:
    assert request_endpoint(to(receiver), ["127.0.0.2", *HERE]).error is None


# --- TLS -----------------------------------------------------------------------------------------


@pytest.fixture
def secure() -> Iterator[Receiver]:
    started = Receiver().start(tls=True)
    yield started
    started.stop()


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def test_a_certificate_for_the_name_is_good(secure: Receiver, trusted: None) -> None:
    answer = request_to(secure, host="localhost", secure=True)
    assert (answer.error, answer.status) == (None, 200)
    assert secure.names == ["localhost"]


def test_a_certificate_for_another_name_is_refused(secure: Receiver, trusted: None) -> None:
    for host in ("hooks.invalid", "127.0.0.1"):
        assert request_to(secure, host=host, secure=True).error == Reason.TLS
    assert secure.received == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Receiver) -> None:
    answer = request_to(secure, host="localhost", secure=True)
    assert answer.error == Reason.TLS
    assert "CERTIFICATE_VERIFY_FAILED" in answer.text
    assert secure.received == []


def test_plain_http_behind_https_is_refused(receiver: Receiver) -> None:
    assert request_to(receiver, host="localhost", secure=True).error == Reason.TLS


def test_a_handshake_that_never_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = Endpoint(True, "localhost", silent.getsockname()[1], "/", True)
        answer = request_endpoint(endpoint, seconds=0.2)
    assert answer.error == Reason.TIMEOUT
    assert answer.seconds < 2
