"""The people that a condition is evaluated for, as columns that are read once and cached.

A source reads the columns; conditions see only `Population`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Bools, Column, Floats, unset
from profiles.columns.events import Events
from profiles.columns.row_reader import GroupRows, RowReader
from profiles.columns.unit_vectors import Directions, directions
from segmenter.kernel.registry import Registry


class Source(Protocol):
    """Reads columns of one account's people, all of them or some.

    Profile numbers are positions in `ids`. Unknown keys raise UnknownKey.
    """

    account_id: int
    zone: ZoneInfo
    ids: npt.NDArray[np.int64]
    as_of: datetime
    """The watermark: every change committed before this instant is in the columns."""

    in_files: bool
    """Whether columns are mapped from files, and take no memory of their own."""

    @property
    def rows(self) -> RowReader | None:
        """Reads what layers above store about these people; None if there is no database."""

    def attribute(self, name: str) -> Column:
        """A field that every profile has, such as `email`, `city`, `created`."""

    def profile_property(self, name: str) -> Column:
        """A custom property."""

    def events(self, metric: str) -> Events:
        """All events of a metric, by its key."""

    def consent(self, channel: str, field: str) -> Column:
        """A field of the consent rows of a channel: status, status_date, method, ..."""

    def suppression(self, channel: str, reason: str) -> Column:
        """When people were suppressed for a reason (INSTANT)."""

    def list_members(self, key: str) -> GroupRows | None:
        """Who is on a list; None if there is no such list."""

    def coordinates(self) -> tuple[Floats, Floats]:
        """Latitude and longitude in degrees, float64[n], NaN where unknown."""


class UnknownKey(LookupError):
    """A metric, list or segment that the account does not have."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"There is no {kind} {key!r}.")
        self.what, self.key = kind, key


class Extension(NamedTuple):
    """Columns that a layer above stores about people."""

    read: Callable[[RowReader, str], Any]
    """The column of a key; None for a key it does not have."""
    state: Callable[[int, str], object]
    """(account id, key) -> a value that changes whenever the result of `read` may change."""


extensions: Registry[Extension] = Registry("population extension")
"""`segment` (key -> GroupRows) and `prediction` (dimension -> Column), registered from above."""


class Population:
    """n people of one account as columns.

    `ids` int64[n] ascending are the profiles' ids; everywhere else people are numbered by their
    positions in it. Columns are read on first use and cached for the life of the object.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._cache: dict[tuple[str, ...], Any] = {}
        self._extension_columns: dict[tuple[str, str], tuple[object, Any]] = {}
        """Columns of layers above: the state at which each was read, and the column."""
        self._compared: set[tuple[str, str]] = set()
        """Those whose state was compared since `renew`."""

    def __len__(self) -> int:
        return len(self._source.ids)

    @property
    def account_id(self) -> int:
        return self._source.account_id

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the account's days begin."""
        return self._source.zone

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        return self._source.ids

    @property
    def as_of(self) -> datetime:
        """Every change committed before this instant is in the columns."""
        return self._source.as_of

    def renew(self, *, as_of: datetime) -> None:
        """Set `as_of`: nobody has changed since. Columns of layers above may have changed."""
        self._source.as_of = as_of
        self._compared = set()

    @property
    def parts(self) -> tuple[Population, ...]:
        """See people.People."""
        return (self,)

    @property
    def in_files(self) -> bool:
        """Whether the columns are mapped from files, and take no memory of their own."""
        return self._source.in_files

    @property
    def shares(self) -> tuple[tuple[Population, Bools | None], ...]:
        """See people.People."""
        return ((self, None),)

    def answer(self, question: Callable[[Population], Bools]) -> Bools:
        """bool[n]: for whom the answer is yes."""
        return question(self)

    def attribute(self, name: str) -> Column:
        """A field that every profile has."""
        return self._keep(("attribute", name), lambda: self._source.attribute(name))

    def profile_property(self, name: str) -> Column:
        """A custom property."""
        return self._keep(("property", name), lambda: self._source.profile_property(name))

    def events(self, metric: str) -> Events:
        """All events of a metric, by its key. Raises UnknownKey."""
        return self._keep(("events", metric), lambda: self._source.events(metric))

    def consent(self, channel: str, field: str) -> Column:
        """A field of the consent rows of a channel."""
        return self._keep(("consent", channel, field), lambda: self._source.consent(channel, field))

    def suppression(self, channel: str, reason: str) -> Column:
        """When people were suppressed on a channel for a reason."""
        return self._keep(
            ("suppression", channel, reason), lambda: self._source.suppression(channel, reason)
        )

    def group(self, key: str) -> GroupRows:
        """Who is in a list or segment. Raises UnknownKey."""
        members = self._keep(("list", key), lambda: self._source.list_members(key))
        if members is None:
            members = self._extension_column("segment", key)
        if members is None:
            raise UnknownKey("list or segment", key)
        return members

    def prediction(self, dimension: str) -> Column:
        """The prediction of a model; unset for people who have none."""
        column = self._extension_column("prediction", dimension)
        return unset(len(self)) if column is None else column

    def coordinates(self) -> tuple[Floats, Floats]:
        """Latitude and longitude in degrees, float64[n], NaN where unknown."""
        return self._keep(("coordinates",), self._source.coordinates)

    def directions(self) -> Directions:
        """The same places as unit vectors, float32[3, n]."""
        return self._keep(("directions",), lambda: directions(*self.coordinates()))

    def nobody(self) -> Bools:
        """bool[n], all False."""
        return np.zeros(len(self), dtype=np.bool_)

    def everybody(self) -> Bools:
        """bool[n], all True."""
        return np.ones(len(self), dtype=np.bool_)

    def _extension_column(self, kind: str, key: str) -> Any:
        """A column of a layer above, read again when its state has changed."""
        rows = self._source.rows
        if rows is None or kind not in extensions:
            return None
        extension, cache_key = extensions[kind], (kind, key)
        cached = self._extension_columns.get(cache_key)
        if cached is not None and cache_key in self._compared:
            return cached[1]
        state = extension.state(self.account_id, key)
        if cached is None or cached[0] != state:
            cached = self._extension_columns[cache_key] = (state, extension.read(rows, key))
        self._compared.add(cache_key)
        return cached[1]

    def _keep(self, key: tuple[str, ...], read: Any) -> Any:
        if key not in self._cache:
            self._cache[key] = read()
        return self._cache[key]
