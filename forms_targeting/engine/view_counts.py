"""Counts views in blocks of rows. A block is only made of rows that all writers are done with.

A row may be committed after one with a higher id. So the last id of a block is read while no
transaction writes views: what is written later has a higher id. Reading needs no lock: the blocks
up to an id and the rows after it are each view once (`block_end`).
"""

from __future__ import annotations

from django.db import OperationalError, connection, transaction
from django.db.models import Max

from forms_targeting.models import FormView, FormViewCount

LEAST = 20_000
"""Rows after the last block that are worth another one; reading so many takes some milliseconds."""
MOST = 500_000
"""Rows of one block."""
WAIT = "500ms"
"""How long writers may be held up; if it does not suffice, the next run tries again."""
_LOCK = 3_700_001
"""Advisory lock: one block is made at a time."""

_COUNT = """
    INSERT INTO forms_targeting_formviewcount
        (form_id, version_id, day, page, device, number, up_to)
    SELECT form_id, version_id, day, page, device, count(*), %(last)s
    FROM forms_targeting_formview WHERE id > %(first)s AND id <= %(last)s
    GROUP BY 1, 2, 3, 4, 5"""


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
    """The last id while nobody writes; None if the writers do not end soon.

    The lock waits for transactions that have inserted views, and those that want to wait for it.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")
            cursor.execute("LOCK TABLE forms_targeting_formview IN SHARE MODE")
            return _last_row()
    except OperationalError:
        return None
