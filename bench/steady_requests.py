"""Requests that are due at a steady rate, whatever the answers take, over a few connections.

The time of each runs from the instant at which it was due, so that what has to wait for a
connection counts. The program takes its processor time from the same machine as the server.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Thread

from bench.client import Client

CONNECTIONS = 8
Send = Callable[[Client, int], None]
"""Sends the request with a number and raises AssertionError if its answer is not right."""


def durations_of(
    send: Send, client: Callable[[], Client], *, requests: int, rate: int
) -> list[float]:
    """Return the seconds that each request took, in no order. Raises AssertionError."""
    durations: list[float] = []
    begin = time.perf_counter() + 0.2

    def ask(first: int) -> None:
        connection = client()
        for place in range(first, requests, CONNECTIONS):
            due = begin + place / rate
            wait = due - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            send(connection, place)
            durations.append(time.perf_counter() - due)
        connection.close()

    threads = [Thread(target=ask, args=(first,)) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(durations) < requests:
        raise AssertionError(f"{len(durations)} of {requests} requests were answered")
    return durations


def percentiles(name: str, durations: list[float]) -> Iterator[tuple[str, float, str]]:
    """Yield figures of a kind of requests: half, nearly all, and the slowest."""
    ascending = sorted(seconds * 1000 for seconds in durations)
    for percent in (50, 95, 99):
        yield f"{name}: p{percent}", ascending[len(ascending) * percent // 100], "ms"
    yield f"{name}: slowest", ascending[-1], "ms"
