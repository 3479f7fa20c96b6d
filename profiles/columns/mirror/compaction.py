"""A new mirror of the old one and what has changed: what nobody touched stays as it lies."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from profiles import facts
from profiles.columns import gather
from profiles.columns.mirror.mirror import Key, MappedMirror
from profiles.columns.mirror.overlay import OverlaidSource
from profiles.columns.mirror.snapshot import types_of, write_people
from profiles.columns.mirror.tail import Tail
from profiles.columns.mirror.writer import Files, alone, replace
from profiles.models import Metric
from profiles.models import Mirror as MirrorRow
from segmenter.accounts.models import Account

_OF_EVENTS = {"events", "by person", "tally", "event property"}


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
        source = OverlaidSource(mirror, tail, account.zone, None, at)
        same = np.array_equal(source.ids, mirror.ids) and not len(tail.moved)
        kept = _Kept(mirror, held if same else {}, tail)
        return replace(
            account, tail.snapshot, at, lambda files: _write(account, source, kept, files)
        )


class _Kept:
    """Which files of the old mirror are still right."""

    def __init__(self, mirror: MappedMirror, files: dict[Key, str], tail: Tail) -> None:
        self._mirror, self._files, self._tail = mirror, files, tail

    def file(self, key: Key, fact: str) -> str | None:
        """The file of a key, if what it holds has changed for nobody."""
        return None if fact in self._tail.touched else self._files.get(key)

    def events(self, metric: Metric) -> list[tuple[Key, str]]:
        """All files of a metric, if nothing came."""
        if metric.pk in self._tail.late:
            return []
        return [
            (key, name)
            for key, name in self._files.items()
            if key[0] in _OF_EVENTS and key[1] == metric.key
        ]

    def count(self, metric: Metric) -> int:
        """How many events of a metric the old mirror has."""
        events = self._mirror.events(metric.key)
        return 0 if events is None else len(events.times)


def _write(account: Account, source: OverlaidSource, kept: _Kept, files: Files) -> None:
    write_people(account, source, files, kept.file)
    for name in types_of(account.pk, None):
        key: Key = ("property", name)
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


def _write_metric(account: Account, source: OverlaidSource, metric: Metric, files: Files) -> None:
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
    for name in types_of(account.pk, metric):
        files.column(("event property", metric.key, name), events.column(name))
