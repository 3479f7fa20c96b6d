"""Keeping mirrors: made where one is wanted and missing, and made anew as changes add up.

The snapshot is taken first and everything is read after it, so that what is read is at least as
new: whoever changes meanwhile is in the tail of the new mirror.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from django.db import connection

from profiles import facts
from profiles.changes import KEPT, current_snapshot
from profiles.columns import gather
from profiles.columns.mirror import reading
from profiles.columns.mirror.opened import COORDINATES, PEOPLE, Key, Mirror
from profiles.columns.mirror.overlaid import Overlaid
from profiles.columns.mirror.tail import Tail
from profiles.columns.mirror.writing import Files, alone, replace
from profiles.models import Channel, List, Metric
from profiles.models import Mirror as MirrorRow
from segmenter.accounts.models import Account

MOST_CHANGED = 0.01
"""Of everyone: with more people changed, looking at them apart costs more than it saves."""
FEW_CHANGED = 1_000
"""So few never matter."""
OLDEST = timedelta(days=7)
"""A mirror is made anew after so long; the changes since are kept for longer (changes.KEPT)."""
REST = 20
"""How many times as long as it takes to make a mirror it is left in peace."""

log = logging.getLogger(__name__)


def accounts_large() -> list[int]:
    """Accounts with enough people for a mirror, and those that have one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_account a"
            " WHERE EXISTS (SELECT FROM profiles_mirror WHERE account_id = a.id)"
            " OR EXISTS (SELECT FROM profiles_profile WHERE account_id = a.id OFFSET %s)"
            " ORDER BY id",
            [max(settings.SEGMENTER_MIRROR_FROM - 1, 0)],
        )
        return [row[0] for row in cursor.fetchall()]


def keep(account: Account, at: datetime) -> MirrorRow | None:
    """Make an account's mirror on this machine if that is due; return it if it was made."""
    held = gather.opened(account, at)
    row = MirrorRow.objects.filter(pk=held.mirror_id).first() if held else None
    if held is None or row is None or at - row.taken > KEPT - OLDEST:
        return build(account, at)
    return compact(account, at) if _is_due(row, held.tail, at) else None


def _is_due(row: MirrorRow, tail: Tail, at: datetime) -> bool:
    if not len(tail) or at - row.taken < timedelta(seconds=REST * row.seconds):
        return False
    most = max(FEW_CHANGED, MOST_CHANGED * row.people)
    gone = len(tail.alive) < len(tail.moved)  # whose data is not to stay in files
    return gone or len(tail) > most or at - row.taken > OLDEST


def build(account: Account, at: datetime) -> MirrorRow | None:
    """Read everything anew and put the files in place; None if somebody else is at it."""
    with alone(account.pk) as mine:
        if not mine:
            return None
        snapshot = current_snapshot()
        return replace(account, snapshot, at, lambda files: reading.read_all(account, at, files))


def compact(account: Account, at: datetime) -> MirrorRow | None:
    """Make a new mirror of the one there is and what has changed since.

    None if somebody else is at it or there is none.
    """
    with alone(account.pk) as mine:
        opened = gather.opened(account, at)
        row = MirrorRow.objects.filter(pk=opened.mirror_id).first() if opened else None
        if not mine or opened is None or row is None:
            return None
        mirror, tail = opened.mirror, opened.tail
        held = {tuple(each["key"]): each["file"] for each in row.files}
        source = Overlaid(mirror, tail, account.zone, None, at)
        same = np.array_equal(source.ids, mirror.ids) and not len(tail.moved)
        kept = _Kept(mirror, held if same else {}, tail)
        return replace(
            account, tail.snapshot, at, lambda files: _write(account, source, kept, files)
        )


class _Kept:
    """Which files of the old mirror are still right."""

    def __init__(self, mirror: Mirror, files: dict[Key, str], tail: Tail) -> None:
        self._mirror, self._files, self._tail = mirror, files, tail

    def file(self, key: Key, fact: str) -> str | None:
        """The file of a key, if what it holds has changed for nobody."""
        return None if fact in self._tail.touched else self._files.get(key)

    def events(self, metric: Metric) -> list[tuple[Key, str]]:
        """All files of a metric, if nothing came."""
        if metric.pk in self._tail.late:
            return []
        mine = {"events", "by person", "tally", "event property"}
        return [
            (key, name)
            for key, name in self._files.items()
            if key[0] in mine and key[1] == metric.key
        ]

    def count(self, metric: Metric) -> int:
        """How many events of a metric the old mirror has."""
        events = self._mirror.events(metric.key)
        return 0 if events is None else len(events.times)


def _write(account: Account, source: Overlaid, kept: _Kept, files: Files) -> None:
    files.people = len(source.ids)
    files.put(PEOPLE, {"ids": source.ids})
    for name in reading.ATTRIBUTES:
        key: Key = ("attribute", name)
        if old := kept.file(key, facts.attribute(name)):
            files.keep(key, old)
        else:
            files.column(key, source.attribute(name))
    if old := kept.file(COORDINATES, facts.PLACE):
        files.keep(COORDINATES, old)
    else:
        latitude, longitude = source.coordinates()
        files.put(COORDINATES, {"latitude": latitude, "longitude": longitude})
    for channel in Channel.values:
        for name in reading.CONSENT_FIELDS:
            files.column(("consent", channel, name), source.consent(channel, name))
        for reason in facts.SUPPRESSION_REASONS:
            files.column(("suppression", channel, reason), source.suppression(channel, reason))
    for key_ in List.objects.filter(account=account).values_list("key", flat=True):
        joined = source.list_members(key_)
        if joined is not None:
            files.put(("list", key_), {"profiles": joined.profiles, "since": joined.since})
    for name in reading.types_of(account.pk, None):
        key = ("property", name)
        if old := kept.file(key, facts.profile_property(name)):
            files.keep(key, old)
        else:
            files.column(key, source.profile_property(name))
    for metric in Metric.objects.filter(account=account):
        if olds := kept.events(metric):
            for key, old in olds:
                files.keep(key, old)
            files.events += kept.count(metric)
        else:
            _write_metric(account, source, metric, files)


def _write_metric(account: Account, source: Overlaid, metric: Metric, files: Files) -> None:
    events, ids = source.numbered_events(metric.key)
    if not len(events):
        return
    files.metric(
        metric,
        len(source.ids),
        profiles=events.profiles,
        times=events.times,
        values=events.values,
        ids=ids,
    )
    for name in reading.types_of(account.pk, metric):
        files.column(("event property", metric.key, name), events.column(name))
