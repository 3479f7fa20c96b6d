"""Reading one step ahead: while the last result is worked on, the database makes the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Q = TypeVar("Q")
R = TypeVar("R")


def ahead(read: Callable[[Q], R], questions: Iterable[Q]) -> Iterator[R]:
    """The result of `read` for each question, in order; the next one is read meanwhile.

    By another connection, so that inside a transaction each waits for the one before instead.
    """
    if connection.in_atomic_block:
        yield from map(read, questions)
        return
    with ThreadPoolExecutor(1) as reader:
        try:
            waiting = None
            for question in questions:
                following = reader.submit(read, question)
                if waiting is not None:
                    yield waiting.result()
                waiting = following
            if waiting is not None:
                yield waiting.result()
        finally:
            reader.submit(lambda: connection.close()).result()  # the reader's own
