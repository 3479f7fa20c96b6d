"""People as the mirror has them, with what has changed since laid over it.

Facts of a person that have changed since the snapshot are read from rows; events are those of the
mirror and the late ones, each once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from profiles import facts
from profiles.columns.ascending import Ints, found_in, united
from profiles.columns.column import Column, Floats, joined
from profiles.columns.events import Events
from profiles.columns.mirror.mirror import MappedMirror, MirroredEvents
from profiles.columns.mirror.tail import Late, Tail
from profiles.columns.population import UnknownKey
from profiles.columns.row_reader import GroupRows, RowReader
from profiles.columns.rows import Rows
from profiles.models import List, Metric


class OverlaidSource:
    """A source (see population.Source) of some people, or of everyone, at a tail's snapshot.

    What it reads later is at least as new.
    """

    in_files = False

    def __init__(
        self,
        mirror: MappedMirror,
        tail: Tail,
        zone: ZoneInfo,
        chosen: Ints | None,
        as_of: datetime,
    ) -> None:
        """`chosen` int64[] ascending ids; those who do not exist are passed over."""
        self.account_id = mirror.account_id
        self.zone = zone
        self.as_of = as_of
        self._mirror, self._tail, self._everyone = mirror, tail, chosen is None
        old = mirror.ids if chosen is None else chosen[found_in(mirror.ids, chosen)[1]]
        old = old[~found_in(tail.moved, old)[1]]
        new = tail.alive if chosen is None else chosen[found_in(tail.alive, chosen)[1]]
        self.ids = united([old, new])
        self.rows = RowReader(self.account_id, zone, self.ids, everyone=chosen is None)
        self._old = np.searchsorted(self.ids, old)
        """int64[]: which of `ids` the mirror has."""
        self._at = np.searchsorted(mirror.ids, old)
        """int64[]: where in the mirror."""

    def attribute(self, name: str) -> Column:
        return self._mixed(
            facts.attribute(name),
            self._mirror.attribute(name),
            lambda rows: rows.attribute(name),
        )

    def profile_property(self, name: str) -> Column:
        return self._mixed(
            facts.profile_property(name),
            self._mirror.profile_property(name),
            lambda rows: rows.profile_property(name),
        )

    def consent(self, channel: str, field: str) -> Column:
        return self._mixed(
            facts.consent(channel),
            self._mirror.consent(channel, field),
            lambda rows: rows.consent(channel, field),
        )

    def suppression(self, channel: str, reason: str) -> Column:
        return self._mixed(
            facts.consent(channel),
            self._mirror.suppression(channel, reason),
            lambda rows: rows.suppression(channel, reason),
        )

    def coordinates(self) -> tuple[Floats, Floats]:
        found = [np.full(len(self.ids), np.nan), np.full(len(self.ids), np.nan)]
        fresh, rows = self._fresh(facts.PLACE)
        for axis, both in enumerate(self._mirror.coordinates()):
            found[axis][self._old] = both[self._at]
        if rows is not None:
            for axis, both in enumerate(rows.coordinates()):
                found[axis][fresh] = both
        return found[0], found[1]

    def list_members(self, key: str) -> GroupRows | None:
        held = self._mirror.list_members(key)
        if held is None and not List.objects.filter(account_id=self.account_id, key=key).exists():
            return None
        fresh, rows = self._fresh(facts.group(key))
        since = np.zeros(len(self.ids), dtype=np.int64)
        inside = np.zeros(len(self.ids), dtype=np.bool_)
        if held is not None:
            places = self._place(held.profiles)
            kept = places >= 0
            inside[places[kept]] = True
            since[places[kept]] = held.since[kept]
        inside[fresh] = False
        anew = None if rows is None else rows.list_members(key)
        if anew is not None:
            inside[fresh[anew.profiles]] = True
            since[fresh[anew.profiles]] = anew.since
        who = np.flatnonzero(inside).astype(np.int32)
        return GroupRows(who, since[who])

    def events(self, metric: str) -> Events:
        return self.numbered_events(metric)[0]

    def numbered_events(self, metric: str) -> tuple[Events, Ints]:
        """All events of a metric, and their ids in the same order. Raises UnknownKey."""
        held = self._mirror.events(metric)
        if held is not None:
            return self._events(held, held.metric_id, metric)
        row = Metric.objects.filter(account_id=self.account_id, key=metric).first()
        if row is None:
            raise UnknownKey("metric", metric)
        return self._events(None, row.pk, metric)

    def _events(
        self, held: MirroredEvents | None, metric_id: int, metric: str
    ) -> tuple[Events, Ints]:
        """The mirror's events of these people, the late ones, and those of who was moved."""
        parts: list[_Part] = []
        late = self._tail.late.get(metric_id)
        if late is not None:
            late = late.of(np.setdiff1d(self.ids, self._tail.moved, assume_unique=True))
        if held is not None:
            parts.append(self._held(held, late))
        if late is not None and len(late.ids):
            who = np.searchsorted(self.ids, late.profiles)
            parts.append(_Part(who, late.times, late.values, late.ids, late.column))
        moved, rows = self._moved()
        if rows is not None:
            events, ids = rows.numbered_events(metric)
            parts.append(
                _Part(moved[events.profiles], events.times, events.values, ids, events.column)
            )
        return _merged(parts, len(self.ids))

    def _held(self, held: MirroredEvents, late: Late | None) -> _Part:
        """The mirror's own events of these people, without the ones that are late, too."""
        rows = held.rows_of(None if self._everyone else self._at)
        who = self._place(held.profiles[rows])
        keep = who >= 0
        ids = held.ids[rows]
        if late is not None:
            keep &= ~found_in(late.ids, ids)[1]
        rows = rows[keep]
        return _Part(
            who[keep],
            held.times[rows],
            held.values[rows],
            ids[keep],
            lambda name: _narrow(held.column(name), rows, everyone=self._everyone),
        )

    def _place(self, numbers: npt.NDArray[np.int32]) -> Ints:
        """Where people, by their places in the mirror, stand here; -1 for who does not."""
        if (
            len(self._at)
            and len(self._at) == len(self._mirror.ids)
            and self._old[-1] == len(self._at) - 1
        ):
            return numbers.astype(np.int64)
        if len(self._at) * 20 < len(self._mirror.ids):
            at, found = found_in(self._at, numbers.astype(np.int64))
            return np.where(found, self._old[at] if len(self._old) else -1, -1)
        places = np.full(len(self._mirror.ids), -1, dtype=np.int64)
        places[self._at] = self._old
        return places[numbers]

    def _fresh(self, fact: str) -> tuple[Ints, Rows | None]:
        """Where those stand for whom a fact has to be read, and what reads it, if there are any."""
        return self._read(self._tail.fresh(fact))

    def _moved(self) -> tuple[Ints, Rows | None]:
        return self._read(self._tail.moved)

    def _read(self, changed: Ints) -> tuple[Ints, Rows | None]:
        wanted = self.ids[found_in(changed, self.ids)[1]]
        if not len(wanted):
            return wanted, None
        rows = Rows(self.account_id, self.zone, wanted.tolist(), self.as_of)
        return np.searchsorted(self.ids, rows.ids), rows

    def _mixed(self, fact: str, held: Column, read: Callable[[Rows], Column]) -> Column:
        """A column of the mirror, and of rows for those for whom the fact has changed."""
        fresh, rows = self._fresh(fact)
        old = _narrow(held, self._at, everyone=self._everyone)
        if rows is None and len(self._old) == len(self.ids):
            return old
        parts = [old] if rows is None else [old, read(rows)]
        both = joined(parts)
        codes = np.full(len(self.ids), -1, dtype=np.int32)
        codes[self._old] = both.codes[: len(old)]
        codes[fresh] = both.codes[len(old) :]
        return Column(codes, both.values)


