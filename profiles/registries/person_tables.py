"""Tables of the apps above with rows about people, for merging and erasing.

Each has the columns `account_id` and `profile_id`, and at most one row a person.
"""

from __future__ import annotations

from django.db import connection

from segmenter.kernel.registry import Registry

person_tables: Registry[str] = Registry("table with rows about people")
"""Name to SQL table; filled in each app's AppConfig.ready."""


def move_person(account_id: int, *, keep: int, drop: int) -> None:
    """Move the rows of `drop` to `keep`, unless `keep` has one; delete the others. In a merge."""
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
    """Delete every row about a person; the caller has locked the profile."""
    with connection.cursor() as cursor:
        for _, table in person_tables.items():
            cursor.execute(
                f"DELETE FROM {table} WHERE account_id = %s AND profile_id = %s",
                [account_id, profile_id],
            )
