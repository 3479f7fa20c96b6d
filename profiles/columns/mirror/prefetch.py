"""Prefetch: the database computes the next result while the last one is processed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Q = TypeVar("Q")
R = TypeVar("R")


def read_ahead(read: Callable[[Q], R], queries: Iterable[Q]) -> Iterator[R]:
    """The result of `read` for each query, in order; the next one is read meanwhile.

    It uses another connection, which would not see an open transaction: inside one, results are
    read one after the other.
    """
    if connection.in_atomic_block:
        yield from map(read, queries)
        return
    with ThreadPoolExecutor(1) as reader:
        try:
            pending = None
            for query in queries:
                next_result = reader.submit(read, query)
                if pending is not None:
                    yield pending.result()
                pending = next_result
            if pending is not None:
                yield pending.result()
        finally:
            reader.submit(lambda: connection.close()).result()  # the reader's own connection
