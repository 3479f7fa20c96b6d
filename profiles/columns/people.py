"""The people of an account that a question is evaluated for: one population, or two overlaid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from profiles.columns.ascending import Ints, positions_in
from profiles.columns.column import Bools
from profiles.columns.population import Population

Question = Callable[[Population], Bools]
"""Population -> bool[n]. The answer for a person must not depend on who else is there."""


class People(Protocol):
    """n people of an account for whom questions can be evaluated."""

    @property
    def account_id(self) -> int: ...

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the account's days begin."""

    @property
    def ids(self) -> Ints:
        """int64[n] ascending: the profiles' ids."""

    @property
    def as_of(self) -> datetime:
        """Every change committed before this instant is in the answers."""

    @property
    def parts(self) -> tuple[Population, ...]:
        """Populations that contain everyone. Where someone is in several, the last one is right."""

    @property
    def shares(self) -> tuple[tuple[Population, Bools | None], ...]:
        """Populations, and whose answers in them count, bool[] (None: all): everyone's once."""

    @property
    def in_files(self) -> bool:
        """Whether the columns are mapped from files, so that they take no memory of their own."""

    def __len__(self) -> int: ...

    def answer(self, question: Question) -> Bools:
        """bool[n]: for whom the answer is yes."""

    def renew(self, *, as_of: datetime) -> None:
        """Set `as_of`: nobody has changed since."""


class OverlaidPopulation:
    """Everyone in an account: `base` at a snapshot, overlaid by those who have changed since.

    The answers of `base` for those who have changed are ignored.
    """

    def __init__(
        self,
        base: Population,
        changes: Population,
        *,
        missing: Ints,
    ) -> None:
        """`missing` int64[] ascending ids: people of `base` who no longer exist."""
        self._base, self._changes = base, changes
        self._stays: Bools | None = None
        base_ids = base.ids
        missing_places = _present(missing, base.ids)
        if len(missing_places):
            self._stays = np.ones(len(base), dtype=np.bool_)
            self._stays[missing_places] = False
            base_ids = base.ids[self._stays]
        new = changes.ids[~positions_in(base_ids, changes.ids)[1]]
        before = np.searchsorted(base_ids, new)
        self.ids = np.insert(base_ids, before, new)
        self._places: slice | Ints = slice(len(base_ids))
        if len(new) and before[0] < len(base_ids):
            self._places = np.delete(np.arange(len(self.ids)), before + np.arange(len(new)))
        self._change_places = np.searchsorted(self.ids, changes.ids)
        self._counts = np.ones(len(base), dtype=np.bool_)
        self._counts[missing_places] = False
        self._counts[_present(changes.ids, base.ids)] = False

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def account_id(self) -> int:
        return self._base.account_id

    @property
    def zone(self) -> ZoneInfo:
        return self._base.zone

    @property
    def as_of(self) -> datetime:
        return self._changes.as_of

    @property
    def parts(self) -> tuple[Population, ...]:
        return (self._base, self._changes)

    @property
    def shares(self) -> tuple[tuple[Population, Bools | None], ...]:
        return ((self._base, self._counts), (self._changes, None))

    @property
    def in_files(self) -> bool:
        return self._base.in_files

    def answer(self, question: Question) -> Bools:
        base_answer = question(self._base)
        if self._stays is not None:
            base_answer = base_answer[self._stays]
        answer = np.zeros(len(self), dtype=np.bool_)
        answer[self._places] = base_answer
        answer[self._change_places] = question(self._changes)
        return answer

    def renew(self, *, as_of: datetime) -> None:
        self._base.renew(as_of=as_of)
        self._changes.renew(as_of=as_of)


def _present(subset: Ints, ids: Ints) -> Ints:
    """int64[]: the positions in ascending `ids` of those of `subset` that are there."""
    places, present = positions_in(ids, subset)
    return places[present]
