"""All peers, opened together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Protocol

from bench.peers.clickhouse import ClickHouse
from bench.peers.duck import DuckDB
from bench.peers.polars_frames import Polars
from bench.peers.postgres import PostgreSQL
from bench.peers.queries import Bounds
from bench.store import Store


class Peer(Protocol):
    """A database that counts the ten segments."""

    name: str
    version: str

    def count(self, name: str) -> int: ...

    def close(self) -> None: ...


@contextmanager
def peers(store: Store, bounds: Bounds) -> Iterator[list[Peer]]:
    """All of them with the store's shop in them, loaded at the first use."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(kind(store, bounds)))
            for kind in (DuckDB, ClickHouse, Polars, PostgreSQL)
        ]
