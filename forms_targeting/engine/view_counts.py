"""Counts views in blocks of rows. A block is only made of rows that all writers are done with.

A row may be committed after one with a higher id. So a block ends at an id that was the last one at
a moment, once every transaction that was writing views at that moment has ended. Nobody is held up.
Reading needs no lock: blocks up to an id and the rows after it are each view once (`block_end`).
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Max

from forms_targeting.models import FormView, FormViewCount

LEAST = 20_000
"""Rows after the last block that are worth another one; reading so many takes some milliseconds."""
MOST = 500_000
"""Rows of one block."""
LOOKS = 25
"""How often it is looked whether the writers have ended; else the next run tries again."""
PAUSE = 0.02
"""Seconds between two looks."""
_LOCK = 3_700_001
"""Advisory lock: one block is made at a time."""

_COUNT = """
    INSERT INTO forms_targeting_formviewcount
        (form_id, version_id, day, page, device, number, up_to)
    SELECT form_id, version_id, day, page, device, count(*), %(last)s
    FROM forms_targeting_formview WHERE id > %(first)s AND id <= %(last)s
    GROUP BY 1, 2, 3, 4, 5"""

_WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'forms_targeting_formview'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()"""


def block_end() -> int:
    """Return the last id that is in a block; 0 without blocks."""
    return FormViewCount.objects.aggregate(last=Max("up_to"))["last"] or 0


def count_block() -> bool:
    """Make the next block; return whether there was one to make."""
    if _last_row() - block_end() < LEAST:
        return False
    last = _last_complete_row()
    if last is None:
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return False
        first = block_end()
        rows = FormView.objects.filter(pk__gt=first, pk__lte=last).order_by("pk")[:MOST]
        end = rows.aggregate(last=Max("pk"))["last"]
        if end is None:
            return False
        cursor.execute(_COUNT, {"first": first, "last": end})
    return True


def _last_row() -> int:
    return FormView.objects.aggregate(last=Max("pk"))["last"] or 0


def _last_complete_row() -> int | None:
    """The last id, once nobody can commit a lower one; None if the writers do not end soon.

    An id is drawn by a transaction that holds a lock of the table until it ends. So who had drawn a
    lower id when the last one was read holds a lock then, or its row is there already.
    """
    last, writers = _last_row(), _writers()
    for _look in range(LOOKS):
        if not writers:
            return last
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [PAUSE])
        writers &= _writers()
    return None


def _writers() -> set[str]:
    """The transactions of others that are writing views."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        return {row[0] for row in cursor.fetchall()}
