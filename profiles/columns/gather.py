"""Populations: the columns of some people of an account, or of everyone.

If the account has a mirror, columns come from its files, and from rows for what has changed since.
Otherwise they come from rows alone. The answers are the same.
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
from profiles.columns.mirror.arrays import DamagedFile
from profiles.columns.mirror.mirror import MappedMirror, MirrorSource
from profiles.columns.mirror.overlay import OverlaidSource
from profiles.columns.mirror.tail import Tail, TailTooLong, extend
from profiles.columns.people import OverlaidPopulation, People
from profiles.columns.population import Population
from profiles.columns.rows import Rows
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now

MOST_KEPT = 8
"""Accounts whose columns one process keeps."""
FEW = 20
"""For fewer people columns are read from rows, which is as fast as the mirror."""


@dataclass
class MirrorAndTail:
    """An account's mirror, and the changes since its snapshot."""

    mirror_id: int
    mirror: MappedMirror
    tail: Tail
    zone: str
    base: Population
    everyone: People | None = None
    """The mirror with the changes of this tail laid over it; made on first use."""


def some(
    account: Account, profile_ids: Sequence[int], *, as_of: datetime | None = None
) -> Population:
    """A Population of the profiles with these ids (ids of other accounts are ignored)."""
    moment = as_of or now()
    if len(profile_ids) >= FEW:
        mirrored = mirror_and_tail(account, moment)
        if mirrored is not None:
            ids = distinct(np.array(profile_ids, dtype=np.int64))
            return Population(
                OverlaidSource(mirrored.mirror, mirrored.tail, account.zone, ids, moment)
            )
    return Population(Rows(account.pk, account.zone, profile_ids, moment))


def all_of(account: Account, *, as_of: datetime | None = None) -> Population:
    """A Population of everyone, with columns over all of them."""
    moment = as_of or now()
    mirrored = mirror_and_tail(account, moment)
    if mirrored is None:
        return Population(Rows(account.pk, account.zone, None, moment))
    if not len(mirrored.tail):
        mirrored.base.renew(as_of=moment)
        return mirrored.base
    return Population(OverlaidSource(mirrored.mirror, mirrored.tail, account.zone, None, moment))


def everyone(account: Account) -> People:
    """Everyone in an account; cached in this process.

    Each call asks the database for changes since: a change is seen as soon as its transaction is
    visible, in whatever order transactions commit.
    """
    started = now()
    mirrored = mirror_and_tail(account, started)
    if mirrored is None:
        return _from_rows(account, started)
    if mirrored.everyone is None:
        mirrored.everyone = _overlaid(mirrored, account, started)
    mirrored.everyone.renew(as_of=started)
    return mirrored.everyone


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
        cached = _rows.get(account.pk)
    if cached and cached[1] == account.time_zone and not any_since(account.pk, cached[0]):
        cached[2].renew(as_of=started)
        return cached[2]
    population = Population(Rows(account.pk, account.zone, None, started))
    with _lock:
        _rows[account.pk] = (snapshot, account.time_zone, population)
    return population


def mirror_and_tail(account: Account, moment: datetime) -> MirrorAndTail | None:
    """The account's mirror with its tail up to now; None if it has no mirror that can be read."""
    mirrored = _mirror_with_old_tail(account, moment)
    if mirrored is None:
        return None
    try:
        tail, shared = extend(account.pk, mirrored.tail)
    except TailTooLong:
        return None
    if tail.is_unchanged_from(mirrored.tail):
        mirrored.tail = tail
        return mirrored
    longer = MirrorAndTail(mirrored.mirror_id, mirrored.mirror, tail, mirrored.zone, mirrored.base)
    if shared:
        with _lock:
            _kept[account.pk] = longer
    return longer


def _mirror_with_old_tail(account: Account, moment: datetime) -> MirrorAndTail | None:
    """The current mirror with its cached tail, which may be out of date."""
    damaged_id = None
    while (mirror_id := location.current(account.pk)) != damaged_id and mirror_id is not None:
        with _lock:
            mirrored = _kept.get(account.pk)
        if mirrored and mirrored.mirror_id == mirror_id and mirrored.zone == account.time_zone:
            return mirrored
        try:
            mirror = location.open_mirror(mirror_id)
        except DamagedFile:
            damaged_id = mirror_id  # replaced since it was looked up, if there is another one now
            continue
        base = Population(MirrorSource(mirror, account.zone, moment))
        mirrored = MirrorAndTail(mirror_id, mirror, Tail(mirror.snapshot), account.time_zone, base)
        with _lock:
            _kept[account.pk] = mirrored
        return mirrored
    return None


def _overlaid(mirrored: MirrorAndTail, account: Account, moment: datetime) -> People:
    if not len(mirrored.tail):
        return mirrored.base
    changed = OverlaidSource(
        mirrored.mirror, mirrored.tail, account.zone, mirrored.tail.people, moment
    )
    missing = np.setdiff1d(mirrored.tail.full_reads, mirrored.tail.alive)
    return OverlaidPopulation(mirrored.base, Population(changed), missing=missing)
