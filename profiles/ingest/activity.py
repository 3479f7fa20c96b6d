"""First and last activity, for events that were stored before their time.

Other events update these times when they are stored (`write_events`). Both use the clock of that
moment; `rewind_activity` corrects the times after the clock was ahead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
    """Update the activity for events whose time came in (since, until]; in a transaction.

    Returns the number of people for whom anything changed; each gets a ProfileChange.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"account": account_id, "since": since, "until": until})
        ids = [row[0] for row in cursor.fetchall()]
    active = {facts.attribute("first_active"), facts.attribute("last_active")}
    changes.record(account_id, dict.fromkeys(ids, active), cause=Cause.EVENT, at=until)
    return len(ids)


_STORED_AHEAD = """UPDATE profiles_event SET received = %(at)s
WHERE account_id = %(account)s AND time > %(at)s AND time <= received
    AND metric_id = ANY(ARRAY(SELECT id FROM profiles_metric WHERE account_id = %(account)s))"""

_AHEAD = """SELECT id FROM profiles_profile
WHERE account_id = %(account)s AND (last_active > %(at)s OR updated > %(at)s)
ORDER BY id FOR NO KEY UPDATE"""

_BACK = """UPDATE profiles_profile p
SET created = CASE WHEN created <= updated THEN least(created, %(at)s) ELSE created END,
    updated = least(updated, %(at)s), first_active = active.first, last_active = active.last
FROM unnest(%(ids)s::bigint[]) AS ahead(id), LATERAL (
    SELECT min(time) AS first, max(time) AS last FROM profiles_event
    WHERE account_id = %(account)s AND profile_id = ahead.id AND time <= %(at)s
) AS active
WHERE p.id = ahead.id"""

_REWOUND = {facts.attribute(n) for n in ("created", "updated", "first_active", "last_active")}


def rewind_activity(account_id: int, at: datetime) -> int:
    """Set times of people that the clock wrote later than `at` back to `at`; in a transaction.

    Events keep their times. Events after `at` that counted already will count when their time
    comes, like others that are stored before their time. A date of creation that a record stated,
    later than the clock ever was, stays. Returns the number of people for whom anything changed;
    each gets a ProfileChange.
    """
    parameters: dict[str, Any] = {"account": account_id, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD, parameters)
        ids = [row[0] for row in cursor.fetchall()]  # locked: no new events of theirs meanwhile
        cursor.execute(_STORED_AHEAD, parameters)
        cursor.execute(_BACK, {**parameters, "ids": ids})
    changes.record(account_id, dict.fromkeys(ids, _REWOUND), cause=Cause.EVENT, at=at)
    return len(ids)
