"""When a segment was last used: looked at, exported, read by a program. To the day: cheap."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from segments.models import Segment

DAY = timedelta(days=1)


def note_use(segment: Segment, at: datetime) -> None:
    """Write down that a segment is used; at most once a day, and never waiting for anybody.

    A segment that is locked by its build is left for the next use.
    """
    if segment.used is not None and segment.warned is None and at - DAY < segment.used <= at:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE segments_segment SET used = %s, warned = NULL WHERE id = ("
            " SELECT id FROM segments_segment WHERE id = %s AND deleted IS NULL"
            " FOR NO KEY UPDATE SKIP LOCKED)",
            [at, segment.pk],
        )


def last_use(segment: Segment) -> datetime:
    """When it was last used, made or edited."""
    times = (segment.used, segment.edited, segment.created)
    return max(time for time in times if time is not None)
