"""Keeping mirrors: made where one is wanted and missing, and made anew as changes add up.

The snapshot is taken first and everything is read after it, so that what is read is at least as
new: whoever changes meanwhile is in the tail of the new mirror.
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
from profiles.columns.mirror.writer import alone, replace
from profiles.models import Mirror as MirrorRow
from segmenter.accounts.models import Account

MOST_CHANGED = 0.01
"""Of everyone: with more people changed, looking at them apart costs more than it saves."""
FEW_CHANGED = 1_000
"""So few never matter."""
OLDEST = timedelta(days=7)
"""A mirror is made anew after so long; the changes since are kept for longer (changes.KEPT)."""
REST = 20
"""How many times as long as it takes to make a mirror it is left in peace."""


def accounts_large() -> list[int]:
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


def keep(account: Account, at: datetime) -> MirrorRow | None:
    """Make an account's mirror on this machine if that is due; return it if it was made."""
    held = gather.opened(account, at)
    row = MirrorRow.objects.filter(pk=held.mirror_id).first() if held else None
    if held is None or row is None or abs(at - row.taken) > KEPT - OLDEST:
        return build(account, at)
    return compact(account, at) if _is_due(row, held.tail, at) else None


def _is_due(row: MirrorRow, tail: Tail, at: datetime) -> bool:
    age = abs(at - row.taken)  # taken in the future, where the clock went back
    if not len(tail) or age < timedelta(seconds=REST * row.seconds):
        return False
    most = max(FEW_CHANGED, MOST_CHANGED * row.people)
    gone = len(tail.alive) < len(tail.moved)  # whose data is not to stay in files
    return gone or len(tail) > most or age > OLDEST


def build(account: Account, at: datetime) -> MirrorRow | None:
    """Read everything anew and put the files in place; None if somebody else is at it."""
    with alone(account.pk) as mine:
        if not mine:
            return None
        snapshot = current_snapshot()
        return replace(account, snapshot, at, lambda files: read_all(account, at, files))
