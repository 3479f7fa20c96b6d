"""Tables of the layers above with rows about people, so that merging and erasing reach them.

Each has the columns `account_id` and `profile_id`, and at most one row a person.
"""

from __future__ import annotations

from django.db import connection

from segmenter.kernel.registry import Registry

person_tables: Registry[str] = Registry("table with rows about people")
"""A name to the table's own; filled in each app's AppConfig.ready."""


def move_person(account_id: int, *, keep: int, drop: int) -> None:
    """Give `keep` what `drop` has and `keep` lacks; the rest of `drop` goes. In a merge."""
    about = {"account": account_id, "keep": keep, "drop": drop}
    with connection.cursor() as cursor:
        for _, table in person_tables.items():
            cursor.execute(
                f"""UPDATE {table} SET profile_id = %(keep)s
                    WHERE account_id = %(account)s AND profile_id = %(drop)s
                    AND NOT EXISTS (SELECT FROM {table} k WHERE k.account_id = %(account)s
                    AND k.profile_id = %(keep)s)""",
                about,
            )
    forget_person(account_id, drop)


def forget_person(account_id: int, profile_id: int) -> None:
    """Delete every row about a person; whoever erases or merges them has locked the profile."""
    with connection.cursor() as cursor:
        for _, table in person_tables.items():
            cursor.execute(
                f"DELETE FROM {table} WHERE account_id = %s AND profile_id = %s",
                [account_id, profile_id],
            )
