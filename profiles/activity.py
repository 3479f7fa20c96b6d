"""When people were first and last active, for events whose time comes after they were stored.

Other events move these times as they are stored (`event_rows`).
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from profiles import changes, facts
from profiles.models import Cause

_MOVE = """WITH come AS (
    SELECT profile_id, min(time) AS first, max(time) AS last FROM profiles_event
    WHERE account_id = %(account)s AND time > received AND time > %(since)s AND time <= %(until)s
    GROUP BY profile_id
), held AS (
    SELECT p.id, come.first, come.last, p.first_active, p.last_active
    FROM profiles_profile p JOIN come ON come.profile_id = p.id
    WHERE p.account_id = %(account)s ORDER BY p.id FOR NO KEY UPDATE OF p
)
UPDATE profiles_profile p
SET first_active = least(held.first_active, held.first),
    last_active = greatest(held.last_active, held.last)
FROM held WHERE p.id = held.id AND (held.first_active IS NULL
    OR held.first < held.first_active OR held.last > held.last_active)
RETURNING p.id"""


def move_activity(account_id: int, *, since: datetime, until: datetime) -> int:
    """Let events whose time came in (since, until] count; in a transaction.

    Returns for how many people that changed anything; they get a change each.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"account": account_id, "since": since, "until": until})
        moved = [row[0] for row in cursor.fetchall()]
    active = {facts.attribute("first_active"), facts.attribute("last_active")}
    changes.record(account_id, dict.fromkeys(moved, active), cause=Cause.EVENT, at=until)
    return len(moved)
