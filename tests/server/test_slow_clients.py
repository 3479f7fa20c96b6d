"""Slow senders and readers delay nobody else, and slow connections end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.server.application import PIECE, Application
from tests.server.conftest import Site, eventually, everything, is_closed

SLOW_SECONDS = 2.0
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
SENDERS = {
    "silent": (b"", b""),
    "a head that never ends": (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b""),
    "a head, byte by byte": (b"GET / HTTP/1.1\r\nX: ", b"x"),
    "an announced body that does not come": (HEAD + b"Content-Length: 1000\r\n\r\nabc", b""),
    "a body, byte by byte": (HEAD + b"Content-Length: 900000\r\n\r\n", b"x"),
    "chunks, byte by byte": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "a chunk's size that never ends": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
}


def read_slowly(site: Site, pieces: int) -> socket.socket:
    """Ask for a long answer and read nothing of it."""
    sock = site.connect(receive=4_096)
    sock.sendall(b"GET /long?pieces=%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % pieces)
    return sock


def test_two_hundred_slow_senders_and_fifty_slow_readers_hold_nobody_up(
    gunicorn: Callable[..., tuple[Site, Any]],
) -> None:
    site, _process = gunicorn(
        "tests.server.application:application",
        *("-c", "/dev/null", "-k", "segmenter.server.worker.BufferedWorker", "--preload"),
        *("--workers", "2", "--threads", "4"),
        SEGMENTER_SLOW_SECONDS=str(SLOW_SECONDS),
    )
    kinds = list(SENDERS.values()) * 29
    senders = {site.connect(): more for _begin, more in kinds[:200]}
    start = time.monotonic()
    for sock, (begin, _more) in zip(senders, kinds[:200], strict=True):
        sock.sendall(begin)
    readers = [read_slowly(site, 320) for _ in range(50)]
    durations: list[float] = []
    while senders or readers:
        for sock, more in list(senders.items()):
            if is_closed(sock):
                senders.pop(sock).strip()
                sock.close()
            elif more:
                try:
                    sock.send(more)
                except OSError:
                    continue
        readers = [sock for sock in readers if not _is_ended(sock)]
        durations.append(site.get())
        assert time.monotonic() - start < 8 * SLOW_SECONDS, (len(senders), len(readers))
    assert len(durations) > 5
    assert max(durations) < 1.0


def _is_ended(sock: socket.socket) -> bool:
    """Whether the connection is gone, without reading: a little is read where it was refused."""
    try:
        begin = sock.recv(12, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        if begin.startswith(b"HTTP/1.1 503"):
            assert b"Retry-After" in everything(sock)
            return True
        sock.setblocking(False)
        return sock.send(b"x") < 0
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("kind", list(SENDERS))
def test_a_slow_sender_is_cut_off(serve: Callable[..., Site], kind: str) -> None:
    site = serve(slow_seconds=0.4, slow_bytes=2_000)
    begin, more = SENDERS[kind]
    with site.connect() as sock:
        sock.sendall(begin)
        start = time.monotonic()
        while not is_closed(sock):
            sock.setblocking(True)
            if more:
                sock.send(more)
            assert time.monotonic() - start < 5
            time.sleep(0.02)


def test_a_slow_reader_is_cut_off_and_an_honest_one_is_not(serve: Callable[..., Site]) -> None:
    site = serve(slow_seconds=0.5, slow_bytes=100_000)
    with site.connect(receive=65_536) as honest, read_slowly(site, 320) as stalled:
        honest.sendall(b"GET /long?pieces=40 HTTP/1.0\r\n\r\n")
        size, start = 0, time.monotonic()
        while piece := honest.recv(65_536):
            size += len(piece)
            time.sleep(0.05)
        assert time.monotonic() - start > 1.5
        assert size > 40 * len(PIECE)
        eventually(lambda: _is_ended(stalled))


def test_a_body_that_comes_steadily_is_taken_and_takes_no_thread(
    serve: Callable[..., Site],
) -> None:
    site = serve(threads=1, slow_seconds=0.4, slow_bytes=2_000)
    with site.connect() as sock:
        sock.sendall(HEAD + b"Content-Length: 60000\r\nConnection: close\r\n\r\n")
        for _ in range(60):
            sock.sendall(b"x" * 1_000)
            assert site.get() < 1
            time.sleep(0.02)
        assert b'"read": 60000' in everything(sock)


def test_long_answers_take_no_thread_from_the_others_and_wait_for_their_readers_on_disk(
    serve: Callable[..., Site],
) -> None:
    application = Application()
    site = serve(application, threads=1, long_threads=1, slow_seconds=20)
    readers = [read_slowly(site, 160) for _ in range(3)]
    eventually(lambda: len(application.closed) == 3)
    assert site.get() < 1
    for sock in readers:
        assert everything(sock).endswith(b"\r\n0\r\n\r\n")
        sock.close()


def test_too_many_long_answers_are_told_to_come_again(serve: Callable[..., Site]) -> None:
    site = serve(long_answers=2, slow_seconds=0.5, retry_seconds=7)
    readers = [read_slowly(site, 160) for _ in range(2)]
    with site.connect() as first:
        for sock in readers:  # both are on their way
            sock.recv(1)
        first.sendall(b"GET /long?pieces=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        refused = everything(first)
    assert refused.startswith(b"HTTP/1.1 503")
    assert b"Retry-After: 7\r\n" in refused
    assert b"Connection: close" in refused
    eventually(lambda: all(_is_ended(sock) for sock in readers))
    eventually(lambda: site.say(b"GET /long?pieces=1 HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200"))


def test_an_answer_waits_for_its_reader_where_so_much_is_unread(
    serve: Callable[..., Site],
) -> None:
    application = Application()
    site = serve(application, answer_bytes=1_000_000, slow_seconds=20)
    with read_slowly(site, 320) as sock:
        assert site.get() < 1
        assert not application.closed
        assert len(everything(sock)) > 320 * len(PIECE)
    assert application.closed


def test_a_reader_that_goes_away_ends_the_answer(serve: Callable[..., Site]) -> None:
    application = Application()
    site = serve(application, answer_bytes=1_000_000, slow_seconds=0.5)
    read_slowly(site, 1_000).close()
    eventually(lambda: application.closed)


def test_one_connection_too_many_takes_the_place_of_the_oldest_unfinished(
    serve: Callable[..., Site],
) -> None:
    site = serve(connections=5, slow_seconds=20)
    idle = [site.connect() for _ in range(12)]
    for sock in idle:
        sock.sendall(b"GET / HT")
    assert site.get() < 1
    eventually(lambda: sum(map(is_closed, idle)) >= 7)
    for sock in idle:
        sock.close()


def test_unfinished_bodies_are_bounded_together(serve: Callable[..., Site]) -> None:
    site = serve(bodies_bytes=3_000_000, slow_seconds=20)
    socks = [site.connect() for _ in range(4)]
    for sock in socks:
        sock.sendall(HEAD + b"Content-Length: 2000000\r\n\r\n" + b"x" * 1_500_000)
    eventually(lambda: sum(map(is_closed, socks)) == 2)
    for sock in socks:
        sock.close()


def test_a_request_that_is_being_answered_has_no_limit(serve: Callable[..., Site]) -> None:
    application = Application()
    site = serve(application, slow_seconds=0.2, slow_bytes=1_000)
    threading.Timer(1.5, application.go_on.set).start()
    assert site.get("/wait") > 1.4
