"""A cache in each process of who is in which segment, so that a batch need not read it again.

The members of a segment are a bitmap, updated from the ledger. Ledger and membership are written
together under the account's lock, so an account's ledger rows are committed in the order of their
ids: all rows after the last one read are new. A segment is loaded as a whole once looking up single
people has cost as much. The cache can be lost at any time.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection
from threading import Lock

import numpy as np
import numpy.typing as npt
import psycopg.sql as sql
from cachetools import LRUCache
from django.db import connection
from pyroaring import BitMap64

from profiles.columns.column import Bools
from profiles.columns.packed_rows import fetch
from segments.engine.membership import Ids, members, memberships
from segments.models import Segment

MOST_KEPT = 8
"""Accounts in the cache of a process."""
MOST_MEMBERS = 50_000_000
"""Cached memberships of an account: at most two bytes each, one bit where many are in."""
MOST_NEW = 1_000_000
"""Ledger rows of all accounts. If the cache is further behind, everything is loaded again."""
LOOKUP_COST = 16
"""Looking up one person costs as much as loading this many members of a whole segment."""

log = logging.getLogger(__name__)


class MemberCache:
    """The membership of one account. Use it only under the account's lock."""

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self._last_id = 0
        """The id of the last ledger row in the cache."""
        self._members: dict[int, BitMap64] = {}
        self._sizes: dict[int, int] = {}
        """Of all segments."""
        self._lookups: Counter[int] = Counter()
        """People who were looked up in segments that are not cached."""

    def inside(self, segment_ids: Collection[int], ids: Ids) -> dict[int, Bools]:
        """By segment, bool[len(ids)]: who is in it now. `ids` are ascending."""
        for segment_id in segment_ids:
            if segment_id not in self._members:
                self._lookups[segment_id] += len(ids)
                self._keep(segment_id)
        candidates = _bitmap(ids)
        result = {
            segment_id: _among(ids, np.array((bitmap & candidates).to_array(), dtype=np.int64))
            for segment_id, bitmap in self._members.items()
            if segment_id in segment_ids
        }
        rest = sorted(set(segment_ids) - result.keys())
        if rest:
            segments, people = memberships(rest, ids)
            result |= {pk: _among(ids, people[segments == pk]) for pk in rest}
        return result

    def catch_up(self) -> None:
        """Apply what was committed since the last call. Must run before anything is written."""
        newest = _newest()
        if not 0 <= newest - self._last_id <= MOST_NEW:
            self._members.clear()
        if self._members and newest > self._last_id:
            self._follow()
        self._last_id = newest
        self._sizes = dict(
            Segment.objects.filter(account=self.account_id).values_list("pk", "size")
        )
        for segment_id, bitmap in list(self._members.items()):
            size = self._sizes.get(segment_id)
            if size != len(bitmap):
                del self._members[segment_id]
                if size is not None:
                    log.error("segment %s has %s members, not %s", segment_id, size, len(bitmap))

    def _follow(self) -> None:
        """Apply new ledger rows; of several about one person, the last counts."""
        # OFFSET 0 forces the primary key, whatever the statistics suggest to the planner.
        query = sql.SQL(
            "SELECT id, segment_id, profile_id, entered::int FROM"
            " (SELECT * FROM segments_membershipchange WHERE id > {} OFFSET 0) AS new"
            " WHERE account_id = {}"
        ).format(sql.Literal(self._last_id), sql.Literal(self.account_id))
        numbers, segments, people, entered = fetch(query, ["int"] * 4)
        order = np.lexsort([numbers, people, segments])
        segments, people, entered = segments[order], people[order], entered[order]
        last = np.ones(len(order), dtype=np.bool_)
        last[:-1] = (segments[1:] != segments[:-1]) | (people[1:] != people[:-1])
        segments, people, entered = segments[last], people[last], entered[last] == 1
        for segment_id in np.unique(segments).tolist():
            bitmap = self._members.get(segment_id)
            if bitmap is not None:
                low, high = np.searchsorted(segments, [segment_id, segment_id + 1])
                changed, way = people[low:high], entered[low:high]
                bitmap |= _bitmap(changed[way])
                bitmap -= _bitmap(changed[~way])

    def _keep(self, segment_id: int) -> None:
        """Load a segment's members if lookups have cost as much, and if there is room."""
        size = self._sizes.get(segment_id, 0)
        if self._lookups[segment_id] * LOOKUP_COST < size:
            return
        if sum(map(len, self._members.values())) + size <= MOST_MEMBERS:
            self._members[segment_id] = _bitmap(members(segment_id))
            del self._lookups[segment_id]


def member_cache_of(account_id: int) -> MemberCache:
    """The committed membership of an account. Call it only under the account's lock."""
    with _lock:
        cache = _kept.setdefault(account_id, MemberCache(account_id))
    cache.catch_up()
    return cache


def forget(account_id: int) -> None:
    """Drop the cache of an account: something that was built on it failed."""
    with _lock:
        _kept.pop(account_id, None)


_lock = Lock()
_kept: LRUCache[int, MemberCache] = LRUCache(MOST_KEPT)


def _newest() -> int:
    """The last ledger id that was issued; lower than before if the database was restored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sequence_last_value('segments_membershipchange_id_seq')")
        return cursor.fetchone()[0] or 0


def _bitmap(ids: Ids) -> BitMap64:
    return BitMap64(ids.astype(np.uint64))


def _among(ids: Ids, some: npt.NDArray[np.int64]) -> Bools:
    """bool[len(ids)]: which of the ascending `ids` are in `some`, which is a subset of them."""
    flags = np.zeros(len(ids), dtype=np.bool_)
    flags[np.searchsorted(ids, some)] = True
    return flags
