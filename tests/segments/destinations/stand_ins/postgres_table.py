"""A second database on the test server, behind a TCP port that the operator allows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from pytest_django import Settings

from segmenter.accounts.models import create_account
from segments.destinations.kind import DestinationAccess
from tests.segments.destinations.tcp_door import TcpDoor

NAME = f"shop_of_the_tests_{os.getpid()}"
"""Processes that test at the same time share the server."""


class ShopDatabase:
    """The database of a shop."""

    def __init__(self, door: TcpDoor) -> None:
        self.door = door
        user = connection.get_connection_params().get("user") or "postgres"
        self.dsn = f"postgresql://{user}:secret@127.0.0.1:{door.port}/{NAME}"
        account = create_account(slug="of-the-table")
        self.access = DestinationAccess({"table": "people"}, {"dsn": self.dsn}, account.pk)

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with _server(NAME) as database:
            return database.execute(text).fetchall()

    def execute(self, text: str) -> None:
        with _server(NAME) as database:
            database.execute(text)

    def members(self) -> set[str]:
        if self.query("SELECT to_regclass('people')") == [(None,)]:
            return set()
        return {str(key) for (key,) in self.query("SELECT profile_id FROM people")}

    def steps(self) -> int:
        return self.door.connections


def _server(database: str = "postgres") -> psycopg.Connection[Any]:
    about = connection.get_connection_params()
    names = ("host", "port", "user", "password")
    values = {name: about[name] for name in names if about.get(name)}
    return psycopg.connect(**values, dbname=database, autocommit=True)


@contextmanager
def receiver(settings: Settings) -> Iterator[ShopDatabase]:
    about = connection.get_connection_params()
    door = TcpDoor(str(about["host"]), int(about.get("port") or 5432))
    settings.SEGMENTER_WEBHOOK_ALLOW = [f"127.0.0.1:{door.port}"]
    with _server() as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME}")
    try:
        yield ShopDatabase(door)
    finally:
        door.close()
        with _server() as server:
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
