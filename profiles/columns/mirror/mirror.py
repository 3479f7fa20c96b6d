"""An account's columns in files: immutable, mapped into memory, decoded on first use.

They show one snapshot of the database. `tail` reads the changes since, `overlay` lays them over,
and `writer` writes the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from profiles.columns.column import (
    Column,
    Floats,
    Instants,
    unset,
)
from profiles.columns.events import Events, Numbers, Tally
from profiles.columns.mirror.arrays import numbers, read
from profiles.columns.mirror.codec import from_arrays
from profiles.columns.population import UnknownKey
from profiles.columns.row_reader import GroupRows, RowReader
from profiles.models import List, Metric

Ints = npt.NDArray[np.int64]
Key = tuple[str, ...]
"""Names the content of a file: ("attribute", "email"), ("events", a metric's key), ..."""

PEOPLE: Key = ("people",)
COORDINATES: Key = ("coordinates",)


class MappedMirror:
    """The files of one account in one folder. Raises arrays.DamagedFile."""

    def __init__(
        self, account_id: int, folder: Path, files: Mapping[Key, str], snapshot: str
    ) -> None:
        self.account_id = account_id
        self.snapshot = snapshot
        # All are mapped now: a mapped file stays readable after it is deleted.
        self._files = {key: read(folder, name) for key, name in files.items()}
        self._lock = Lock()
        self._cache: dict[Key, Any] = {}
        self.ids: Ints = numbers(self._files[PEOPLE]["ids"])
        """int64[n] ascending."""

    def attribute(self, name: str) -> Column:
        return self._column(("attribute", name), len(self.ids))

    def profile_property(self, name: str) -> Column:
        return self._column(("property", name), len(self.ids))

    def consent(self, channel: str, field: str) -> Column:
        return self._column(("consent", channel, field), len(self.ids))

    def suppression(self, channel: str, reason: str) -> Column:
        return self._column(("suppression", channel, reason), len(self.ids))

    def coordinates(self) -> tuple[Floats, Floats]:
        arrays = self._files[COORDINATES]
        return numbers(arrays["latitude"]), numbers(arrays["longitude"])

    def list_members(self, key: str) -> GroupRows | None:
        """Who is on a list; None for a list that is not in the mirror."""
        if ("list", key) not in self._files:
            return None
        arrays = self._files["list", key]
        return GroupRows(numbers(arrays["profiles"]), numbers(arrays["since"]))

    def events(self, metric: str) -> MirrorEvents | None:
        """The events of a metric; None for a metric that is not in the mirror."""
        key = ("events", metric)
        if key not in self._files:
            return None
        return self._keep(("opened", *key), lambda: MirrorEvents(self, metric))

    def event_property(self, metric: str, name: str, m: int) -> Column:
        """A property of all m events of a metric, in their order."""
        return self._column(("event property", metric, name), m)

    def arrays(self, key: Key) -> dict[str, npt.NDArray[Any]]:
        """A file's arrays of numbers."""
        return {name: numbers(array) for name, array in self._files[key].items()}

    def _column(self, key: Key, rows: int) -> Column:
        if key not in self._files:
            return unset(rows)  # a column without a file had no value at the snapshot
        return self._keep(key, lambda: from_arrays(self._files[key]))

    def _keep(self, key: Key, make: Any) -> Any:
        cached = self._cache.get(key)
        if cached is None:
            value = make()
            with self._lock:
                cached = self._cache.setdefault(key, value)
        return cached


class MirrorEvents:
    """All events of a metric in the mirror, by time; the arrays are mapped from the file."""

    def __init__(self, mirror: MappedMirror, metric: str) -> None:
        self._mirror, self._metric = mirror, metric
        arrays = mirror.arrays(("events", metric))
        self.profiles: Numbers = arrays["profiles"]
        """int32[m]: positions in the mirror's ids."""
        self.times: Instants = arrays["times"]
        self.values: Floats = arrays["values"]
        self.ids: Ints = arrays["ids"]
        self.metric_id = int(arrays["metric"][0])

    def column(self, name: str) -> Column:
        return self._mirror.event_property(self._metric, name, len(self.times))

    @cached_property
    def tally(self) -> Tally:
        """Running counts of each person's events."""
        arrays = self._mirror.arrays(("tally", self._metric))
        return Tally(self.profiles, arrays["counts"].reshape(-1, len(self._mirror.ids)))

    def rows_of(self, people: Ints | None) -> Ints:
        """int64[]: the rows of people (positions in the mirror's ids, ascending), or all rows."""
        if people is None:
            return np.arange(len(self.times))
        arrays = self._mirror.arrays(("by person", self._metric))
        starts, ends = arrays["bounds"][people], arrays["bounds"][people + 1]
        return arrays["rows"][ranges(starts.astype(np.int64), ends.astype(np.int64))].astype(
            np.int64
        )

    def events(self, n: int) -> Events:
        return Events(
            n=n,
            profiles=self.profiles,
            times=self.times,
            values=self.values,
            property_column=self.column,
            tally=self.tally,
        )


class MirrorSource:
    """A source (see population.Source): everyone in the mirror.

    Columns that are not in the mirror (segments, predictions) are read from rows on first use.
    """

    in_files = True

    def __init__(self, mirror: MappedMirror, zone: ZoneInfo, as_of: datetime) -> None:
        self.account_id, self.ids = mirror.account_id, mirror.ids
        self.zone, self.as_of = zone, as_of
        self.rows = RowReader(mirror.account_id, zone, mirror.ids, everyone=True)
        self._mirror = mirror
        self.attribute = mirror.attribute
        self.profile_property = mirror.profile_property
        self.consent = mirror.consent
        self.suppression = mirror.suppression
        self.coordinates = mirror.coordinates

    def events(self, metric: str) -> Events:
        events = self._mirror.events(metric)
        if events is not None:
            return events.events(len(self.ids))
        if not Metric.objects.filter(account_id=self.account_id, key=metric).exists():
            raise UnknownKey("metric", metric)
        return Events.none(len(self.ids))

    def list_members(self, key: str) -> GroupRows | None:
        members = self._mirror.list_members(key)
        if members is None and List.objects.filter(account_id=self.account_id, key=key).exists():
            return GroupRows(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64))
        return members


def ranges(starts: Ints, ends: Ints) -> Ints:
    """The numbers of half-open ranges, one after the other."""
    sizes = ends - starts
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(int(sizes.sum()))
