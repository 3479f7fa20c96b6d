"""One instant of the database, read by a connection of its own.

Everything read from it is of the same snapshot, however long that takes; meanwhile the thread's
usual connection writes what became of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg.sql as sql
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from segmenter.kernel.clock import database_now

PART = 2_000_000
"""Bytes of rows that are handed on together."""
IDLE_SECONDS = 60
"""After so long without a query the database ends the snapshot. Else a migration that waits for
the snapshot's locks, while the other connection waits for the migration's, would wait for ever."""


class DatabaseSnapshot:
    """Reads the database as it was at `at`: whatever was committed before is in it."""

    def __init__(self, reader: BaseDatabaseWrapper, at: datetime, *, is_alone: bool) -> None:
        self._reader = reader
        self._is_alone = is_alone
        self.at = at

    def row(self, query: sql.Composable) -> tuple[Any, ...]:
        """The one row of a query."""
        with self._reader.cursor() as cursor:
            cursor.execute(query)
            row: tuple[Any, ...] = cursor.fetchone()
            return row

    def rows(self, query: sql.Composable) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, which are not in memory all at once."""
        if not self._is_alone:
            with self._reader.cursor() as cursor:
                cursor.execute(query)
                yield from cursor.fetchall()
            return
        with self._reader.cursor() as cursor:
            yield from cursor.cursor.stream(query)

    def copy(self, query: sql.Composable) -> Iterator[Sequence[bytes]]:
        """What COPY gives, whole rows, some at a time."""
        parts = self._parts(query)
        # On a connection that others use, they cannot while rows are on their way.
        yield from parts if self._is_alone else list(parts)

    def _parts(self, query: sql.Composable) -> Iterator[Sequence[bytes]]:
        rows: list[bytes] = []
        size = 0
        with self._reader.cursor() as cursor, cursor.copy(query) as copy:
            for row in copy:
                rows.append(bytes(row))
                size += len(row)
                if size >= PART:
                    yield rows
                    rows, size = [], 0
        if rows:
            yield rows


def is_in_transaction() -> bool:
    """Whether this thread has written what no other connection sees yet."""
    return connection.in_atomic_block


@contextmanager
def database_snapshot(*, own: bool) -> Iterator[DatabaseSnapshot]:
    """Take a snapshot now and keep it until the block ends.

    `own`: by a connection of its own, so that all that is read is of one instant. Otherwise by
    the thread's transaction, so that it sees what that has written.
    """
    if not own:
        yield DatabaseSnapshot(connection, database_now(), is_alone=False)
        return
    reader = connection.copy()
    try:
        with reader.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
            # The time of BEGIN: it precedes the snapshot, which the statement takes.
            cursor.execute("SELECT transaction_timestamp()")
            instant: datetime = cursor.fetchone()[0]
        yield DatabaseSnapshot(reader, instant.astimezone(UTC), is_alone=True)
    finally:
        reader.close()
