"""Membership as stored: comparing it with what it should be, and making it so.

Every difference is written with its ledger row in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db import connection

from profiles.models import Cause
from segments.models import Segment

Ids = npt.NDArray[np.int64]


class Difference(NamedTuple):
    """Who has to enter and who has to leave, as profile ids (int64, ascending)."""

    entering: Ids
    leaving: Ids


def members(segment: Segment, among: Sequence[int] | None = None) -> Ids:
    """int64[k] ascending: the profile ids in a segment now (of `among`, if given)."""
    query = "SELECT profile_id FROM segments_membership WHERE segment_id = %s"
    parameters: list[Any] = [segment.pk]
    if among is not None:
        query += " AND profile_id = ANY(%s)"
        parameters.append(list(among))
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return np.sort(np.array([row[0] for row in cursor.fetchall()], dtype=np.int64))


def difference(current: Ids, wanted: Ids) -> Difference:
    """What turns one set of members into another."""
    return Difference(
        np.setdiff1d(wanted, current, assume_unique=True),
        np.setdiff1d(current, wanted, assume_unique=True),
    )


def apply(
    segment: Segment,
    change: Difference,
    *,
    at: datetime,
    cause: Cause,
    true_since: datetime | None = None,
    everyone: bool = False,
) -> None:
    """Write a difference with its ledger, and the segment's size.

    The caller's transaction holds the segment's row locked. `everyone` says that the difference
    is of all people, so that the whole membership is now true as of `at`.
    """
    since = true_since or at
    with connection.cursor() as cursor:
        entered = _write(
            cursor,
            """INSERT INTO segments_membership (account_id, segment_id, profile_id, entered)
               SELECT %(account)s, %(segment)s, id, %(since)s FROM unnest(%(ids)s::bigint[]) id
               ON CONFLICT DO NOTHING RETURNING profile_id""",
            change.entering,
            segment,
            (at, cause, since, True),
        )
        left = _write(
            cursor,
            """DELETE FROM segments_membership
               WHERE segment_id = %(segment)s AND profile_id = ANY(%(ids)s) RETURNING profile_id""",
            change.leaving,
            segment,
            (at, cause, since, False),
        )
        cursor.execute(
            "UPDATE segments_segment SET size = size + %s, as_of = greatest(as_of, %s)"
            " WHERE id = %s",
            [entered - left, at if everyone else None, segment.pk],
        )


def _write(
    cursor: Any,
    statement: str,
    ids: Ids,
    segment: Segment,
    ledger: tuple[datetime, Cause, datetime, bool],
) -> int:
    if not len(ids):
        return 0
    at, cause, since, entered = ledger
    cursor.execute(
        f"""WITH changed AS ({statement})
            INSERT INTO segments_membershipchange
                (account_id, segment_id, profile_id, entered, cause, true_since, at)
            SELECT %(account)s, %(segment)s, profile_id, %(entered)s, %(cause)s, %(since)s, %(at)s
            FROM changed""",
        {
            "account": segment.account_id,
            "segment": segment.pk,
            "ids": ids.tolist(),
            "since": since,
            "entered": entered,
            "cause": cause.value,
            "at": at,
        },
    )
    return int(cursor.rowcount)
