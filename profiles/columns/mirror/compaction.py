"""Makes a new mirror from the old one and its tail; files without changes are used again."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from profiles import facts
from profiles.columns import gather
from profiles.columns.mirror.mirror import Key, MappedMirror
from profiles.columns.mirror.overlay import OverlaidSource
from profiles.columns.mirror.snapshot import types_of, write_people
from profiles.columns.mirror.tail import Tail
from profiles.columns.mirror.writer import Files, replace, writer_lock
from profiles.models import Metric
from profiles.models import Mirror as MirrorRow
from segmenter.accounts.models import Account

_OF_EVENTS = {"events", "by person", "tally", "event property"}


def compact(account: Account, at: datetime) -> MirrorRow | None:
    """Make a new mirror from the present one and the changes since.

    None if another process is writing it or there is none.
    """
    with writer_lock(account.pk) as locked:
        present = gather.mirror_and_tail(account, at)
        row = MirrorRow.objects.filter(pk=present.mirror_id).first() if present else None
        if not locked or present is None or row is None:
            return None
        mirror, tail = present.mirror, present.tail
        files_by_key = {tuple(each["key"]): each["file"] for each in row.files}
        source = OverlaidSource(mirror, tail, account.zone, None, at)
        same_people = np.array_equal(source.ids, mirror.ids) and not len(tail.full_reads)
        old_files = _OldFiles(mirror, files_by_key if same_people else {}, tail)
        return replace(
            account, tail.snapshot, at, lambda files: _write(account, source, old_files, files)
        )


class _OldFiles:
    """The files of the old mirror that can be used again."""

    def __init__(self, mirror: MappedMirror, files: dict[Key, str], tail: Tail) -> None:
        self._mirror, self._files, self._tail = mirror, files, tail

    def file(self, key: Key, fact: str) -> str | None:
        """The file of a key, if its fact has changed for nobody."""
        return None if fact in self._tail.changes else self._files.get(key)

    def events(self, metric: Metric) -> list[tuple[Key, str]]:
        """All files of a metric, if it has no new events."""
        if metric.pk in self._tail.late:
            return []
        return [
            (key, name)
            for key, name in self._files.items()
            if key[0] in _OF_EVENTS and key[1] == metric.key
        ]

    def count(self, metric: Metric) -> int:
        """The number of a metric's events in the old mirror."""
        events = self._mirror.events(metric.key)
        return 0 if events is None else len(events.times)


def _write(account: Account, source: OverlaidSource, old_files: _OldFiles, files: Files) -> None:
    write_people(account, source, files, old_files.file)
    for name in types_of(account.pk, None):
        key: Key = ("property", name)
        if old := old_files.file(key, facts.profile_property(name)):
            files.keep(key, old)
        else:
            files.column(key, source.profile_property(name))
    for metric in Metric.objects.filter(account=account):
        if names := old_files.events(metric):
            for key, old in names:
                files.keep(key, old)
            files.events += old_files.count(metric)
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
