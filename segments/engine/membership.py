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
import psycopg.sql as sql
from django.db import connection
from django.db.models import F

from profiles.columns.packing import fetch
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
    query = sql.SQL("SELECT profile_id FROM segments_membership WHERE segment_id = {}").format(
        sql.Literal(segment_id)
    )
    if among is not None:
        query += sql.SQL(" AND profile_id = ANY({}::bigint[])").format(sql.Literal(as_array(among)))
    return np.sort(fetch(query, ["int"])[0])


def memberships(account_id: int, profile_ids: Ids) -> tuple[Ids, Ids]:
    """The segments and profiles of all memberships of some people: int64[k] each."""
    query = sql.SQL(
        "SELECT segment_id, profile_id FROM segments_membership"
        " WHERE account_id = {} AND profile_id = ANY({}::bigint[])"
    ).format(sql.Literal(account_id), sql.Literal(as_array(profile_ids)))
    segments, profiles = fetch(query, ["int", "int"], whole=True)
    return segments, profiles


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
WITH wanted AS MATERIALIZED (
    SELECT segment, profile, entering, place, r.cause, r.since, r.change
    FROM unnest(%(segments)s::bigint[], %(profiles)s::bigint[], %(entering)s::boolean[],
                %(reason)s::bigint[]) AS w(segment, profile, entering, reason)
    JOIN unnest(%(causes)s::text[], %(since)s::timestamptz[], %(changes)s::bigint[])
         WITH ORDINALITY AS r(cause, since, change, number) ON r.number = w.reason + 1
    -- A subquery: by index, whatever the statistics make the planner believe.
    CROSS JOIN LATERAL (
        SELECT (SELECT ctid FROM segments_membership
                WHERE segment_id = segment AND profile_id = profile) AS place OFFSET 0
    ) AS held
    WHERE entering = (place IS NULL)
    ORDER BY segment, profile
), entered AS (
    INSERT INTO segments_membership (account_id, segment_id, profile_id, entered)
    SELECT %(account)s, segment, profile, since FROM wanted WHERE entering
), gone AS (
    DELETE FROM segments_membership m USING wanted w WHERE NOT w.entering AND m.ctid = w.place
), sizes AS (
    UPDATE segments_segment s SET size = s.size + d.more
    FROM (SELECT segment, sum(CASE WHEN entering THEN 1 ELSE -1 END) AS more
          FROM wanted GROUP BY segment) d
    WHERE s.id = d.segment
)
INSERT INTO segments_membershipchange
    (account_id, segment_id, profile_id, entered, cause, change_id, true_since, at)
SELECT %(account)s, segment, profile, entering, cause, change, since, %(at)s FROM wanted
RETURNING id"""


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
                "segments": as_array(moves.segments),
                "profiles": as_array(moves.profiles),
                "entering": as_array(moves.entering),
                "reason": as_array(moves.reason),
                "causes": "{" + ",".join(reason.cause.value for reason in moves.reasons) + "}",
                "since": _times(reason.since for reason in moves.reasons),
                "changes": "{" + ",".join(str(r.change_id or "NULL") for r in moves.reasons) + "}",
                "at": at,
            },
        )
        written = [row[0] for row in cursor.fetchall()]
    return _told(account_id, written)


_ENTER = """
INSERT INTO segments_membership (account_id, segment_id, profile_id, entered)
SELECT %(account)s, %(segment)s, p, %(since)s FROM unnest(%(entering)s::bigint[]) AS p"""
_LEAVE = """
DELETE FROM segments_membership
WHERE segment_id = %(segment)s AND profile_id = ANY(%(leaving)s::bigint[])"""
_LEDGER = """
INSERT INTO segments_membershipchange
    (account_id, segment_id, profile_id, entered, cause, change_id, true_since, at)
SELECT %(account)s, %(segment)s, profile, entering, %(cause)s, %(change)s, %(since)s, %(at)s
FROM (SELECT unnest(%(entering)s::bigint[]) AS profile, true AS entering
      UNION ALL SELECT unnest(%(leaving)s::bigint[]), false) AS moves
RETURNING id"""


def write_certain(account_id: int, moves: Moves, *, at: datetime) -> int:
    """Do what `write` does for the `difference` of one segment that was locked when it was read.

    It looks at no row before writing it, which with hundreds of thousands of them is half the
    work. Raises IntegrityError for somebody who is in already.
    """
    if not len(moves):
        return 0
    (reason,) = moves.reasons
    segment_id = int(moves.segments[0])
    entering = moves.profiles[moves.entering]
    told: dict[str, Any] = {
        "account": account_id,
        "segment": segment_id,
        "entering": as_array(entering),
        "leaving": as_array(moves.profiles[~moves.entering]),
        "cause": reason.cause.value,
        "change": reason.change_id,
        "since": reason.since,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, told)
        cursor.execute(_LEAVE, told)
        cursor.execute(_LEDGER, told)
        written = [row[0] for row in cursor.fetchall()]
    more = 2 * len(entering) - len(moves)
    Segment.objects.filter(pk=segment_id).update(size=F("size") + more)
    return _told(account_id, written)


def _told(account_id: int, written: list[int]) -> int:
    """How many ledger rows there are, once whoever asked to know of them has been told."""
    for hook in ledger_written if written else ():
        hook(account_id, written)
    return len(written)


def as_array(values: npt.NDArray[Any] | Sequence[int]) -> str:
    """An array in PostgreSQL's own text: ten times as fast as a list of parameters."""
    plain = values.tolist() if isinstance(values, np.ndarray) else values
    return "{" + ",".join(map(str, plain)) + "}"


def _times(values: Iterable[datetime]) -> str:
    return "{" + ",".join(f'"{value.isoformat()}"' for value in values) + "}"


def lock(segment_ids: Sequence[int]) -> dict[int, Segment]:
    """Lock segments in the order of their ids; those that exist, by id."""
    rows = Segment.objects.select_for_update(no_key=True).filter(pk__in=list(segment_ids))
    return {segment.pk: segment for segment in rows.order_by("pk")}
