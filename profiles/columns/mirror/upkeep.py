"""Maintains mirrors: makes missing ones, and renews them as changes add up.

The snapshot is taken first and all rows are read after it, so that they are at least as new.
Changes made meanwhile are in the tail of the new mirror.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from profiles.changes import KEPT, current_snapshot
from profiles.columns import gather
from profiles.columns.mirror.compaction import compact
from profiles.columns.mirror.snapshot import read_all
from profiles.columns.mirror.tail import Tail
from profiles.columns.mirror.writer import replace, writer_lock
from profiles.models import Mirror as MirrorRow
from segmenter.accounts.models import Account

MOST_CHANGED = 0.01
"""Share of everyone: with more changes, overlaying them costs more than it saves."""
FEW_CHANGED = 1_000
"""Up to this number of people the share does not matter."""
OLDEST = timedelta(days=7)
"""A mirror is renewed after this time; changes are kept for longer (changes.KEPT)."""
REST = 20
"""A mirror is not renewed before this multiple of the time that making it took."""


def large_accounts() -> list[int]:
    """Accounts with enough people for a mirror, and those that have one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_account a"
            " WHERE EXISTS (SELECT FROM profiles_mirror WHERE account_id = a.id)"
            " OR EXISTS (SELECT FROM profiles_profile WHERE account_id = a.id OFFSET %s)"
            " ORDER BY id",
            [max(settings.SEGMENTER_MIRROR_FROM - 1, 0)],
        )
        return [row[0] for row in cursor.fetchall()]


def maintain(account: Account, at: datetime) -> MirrorRow | None:
    """Make or renew an account's mirror on this machine if that is due; return a new one."""
    present = gather.mirror_and_tail(account, at)
    row = MirrorRow.objects.filter(pk=present.mirror_id).first() if present else None
    if present is None or row is None or abs(at - row.taken) > KEPT - OLDEST:
        return build(account, at)
    return compact(account, at) if _is_due(row, present.tail, at) else None


def _is_due(row: MirrorRow, tail: Tail, at: datetime) -> bool:
    age = abs(at - row.taken)  # absolute: the clock may have gone back
    if not len(tail) or age < timedelta(seconds=REST * row.seconds):
        return False
    most = max(FEW_CHANGED, MOST_CHANGED * row.people)
    erased = len(tail.alive) < len(tail.full_reads)  # erased data must not stay in files
    return erased or len(tail) > most or age > OLDEST


def build(account: Account, at: datetime) -> MirrorRow | None:
    """Read all rows and write a new mirror; None if another process is writing it."""
    with writer_lock(account.pk) as locked:
        if not locked:
            return None
        snapshot = current_snapshot()
        return replace(account, snapshot, at, lambda files: read_all(account, at, files))
