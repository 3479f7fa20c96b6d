"""Who is in which segment, as this process remembers it, so that a batch need not read it anew.

The members of a segment are kept as a bitmap and brought up to date from the ledger. Ledger and
membership are written together, by whoever follows the account alone, so an account's ledger rows
are committed in the order of their ids: what follows the last row that was seen is all that is new.
A segment is read whole once looking people up one by one has cost as much. All of it may be lost.
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
"""Accounts whose membership one process keeps."""
MOST_MEMBERS = 50_000_000
"""Memberships of an account that are kept: at most two bytes each, a bit where many are in."""
MOST_NEW = 1_000_000
"""Ledger rows of all accounts; further behind than that, everything is read anew."""
LOOKED_UP = 16
"""Looking up one person costs as much as reading so many members of a whole segment."""

log = logging.getLogger(__name__)


class MemberCache:
    """The membership of one account; to be asked by whoever follows the account alone."""

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self._seen = 0
        """The id of the last ledger row that is part of what is kept."""
        self._members: dict[int, BitMap64] = {}
        self._sizes: dict[int, int] = {}
        """Of all segments."""
        self._asked: Counter[int] = Counter()
        """How many people were looked up in segments that are not kept."""

    def inside(self, segment_ids: Collection[int], ids: Ids) -> dict[int, Bools]:
        """By segment, bool[len(ids)]: who is in it now. `ids` are ascending."""
        for segment_id in segment_ids:
            if segment_id not in self._members:
                self._asked[segment_id] += len(ids)
                self._keep(segment_id)
        wanted = _bitmap(ids)
        found = {
            segment_id: _among(ids, np.array((kept & wanted).to_array(), dtype=np.int64))
            for segment_id, kept in self._members.items()
            if segment_id in segment_ids
        }
        rest = sorted(set(segment_ids) - found.keys())
        if rest:
            segments, people = memberships(rest, ids)
            found |= {pk: _among(ids, people[segments == pk]) for pk in rest}
        return found

    def catch_up(self) -> None:
        """Learn what was committed since the last time. To be called before anything is written."""
        newest = _newest()
        if not 0 <= newest - self._seen <= MOST_NEW:
            self._members.clear()
        if self._members and newest > self._seen:
            self._follow()
        self._seen = newest
        self._sizes = dict(
            Segment.objects.filter(account=self.account_id).values_list("pk", "size")
        )
        for segment_id, kept in list(self._members.items()):
            size = self._sizes.get(segment_id)
            if size != len(kept):
                del self._members[segment_id]
                if size is not None:
                    log.error("segment %s has %s members, not %s", segment_id, size, len(kept))

    def _follow(self) -> None:
        """Add and remove whom new ledger rows tell of; of several about somebody the last holds."""
        # OFFSET 0: by primary key, whatever the statistics make the planner believe.
        query = sql.SQL(
            "SELECT id, segment_id, profile_id, entered::int FROM"
            " (SELECT * FROM segments_membershipchange WHERE id > {} OFFSET 0) AS new"
            " WHERE account_id = {}"
        ).format(sql.Literal(self._seen), sql.Literal(self.account_id))
        numbers, segments, people, entered = fetch(query, ["int"] * 4)
        order = np.lexsort([numbers, people, segments])
        segments, people, entered = segments[order], people[order], entered[order]
        last = np.ones(len(order), dtype=np.bool_)
        last[:-1] = (segments[1:] != segments[:-1]) | (people[1:] != people[:-1])
        segments, people, entered = segments[last], people[last], entered[last] == 1
        for segment_id in np.unique(segments).tolist():
            kept = self._members.get(segment_id)
            if kept is not None:
                low, high = np.searchsorted(segments, [segment_id, segment_id + 1])
                moved, way = people[low:high], entered[low:high]
                kept |= _bitmap(moved[way])
                kept -= _bitmap(moved[~way])

    def _keep(self, segment_id: int) -> None:
        """Read a segment's members if it is time, and there is room for them."""
        size = self._sizes.get(segment_id, 0)
        if self._asked[segment_id] * LOOKED_UP < size:
            return
        if sum(map(len, self._members.values())) + size <= MOST_MEMBERS:
            self._members[segment_id] = _bitmap(members(segment_id))
            del self._asked[segment_id]


def held(account_id: int) -> MemberCache:
    """What is committed of an account's membership, for whoever follows it alone."""
    with _lock:
        found = _kept.setdefault(account_id, MemberCache(account_id))
    found.catch_up()
    return found


def forget(account_id: int) -> None:
    """Remember nothing of an account: something that was built on it failed."""
    with _lock:
        _kept.pop(account_id, None)


_lock = Lock()
_kept: LRUCache[int, MemberCache] = LRUCache(MOST_KEPT)


def _newest() -> int:
    """The highest id that a ledger row has been given; lower than before in a database set back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sequence_last_value('segments_membershipchange_id_seq')")
        return cursor.fetchone()[0] or 0


def _bitmap(ids: Ids) -> BitMap64:
    return BitMap64(ids.astype(np.uint64))


def _among(ids: Ids, some: npt.NDArray[np.int64]) -> Bools:
    """bool[len(ids)]: which of some ascending ids are given; all that are given are among them."""
    found = np.zeros(len(ids), dtype=np.bool_)
    found[np.searchsorted(ids, some)] = True
    return found
