"""How up to six segments overlap, exactly: every region with its people, from one snapshot.

A region is the people who are in some of the segments and in none of the others. Members, everyone
and the states of the segments are read in one statement, so that the regions add up to everyone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection
from django.utils.translation import gettext

from profiles.columns.ascending import Ints
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, NotFound, Problem

MOST_SEGMENTS = 6


@dataclass(frozen=True)
class SegmentState:
    """A segment as it is in the snapshot. `size`: its members who exist."""

    key: str
    name: str
    size: int
    status: str
    is_active: bool
    as_of: datetime | None
    """None before its first build: then it has no members yet."""


@dataclass(frozen=True)
class Region:
    """The people who are in all of `inside` and in none of `outside`."""

    inside: tuple[SegmentState, ...]
    outside: tuple[SegmentState, ...]
    count: int
    total: int
    """Everyone in the account."""

    @property
    def share(self) -> float:
        """Part of everyone, 0 to 1."""
        return self.count / self.total if self.total else 0.0

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(segment.key for segment in self.inside)


@dataclass(frozen=True)
class PairOverlap:
    """Two segments, whatever other segments their people are in."""

    one: SegmentState
    other: SegmentState
    both: int

    @property
    def either(self) -> int:
        return self.one.size + self.other.size - self.both

    @property
    def jaccard(self) -> float:
        """People in both as a share of those in either; 0 of nobody."""
        return self.both / self.either if self.either else 0.0

    @property
    def share_of_one(self) -> float:
        """How much of the first segment is in the second; 0 of nobody."""
        return self.both / self.one.size if self.one.size else 0.0

    @property
    def share_of_other(self) -> float:
        return self.both / self.other.size if self.other.size else 0.0


@dataclass(frozen=True, eq=False)
class MemberSets:
    """Who is in which of k segments. `ids` int64[n] ascending: who is in any of them."""

    segments: tuple[SegmentState, ...]
    total: int
    ids: Ints
    bits: npt.NDArray[np.uint8]
    """uint8[n]: bit i is set if the person is in segment i."""

    @cached_property
    def counts(self) -> dict[int, int]:
        """Bits to how many people have exactly these; 0 is everyone else."""
        counts = np.bincount(self.bits, minlength=1 << len(self.segments)).tolist()
        counts[0] = max(self.total - len(self.ids), 0)
        return dict(enumerate(counts))

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """The regions that hold somebody: the largest first, everyone else last."""
        regions = [
            Region(*self._split(bits), count, self.total)
            for bits, count in self.counts.items()
            if count
        ]
        return tuple(sorted(regions, key=lambda one: (not one.inside, -one.count, one.keys)))

    @cached_property
    def pairs(self) -> tuple[PairOverlap, ...]:
        numbers = range(len(self.segments))
        return tuple(
            PairOverlap(self.segments[i], self.segments[j], self.in_all((1 << i) | (1 << j)))
            for i, j in combinations(numbers, 2)
        )

    def in_all(self, bits: int) -> int:
        """How many people are in all of some segments."""
        return sum(count for each, count in self.counts.items() if each & bits == bits)

    @property
    def union(self) -> int:
        """How many people are in at least one of the segments."""
        return len(self.ids)

    def _split(self, bits: int) -> tuple[tuple[SegmentState, ...], tuple[SegmentState, ...]]:
        inside = tuple(one for i, one in enumerate(self.segments) if bits >> i & 1)
        return inside, tuple(one for one in self.segments if one not in inside)


_MEMBERS = """
SELECT key, name, status, is_active, as_of, (
           SELECT string_agg(int8send(profile_id), ''::bytea)
           FROM segments_membership WHERE segment_id = s.id),
       (SELECT count(*) FROM profiles_profile WHERE account_id = %(account)s),
       ARRAY(SELECT DISTINCT profile_id FROM profiles_profilechange c
             WHERE account_id = %(account)s AND handled IS NULL
             AND NOT EXISTS (SELECT FROM profiles_profile p WHERE p.id = c.profile_id))
FROM segments_segment s
WHERE account_id = %(account)s AND key = ANY(%(keys)s::text[]) AND deleted IS NULL"""
"""People who were merged or erased stay members until a worker follows; they are not counted."""


def read_members(account: Account, keys: Sequence[str]) -> MemberSets:
    """Read who is in some segments, in the order of `keys`, each once.

    Raises NotFound for a key that the account does not have, Invalid for none or too many.
    """
    keys = list(dict.fromkeys(keys))
    if not 1 <= len(keys) <= MOST_SEGMENTS:
        message = gettext("Choose 1 to %(most)s segments.") % {"most": MOST_SEGMENTS}
        raise Invalid(Problem("/segments", "invalid", message))
    rows = _rows(account, keys)
    for key in keys:
        if key not in rows:
            raise NotFound(f"The segment {key!r}")
    members, states = [], []
    for key in keys:
        name, status, is_active, as_of, packed, _total, missing = rows[key]
        ids = np.frombuffer(packed or b"", dtype=">i8").astype(np.int64)
        ids = ids[~np.isin(ids, np.array(missing, dtype=np.int64))] if missing else ids
        members.append(np.sort(ids))
        states.append(SegmentState(key, name, len(ids), status, is_active, as_of))
    total = next(iter(rows.values()))[5]
    return MemberSets(tuple(states), total, *_bits(members))


def _rows(account: Account, keys: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    connection.ensure_connection()
    # Django's own cursor has no binary format.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_MEMBERS, {"account": account.pk, "keys": keys}, binary=True)
        return {key: tuple(columns) for key, *columns in cursor.fetchall()}


def _bits(members: Sequence[Ints]) -> tuple[Ints, npt.NDArray[np.uint8]]:
    """The union of ascending sets, and of which ones each of it is."""
    ids = np.concatenate(members)
    bits = np.repeat(1 << np.arange(len(members)), list(map(len, members))).astype(np.uint8)
    order = np.argsort(ids, kind="stable")  # fast: a merge of ascending parts
    ids, bits = ids[order], bits[order]
    first = np.flatnonzero(np.diff(ids, prepend=ids[:1] - 1))
    if not len(ids):
        return ids, bits
    return ids[first], np.bitwise_or.reduceat(bits, first)
