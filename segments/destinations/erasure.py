"""Erasing a person from destinations."""

from __future__ import annotations

from django.db import connection


def forget(account_id: int, profile_id: int) -> None:
    """Have a person taken out wherever they may be; what is kept is the key, until that is done.

    To be called in the transaction that erases.
    """
    about: dict[str, int | list[int]] = {"account": account_id, "profile": profile_id}
    with connection.cursor() as cursor:
        # A worker that is comparing or settling holds this lock; what it has written is seen after.
        cursor.execute(
            """SELECT id FROM segments_destination WHERE account_id = %(account)s
               AND id IN (SELECT destination_id FROM segments_destinationmember
                          WHERE profile_id = %(profile)s)
               ORDER BY id FOR NO KEY UPDATE""",
            about,
        )
        ids = [row[0] for row in cursor.fetchall()]
        theirs = "destination_id = ANY(%(ids)s) AND profile_id = %(profile)s"
        about["ids"] = ids
        cursor.execute(
            f"DELETE FROM segments_destinationmember WHERE NOT is_tried AND {theirs}", about
        )
        cursor.execute(
            f"""UPDATE segments_destinationmember
                SET profile_id = NULL, is_due = true, refusal = '' WHERE {theirs}""",
            about,
        )
        cursor.execute(
            """UPDATE segments_destination SET next_at = LEAST(next_at, created)
               WHERE id = ANY(%(ids)s)""",
            about,
        )