class _Part:
    """Some of a metric's events: whose (places in the source's ids), when, and what else."""

    def __init__(
        self,
        who: Ints,
        times: Ints,
        values: Floats,
        ids: Ints,
        column: Callable[[str], Column],
    ) -> None:
        self.who, self.times, self.values, self.ids, self.column = who, times, values, ids, column


def _merged(parts: list[_Part], n: int) -> tuple[Events, Ints]:
    """The events of all parts, by time, and by id at the same time; and the ids."""
    if not parts:
        return Events.none(n), np.zeros(0, dtype=np.int64)
    times = np.concatenate([part.times for part in parts])
    ids = np.concatenate([part.ids for part in parts])
    order = np.lexsort((ids, times))
    kept: dict[str, Column] = {}

    def column(name: str) -> Column:
        if name not in kept:
            kept[name] = joined([part.column(name) for part in parts]).take(order)
        return kept[name]

    events = Events(
        n=n,
        profiles=np.concatenate([part.who for part in parts])[order].astype(np.int32),
        times=times[order],
        values=np.concatenate([part.values for part in parts])[order],
        property_column=column,
    )
    return events, ids[order]


def _narrow(column: Column, rows: Ints, *, everyone: bool) -> Column:
    """A column for some rows; of a few, without the values that they do not hold."""
    return column.take(rows) if everyone else column.narrowed(rows)
