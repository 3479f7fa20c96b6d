"""Stored membership: comparing it with what it should be, and writing the difference.

Every difference is written with its ledger rows in the caller's transaction, which must hold the
account's lock and the locks of the segments' rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import psycopg.sql as sql
from django.db import IntegrityError, connection

from profiles.columns.packed_rows import fetch
from profiles.models import Cause
from segmenter.kernel.hook import Hook
from segments.models import Segment

Ids = npt.NDArray[np.int64]

new_ledger_rows = Hook[[int, int]]()
"""Called in the transaction with the account's id and its first new ledger row's id (by webhooks).

All of the account's rows from there on are new: whoever writes some follows the account alone.
"""


class ChangeReason(NamedTuple):
    """Why someone enters or leaves, and since when that is true."""

    cause: Cause
    since: datetime
    change_id: int | None = None


@dataclass(frozen=True)
class Moves:
    """k moves of people into or out of segments, one row each."""

    segments: Ids
    profiles: Ids
    entering: npt.NDArray[np.bool_]
    """True for entering, False for leaving."""
    reasons: Sequence[ChangeReason]
    reason: npt.NDArray[np.int64]
    """int64[k]: the index of each move's reason in `reasons`."""

    def __len__(self) -> int:
        return len(self.profiles)


_ACCOUNT_LOCK = 7_305_002
"""First key of the advisory lock under which an account's membership is updated."""


def lock_account(account_id: int) -> None:
    """Be the only one to update the account's membership until this transaction ends.

    The rows of people stay unlocked, so that nobody who stores something about them waits.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_ACCOUNT_LOCK, account_id])


def members(segment_id: int, among: Sequence[int] | None = None) -> Ids:
    """int64[k] ascending: the profile ids in a segment now (of `among`, if set)."""
    query = sql.SQL("SELECT profile_id FROM segments_membership WHERE segment_id = {}").format(
        sql.Literal(segment_id)
    )
    if among is not None:
        query += sql.SQL(" AND profile_id = ANY({}::bigint[])").format(sql.Literal(as_array(among)))
    return np.sort(fetch(query, ["int"])[0])


def memberships(segment_ids: Sequence[int], profile_ids: Ids) -> tuple[Ids, Ids]:
    """Who of these people is in which of these segments: segments and profiles, int64[k] each."""
    # OFFSET 0 forces a lookup by key, whatever the statistics suggest to the planner.
    query = sql.SQL(
        "SELECT segment, profile FROM unnest({}::bigint[]) AS s(segment)"
        " CROSS JOIN unnest({}::bigint[]) AS p(profile) WHERE EXISTS (SELECT FROM"
        " segments_membership WHERE segment_id = segment AND profile_id = profile OFFSET 0)"
    ).format(sql.Literal(as_array(segment_ids)), sql.Literal(as_array(profile_ids)))
    segments, profiles = fetch(query, ["int", "int"], one_block=True)
    return segments, profiles


def difference(segment_id: int, current: Ids, target: Ids, reason: ChangeReason) -> Moves:
    """The moves that turn one set of a segment's members into another."""
    entering = np.setdiff1d(target, current, assume_unique=True)
    leaving = np.setdiff1d(current, target, assume_unique=True)
    k = len(entering) + len(leaving)
    return Moves(
        np.full(k, segment_id, dtype=np.int64),
        np.concatenate([entering, leaving]),
        np.arange(k) < len(entering),
        [reason],
        np.zeros(k, dtype=np.int64),
    )


_WRITE = """
WITH moves AS MATERIALIZED (
    SELECT segment, profile, entering, cause, since, change
    FROM unnest(%(segments)s::bigint[], %(profiles)s::bigint[], %(entering)s::boolean[],
                %(reason)s::bigint[]) AS m(segment, profile, entering, reason)
    JOIN unnest(%(causes)s::text[], %(since)s::timestamptz[], %(changes)s::bigint[])
         WITH ORDINALITY AS r(cause, since, change, number) ON r.number = m.reason + 1
), entered AS (
    INSERT INTO segments_membership (account_id, segment_id, profile_id, entered)
    SELECT %(account)s, segment, profile, since FROM moves WHERE entering
), gone AS (
    DELETE FROM segments_membership USING (
        -- A subquery: by index, whatever the statistics make the planner believe.
        SELECT (SELECT ctid FROM segments_membership
                WHERE segment_id = segment AND profile_id = profile) AS place
        FROM moves WHERE NOT entering OFFSET 0
    ) AS held WHERE segments_membership.ctid = held.place
    RETURNING 1
), sizes AS (
    UPDATE segments_segment SET size = size + more
    FROM unnest(%(sized)s::bigint[], %(more)s::bigint[]) AS d(segment, more) WHERE id = segment
), ledger AS (
    INSERT INTO segments_membershipchange
        (account_id, segment_id, profile_id, entered, cause, change_id, true_since, at)
    SELECT %(account)s, segment, profile, entering, cause, change, since, %(at)s FROM moves
    RETURNING id
)
SELECT min(id), (SELECT count(*) FROM gone) FROM ledger"""


def write_moves(account_id: int, moves: Moves, *, at: datetime) -> None:
    """Write who enters and leaves with the ledger rows, and update the segments' sizes.

    `moves` must come from membership that was read under the account's lock, so no row is checked
    before it is written. Raises IntegrityError, which must abort the transaction, if somebody who
    enters is in already or somebody who leaves is not in.
    """
    if not len(moves):
        return
    sized, place = np.unique(moves.segments, return_inverse=True)
    more = np.bincount(place, weights=np.where(moves.entering, 1, -1)).astype(np.int64)
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
                "since": _times([reason.since for reason in moves.reasons]),
                "changes": "{" + ",".join(str(r.change_id or "NULL") for r in moves.reasons) + "}",
                "sized": as_array(sized),
                "more": as_array(more),
                "at": at,
            },
        )
        first, deleted = cursor.fetchone()
        if deleted != len(moves) - moves.entering.sum():
            raise IntegrityError("Somebody who should leave a segment is not in it.")
    new_ledger_rows.call(account_id, first)


def as_array(values: npt.NDArray[Any] | Sequence[int]) -> str:
    """An array as PostgreSQL text: ten times as fast as a list of parameters."""
    plain = values.tolist() if isinstance(values, np.ndarray) else values
    return "{" + ",".join(map(str, plain)) + "}"


def _times(values: Sequence[datetime]) -> str:
    texts = {value: f'"{value.isoformat()}"' for value in set(values)}
    return "{" + ",".join(texts[value] for value in values) + "}"


def lock_segments(segment_ids: Sequence[int]) -> dict[int, Segment]:
    """Lock segments in the order of their ids; return them by id, without definitions."""
    rows = Segment.objects.select_for_update(no_key=True).filter(pk__in=list(segment_ids))
    return {segment.pk: segment for segment in rows.only("version", "status").order_by("pk")}
