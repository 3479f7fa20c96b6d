"""The columns of the mirror, overlaid by the changes since its snapshot.

Facts that have changed for a person are read from rows. Events are those of the mirror and the late
ones, each once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from profiles import facts
from profiles.columns.ascending import Ints, positions_in, union
from profiles.columns.column import Column, Floats, concatenate
from profiles.columns.events import Events
from profiles.columns.mirror.mirror import MappedMirror, MirrorEvents
from profiles.columns.mirror.tail import LateEvents, Tail
from profiles.columns.population import UnknownKey
from profiles.columns.row_reader import GroupRows, RowReader
from profiles.columns.rows import Rows
from profiles.models import List, Metric


class OverlaidSource:
    """A source (see population.Source) of some people, or of everyone, at a tail's snapshot.

    Columns that are read later are at least as new.
    """

    in_files = False

    def __init__(
        self,
        mirror: MappedMirror,
        tail: Tail,
        zone: ZoneInfo,
        subset: Ints | None,
        as_of: datetime,
    ) -> None:
        """`subset` int64[] ascending ids, None for everyone; ids that do not exist are ignored."""
        self.account_id = mirror.account_id
        self.zone = zone
        self.as_of = as_of
        self._mirror, self._tail, self._everyone = mirror, tail, subset is None
        old = mirror.ids if subset is None else subset[positions_in(mirror.ids, subset)[1]]
        old = old[~positions_in(tail.full_reads, old)[1]]
        new = tail.alive if subset is None else subset[positions_in(tail.alive, subset)[1]]
        self.ids = union([old, new])
        self.rows = RowReader(self.account_id, zone, self.ids, everyone=subset is None)
        self._old = np.searchsorted(self.ids, old)
        """int64[]: the positions in `ids` of people whom the mirror has."""
        self._at = np.searchsorted(mirror.ids, old)
        """int64[]: the positions of the same people in the mirror."""

    def attribute(self, name: str) -> Column:
        return self._overlay(
            facts.attribute(name),
            self._mirror.attribute(name),
            lambda rows: rows.attribute(name),
        )

    def profile_property(self, name: str) -> Column:
        return self._overlay(
            facts.profile_property(name),
            self._mirror.profile_property(name),
            lambda rows: rows.profile_property(name),
        )

    def consent(self, channel: str, field: str) -> Column:
        return self._overlay(
            facts.consent(channel),
            self._mirror.consent(channel, field),
            lambda rows: rows.consent(channel, field),
        )

    def suppression(self, channel: str, reason: str) -> Column:
        return self._overlay(
            facts.consent(channel),
            self._mirror.suppression(channel, reason),
            lambda rows: rows.suppression(channel, reason),
        )

    def coordinates(self) -> tuple[Floats, Floats]:
        axes = [np.full(len(self.ids), np.nan), np.full(len(self.ids), np.nan)]
        fresh, rows = self._fresh(facts.PLACE)
        for axis, degrees in enumerate(self._mirror.coordinates()):
            axes[axis][self._old] = degrees[self._at]
        if rows is not None:
            for axis, degrees in enumerate(rows.coordinates()):
                axes[axis][fresh] = degrees
        return axes[0], axes[1]

    def list_members(self, key: str) -> GroupRows | None:
        old = self._mirror.list_members(key)
        if old is None and not List.objects.filter(account_id=self.account_id, key=key).exists():
            return None
        fresh, rows = self._fresh(facts.group(key))
        since = np.zeros(len(self.ids), dtype=np.int64)
        inside = np.zeros(len(self.ids), dtype=np.bool_)
        if old is not None:
            places = self._place(old.profiles)
            present = places >= 0
            inside[places[present]] = True
            since[places[present]] = old.since[present]
        inside[fresh] = False
        new = None if rows is None else rows.list_members(key)
        if new is not None:
            inside[fresh[new.profiles]] = True
            since[fresh[new.profiles]] = new.since
        members = np.flatnonzero(inside).astype(np.int32)
        return GroupRows(members, since[members])

    def events(self, metric: str) -> Events:
        return self.numbered_events(metric)[0]

    def numbered_events(self, metric: str) -> tuple[Events, Ints]:
        """All events of a metric, and their ids in the same order. Raises UnknownKey."""
        events = self._mirror.events(metric)
        if events is not None:
            return self._events(events, events.metric_id, metric)
        row = Metric.objects.filter(account_id=self.account_id, key=metric).first()
        if row is None:
            raise UnknownKey("metric", metric)
        return self._events(None, row.pk, metric)

    def _events(
        self, mirrored: MirrorEvents | None, metric_id: int, metric: str
    ) -> tuple[Events, Ints]:
        """The events of the mirror, the late ones, and those of people read in full."""
        parts: list[_Part] = []
        late = self._tail.late.get(metric_id)
        if late is not None:
            late = late.of(np.setdiff1d(self.ids, self._tail.full_reads, assume_unique=True))
        if mirrored is not None:
            parts.append(self._mirrored(mirrored, late))
        if late is not None and len(late.ids):
            profiles = np.searchsorted(self.ids, late.profiles)
            parts.append(_Part(profiles, late.times, late.values, late.ids, late.column))
        positions, rows = self._full_reads()
        if rows is not None:
            events, ids = rows.numbered_events(metric)
            parts.append(
                _Part(positions[events.profiles], events.times, events.values, ids, events.column)
            )
        return _merge(parts, len(self.ids))

    def _mirrored(self, mirrored: MirrorEvents, late: LateEvents | None) -> _Part:
        """The mirror's events of these people, without those that are among the late ones."""
        rows = mirrored.rows_of(None if self._everyone else self._at)
        profiles = self._place(mirrored.profiles[rows])
        keep = profiles >= 0
        ids = mirrored.ids[rows]
        if late is not None:
            keep &= ~positions_in(late.ids, ids)[1]
        rows = rows[keep]
        return _Part(
            profiles[keep],
            mirrored.times[rows],
            mirrored.values[rows],
            ids[keep],
            lambda name: _take(mirrored.column(name), rows, everyone=self._everyone),
        )

    def _place(self, numbers: npt.NDArray[np.int32]) -> Ints:
        """Translate positions in the mirror into positions in `ids`, -1 for other people."""
        if (
            len(self._at)
            and len(self._at) == len(self._mirror.ids)
            and self._old[-1] == len(self._at) - 1
        ):
            return numbers.astype(np.int64)
        if len(self._at) * 20 < len(self._mirror.ids):
            indices, present = positions_in(self._at, numbers.astype(np.int64))
            return np.where(present, self._old[indices] if len(self._old) else -1, -1)
        places = np.full(len(self._mirror.ids), -1, dtype=np.int64)
        places[self._at] = self._old
        return places[numbers]

    def _fresh(self, fact: str) -> tuple[Ints, Rows | None]:
        """The positions of people whose fact has to be read, and its reader, if there are any."""
        return self._read(self._tail.fresh(fact))

    def _full_reads(self) -> tuple[Ints, Rows | None]:
        return self._read(self._tail.full_reads)

    def _read(self, people: Ints) -> tuple[Ints, Rows | None]:
        ids = self.ids[positions_in(people, self.ids)[1]]
        if not len(ids):
            return ids, None
        rows = Rows(self.account_id, self.zone, ids.tolist(), self.as_of)
        return np.searchsorted(self.ids, rows.ids), rows

    def _overlay(
        self, fact: str, mirrored: Column, read_column: Callable[[Rows], Column]
    ) -> Column:
        """A column of the mirror, read from rows for people whose fact has changed."""
        fresh, rows = self._fresh(fact)
        old = _take(mirrored, self._at, everyone=self._everyone)
        if rows is None and len(self._old) == len(self.ids):
            return old
        parts = [old] if rows is None else [old, read_column(rows)]
        both = concatenate(parts)
        codes = np.full(len(self.ids), -1, dtype=np.int32)
        codes[self._old] = both.codes[: len(old)]
        codes[fresh] = both.codes[len(old) :]
        return Column(codes, both.values)


