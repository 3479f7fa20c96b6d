"""Snapshots and erasures of an account take turns.

So either a snapshot does not see a person any more, or the erasure finds them among those who are
noted, in the transaction of the turn, to be in the file.
"""

from __future__ import annotations

from django.db import connection

from profiles.models import ProfileMerge

_TURNS = 7_305_022
"""The lock's first number; the account's id is the second."""


def take_turn(account_id: int) -> None:
    """Wait for the account's snapshots and erasures; to be called in a transaction, which holds up
    the next ones until it ends. Rows are locked after it, never before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURNS, account_id])


def ids_of_person(account_id: int, profile_id: int) -> list[int]:
    """The ids under which a person may stand in files: theirs, and those merged into it."""
    old = ProfileMerge.objects.filter(account=account_id, profile=profile_id)
    return [profile_id, *old.values_list("old_id", flat=True)]
