"""Membership as stored: comparing it with what it should be, and making it so.

Every difference is written with its ledger rows in the caller's transaction, which holds the
segments' rows locked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db import connection

from profiles.models import Cause
from segments.models import Segment

Ids = npt.NDArray[np.int64]

ledger_written: list[Callable[[int, list[int]], object]] = []
"""Called in the transaction with the account's id and the ids of new ledger rows (by outlets)."""


class Reason(NamedTuple):
    """Why someone enters or leaves, and since when that is true."""

    cause: Cause
    since: datetime
    change_id: int | None = None


@dataclass(frozen=True)
class Moves:
    """k people who enter or leave segments: a row for each."""

    segments: Ids
    profiles: Ids
    entering: npt.NDArray[np.bool_]
    """True for entering, False for leaving."""
    reasons: Sequence[Reason]
    reason: npt.NDArray[np.int64]
    """int64[k]: the place of each one's reason in `reasons`."""

    def __len__(self) -> int:
        return len(self.profiles)


def members(segment_id: int, among: Sequence[int] | None = None) -> Ids:
    """int64[k] ascending: the profile ids in a segment now (of `among`, if given)."""
    query = "SELECT profile_id FROM segments_membership WHERE segment_id = %s"
    parameters: list[Any] = [segment_id]
    if among is not None:
        query += " AND profile_id = ANY(%s)"
        parameters.append(list(among))
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return np.sort(np.array([row[0] for row in cursor.fetchall()], dtype=np.int64))


def memberships(account_id: int, profile_ids: Ids) -> tuple[Ids, Ids]:
    """The segments and profiles of all memberships of some people: int64[k] each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT segment_id, profile_id FROM segments_membership"
            " WHERE account_id = %s AND profile_id = ANY(%s)",
            [account_id, profile_ids.tolist()],
        )
        found = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def difference(segment_id: int, current: Ids, wanted: Ids, reason: Reason) -> Moves:
    """What turns one set of a segment's members into another."""
    entering = np.setdiff1d(wanted, current, assume_unique=True)
    leaving = np.setdiff1d(current, wanted, assume_unique=True)
    k = len(entering) + len(leaving)
    return Moves(
        np.full(k, segment_id, dtype=np.int64),
        np.concatenate([entering, leaving]),
        np.arange(k) < len(entering),
        [reason],
        np.zeros(k, dtype=np.int64),
    )


_WRITE = """
WITH wanted AS (
    SELECT segment, profile, entering, r.cause, r.since, r.change
    FROM unnest(%(segments)s::bigint[], %(profiles)s::bigint[], %(entering)s::boolean[],
                %(reason)s::bigint[]) AS w(segment, profile, entering, reason)
    JOIN unnest(%(causes)s::text[], %(since)s::timestamptz[], %(changes)s::bigint[])
         WITH ORDINALITY AS r(cause, since, change, place) ON r.place = w.reason + 1
), entered AS (
    INSERT INTO segments_membership (account_id, segment_id, profile_id, entered)
    SELECT %(account)s, segment, profile, since FROM wanted WHERE entering
    ORDER BY segment, profile
    ON CONFLICT DO NOTHING RETURNING segment_id, profile_id
), gone AS (
    DELETE FROM segments_membership m USING wanted w
    WHERE NOT w.entering AND m.segment_id = w.segment AND m.profile_id = w.profile
    RETURNING m.segment_id, m.profile_id
), ledger AS (
    INSERT INTO segments_membershipchange
        (account_id, segment_id, profile_id, entered, cause, change_id, true_since, at)
    SELECT %(account)s, segment_id, profile_id, entering, cause, change, since, %(at)s
    FROM (SELECT * FROM entered UNION ALL SELECT * FROM gone) AS done
    JOIN wanted ON (segment, profile) = (segment_id, profile_id)
    RETURNING id, segment_id, entered
), sizes AS (
    UPDATE segments_segment s SET size = s.size + d.more
    FROM (SELECT segment_id, sum(CASE WHEN entered THEN 1 ELSE -1 END) AS more
          FROM ledger GROUP BY segment_id) d
    WHERE s.id = d.segment_id
)
SELECT id FROM ledger"""


def write(account_id: int, moves: Moves, *, at: datetime) -> int:
    """Write who enters and leaves with their ledger rows, and the segments' sizes.

    Returns how many that were: who is where they should be already makes no row.
    """
    if not len(moves):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "account": account_id,
                "segments": _array(moves.segments),
                "profiles": _array(moves.profiles),
                "entering": _array(moves.entering),
                "reason": _array(moves.reason),
                "causes": "{" + ",".join(reason.cause.value for reason in moves.reasons) + "}",
                "since": _times(reason.since for reason in moves.reasons),
                "changes": "{" + ",".join(str(r.change_id or "NULL") for r in moves.reasons) + "}",
                "at": at,
            },
        )
        written = [row[0] for row in cursor.fetchall()]
    for hook in ledger_written if written else ():
        hook(account_id, written)
    return len(written)


def _array(values: npt.NDArray[Any]) -> str:
    """An array in PostgreSQL's own text: ten times as fast as a list of parameters."""
    return "{" + ",".join(map(str, values.tolist())) + "}"


def _times(values: Iterable[datetime]) -> str:
    return "{" + ",".join(f'"{value.isoformat()}"' for value in values) + "}"


def lock(segment_ids: Sequence[int]) -> dict[int, Segment]:
    """Lock segments in the order of their ids; those that exist, by id."""
    rows = Segment.objects.select_for_update(no_key=True).filter(pk__in=list(segment_ids))
    return {segment.pk: segment for segment in rows.order_by("pk")}
