"""The door to columns: of some people of an account, or of everyone.

Where there is a mirror, columns come from its files, and from rows for what has changed since;
where there is none, from rows alone. Nobody who asks can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import numpy as np
from cachetools import LRUCache

from profiles.changes import any_since, current_snapshot
from profiles.columns.ascending import distinct
from profiles.columns.mirror import location
from profiles.columns.mirror.arrays import Damaged
from profiles.columns.mirror.mirror import MappedMirror, Mirrored
from profiles.columns.mirror.overlay import OverlaidSource
from profiles.columns.mirror.tail import Outgrown, Tail, lengthened
from profiles.columns.people import OverlaidPopulation, People
from profiles.columns.population import Population
from profiles.columns.rows import Rows
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now

MOST_KEPT = 8
"""Accounts whose columns one process keeps."""
FEW = 20
"""The columns of fewer people come from their rows, which is as fast as the mirror."""


@dataclass
class MirrorAndTail:
    """An account's mirror, and what has changed since up to now."""

    mirror_id: int
    mirror: MappedMirror
    tail: Tail
    zone: str
    base: Population
    everyone: People | None = None
    """Of the tail."""


def some(
    account: Account, profile_ids: Sequence[int], *, as_of: datetime | None = None
) -> Population:
    """A Population of given profiles (ids of other accounts are ignored)."""
    moment = as_of or now()
    if len(profile_ids) >= FEW:
        kept = opened(account, moment)
        if kept is not None:
            ids = distinct(np.array(profile_ids, dtype=np.int64))
            return Population(OverlaidSource(kept.mirror, kept.tail, account.zone, ids, moment))
    return Population(Rows(account.pk, account.zone, profile_ids, moment))


def all_of(account: Account, *, as_of: datetime | None = None) -> Population:
    """A Population of everyone, with columns over all of them."""
    moment = as_of or now()
    kept = opened(account, moment)
    if kept is None:
        return Population(Rows(account.pk, account.zone, None, moment))
    if not len(kept.tail):
        kept.base.renew(as_of=moment)
        return kept.base
    return Population(OverlaidSource(kept.mirror, kept.tail, account.zone, None, moment))


def everyone(account: Account) -> People:
    """Everyone in an account, to be asked question by question; kept by this process.

    Whether anyone has changed is asked of the database each time: a change is seen once its
    transaction is visible, in whatever order transactions commit.
    """
    started = now()
    kept = opened(account, started)
    if kept is None:
        return _from_rows(account, started)
    if kept.everyone is None:
        kept.everyone = _crowd(kept, account, started)
    kept.everyone.renew(as_of=started)
    return kept.everyone


def forget() -> None:
    """Drop what this process keeps."""
    with _lock:
        _kept.clear()
        _rows.clear()


_lock = Lock()
_kept: LRUCache[int, MirrorAndTail] = LRUCache(MOST_KEPT)
_rows: LRUCache[int, tuple[str, str, Population]] = LRUCache(MOST_KEPT)


def _from_rows(account: Account, started: datetime) -> Population:
    snapshot = current_snapshot()
    with _lock:
        kept = _rows.get(account.pk)
    if kept and kept[1] == account.time_zone and not any_since(account.pk, kept[0]):
        kept[2].renew(as_of=started)
        return kept[2]
    population = Population(Rows(account.pk, account.zone, None, started))
    with _lock:
        _rows[account.pk] = (snapshot, account.time_zone, population)
    return population


def opened(account: Account, moment: datetime) -> MirrorAndTail | None:
    """The account's mirror with its tail up to now; None if it has no mirror that can be read."""
    kept = _of_mirror(account, moment)
    if kept is None:
        return None
    try:
        tail, shared = lengthened(account.pk, kept.tail)
    except Outgrown:
        return None
    if tail.says_the_same(kept.tail):
        kept.tail = tail
        return kept
    longer = MirrorAndTail(kept.mirror_id, kept.mirror, tail, kept.zone, kept.base)
    if shared:
        with _lock:
            _kept[account.pk] = longer
    return longer


def _of_mirror(account: Account, moment: datetime) -> MirrorAndTail | None:
    """The mirror of now with the tail that is kept, which may be of a while ago."""
    seen = None
    while (mirror_id := location.current(account.pk)) != seen and mirror_id is not None:
        with _lock:
            kept = _kept.get(account.pk)
        if kept and kept.mirror_id == mirror_id and kept.zone == account.time_zone:
            return kept
        try:
            mirror = location.opened(mirror_id)
        except Damaged:
            seen = mirror_id  # replaced since it was looked up, if there is another one now
            continue
        base = Population(Mirrored(mirror, account.zone, moment))
        kept = MirrorAndTail(mirror_id, mirror, Tail(mirror.snapshot), account.time_zone, base)
        with _lock:
            _kept[account.pk] = kept
        return kept
    return None


def _crowd(kept: MirrorAndTail, account: Account, moment: datetime) -> People:
    if not len(kept.tail):
        return kept.base
    changed = OverlaidSource(kept.mirror, kept.tail, account.zone, kept.tail.people, moment)
    gone = np.setdiff1d(kept.tail.moved, kept.tail.alive)
    return OverlaidPopulation(kept.base, Population(changed), gone=gone)
