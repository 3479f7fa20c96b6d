"""Tables of the apps above with rows about people, for merging and erasing.

Each has the columns `account_id` and `profile_id`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from segmenter.kernel.registry import Registry


@dataclass(frozen=True)
class PersonTable:
    """A table with rows about people."""

    name: str
    has_many: bool = False
    """Whether a person may have several rows: then all of them move in a merge."""
    keeps_rows: bool = False
    """Whether rows of who is erased stay, with a `profile_id` of null: they are only counted."""


person_tables: Registry[PersonTable] = Registry("table with rows about people")
"""Filled in each app's AppConfig.ready, or in the `extensions.py` of a room."""


def move_person(account_id: int, *, keep: int, drop: int) -> None:
    """Move the rows of `drop` to `keep`, unless it has the one it can have; delete the others.

    In a merge.
    """
    about = {"account": account_id, "keep": keep, "drop": drop}
    with connection.cursor() as cursor:
        for _, table in person_tables.items():
            unless_taken = f"""AND NOT EXISTS (SELECT FROM {table.name} k
                WHERE k.account_id = %(account)s AND k.profile_id = %(keep)s)"""
            cursor.execute(
                f"""UPDATE {table.name} SET profile_id = %(keep)s
                    WHERE account_id = %(account)s AND profile_id = %(drop)s
                    {"" if table.has_many else unless_taken}""",
                about,
            )
    forget_person(account_id, drop)


def forget_person(account_id: int, profile_id: int) -> None:
    """Delete every row about a person, or the person from it; the profile is locked."""
    with connection.cursor() as cursor:
        for _, table in person_tables.items():
            change = (
                f"UPDATE {table.name} SET profile_id = NULL"
                if table.keeps_rows
                else f"DELETE FROM {table.name}"
            )
            cursor.execute(
                f"{change} WHERE account_id = %s AND profile_id = %s", [account_id, profile_id]
            )