class _Part:
    """Some of a metric's events: profiles (positions in the source's ids), times, and the rest."""

    def __init__(
        self,
        profiles: Ints,
        times: Ints,
        values: Floats,
        ids: Ints,
        column: Callable[[str], Column],
    ) -> None:
        self.profiles, self.times, self.values = profiles, times, values
        self.ids, self.column = ids, column


def _merge(parts: list[_Part], n: int) -> tuple[Events, Ints]:
    """The events of all parts in the order of time and id, and their ids."""
    if not parts:
        return Events.none(n), np.zeros(0, dtype=np.int64)
    times = np.concatenate([part.times for part in parts])
    ids = np.concatenate([part.ids for part in parts])
    order = np.lexsort((ids, times))
    columns: dict[str, Column] = {}

    def column(name: str) -> Column:
        if name not in columns:
            columns[name] = concatenate([part.column(name) for part in parts]).take(order)
        return columns[name]

    events = Events(
        n=n,
        profiles=np.concatenate([part.profiles for part in parts])[order].astype(np.int32),
        times=times[order],
        values=np.concatenate([part.values for part in parts])[order],
        property_column=column,
    )
    return events, ids[order]


def _take(column: Column, rows: Ints, *, everyone: bool) -> Column:
    """A column for some rows; for a few people without distinct values that they do not have."""
    return column.take(rows) if everyone else column.take_compact(rows)
