"""Erasing a person from audiences and their files."""

from __future__ import annotations

from django.db import connection

from segments.audiences.queue import FORGET_ADDITIONS


def forget(account_id: int, profile_id: int) -> None:
    """Take a person out of stored files, and keep nothing but the hashes that removals need.

    The hashes lose the person's number and go when the next file of removals is made. Lines of
    people who were merged into somebody go, too: their numbers are known to nobody any more. Lines
    of removals stay until their file expires. To be called in the transaction that erases.
    """
    about = {"account": account_id, "profile": profile_id}
    with connection.cursor() as cursor:
        # Whoever finishes a file of them holds this lock; what it has stored is seen after it.
        cursor.execute(
            """SELECT FROM segments_audience WHERE account_id = %(account)s
               ORDER BY id FOR NO KEY UPDATE""",
            about,
        )
        cursor.execute(
            """UPDATE segments_audiencemember SET profile_id = NULL
               WHERE profile_id = %(profile)s AND audience_id IN (
                   SELECT id FROM segments_audience WHERE account_id = %(account)s)""",
            about,
        )
        # Whom a network may have been sent, though it has not said so, must be removed there, too.
        mine = """profile_id = %(profile)s AND audience_id IN (
            SELECT id FROM segments_audience WHERE account_id = %(account)s)"""
        cursor.execute(FORGET_ADDITIONS.format(where=mine), about)
        cursor.execute(
            """DELETE FROM segments_audiencefileline l USING segments_audiencefile f
               WHERE f.id = l.file_id AND f.account_id = %(account)s AND f.state = 'ready'
               AND l.profile_id IS NOT NULL AND (l.profile_id = %(profile)s OR NOT EXISTS (
                   SELECT FROM profiles_profile p WHERE p.id = l.profile_id))""",
            about,
        )
