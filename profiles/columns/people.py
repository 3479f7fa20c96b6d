"""People as one asks questions of them: in one piece, or as a large part and who has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from profiles.columns.ascending import Ints, found_in
from profiles.columns.column import Bools
from profiles.columns.population import Population

Question = Callable[[Population], Bools]
"""Something that is true or not of each person, whoever else there is: Population -> bool[n]."""


class People(Protocol):
    """n people of an account who can be asked questions."""

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
        """Populations among which everyone can be found; some may be in an earlier one, too."""

    @property
    def shares(self) -> tuple[tuple[Population, Bools | None], ...]:
        """Populations and who in them is to be heard, bool[] (None: all): everyone once."""

    @property
    def in_files(self) -> bool:
        """Whether their columns lie in files, so that they take no memory of their own."""

    def __len__(self) -> int: ...

    def answer(self, question: Question) -> Bools:
        """bool[n]: for whom the answer is yes."""

    def renew(self, *, as_of: datetime) -> None:
        """State that nobody has changed since."""


class OverlaidPopulation:
    """Everyone in an account: `base` as they once were, and `changed` who have changed since.

    What base says of those who have changed is not heard.
    """

    def __init__(
        self,
        base: Population,
        changed: Population,
        *,
        gone: Ints,
    ) -> None:
        """`gone` int64[] ascending ids: who is no longer there."""
        self._base, self._changed = base, changed
        self._stays: Bools | None = None
        known = base.ids
        here = _present(gone, base.ids)
        if len(here):
            self._stays = np.ones(len(base), dtype=np.bool_)
            self._stays[here] = False
            known = base.ids[self._stays]
        new = changed.ids[~found_in(known, changed.ids)[1]]
        before = np.searchsorted(known, new)
        self.ids = np.insert(known, before, new)
        self._places: slice | Ints = slice(len(known))
        if len(new) and before[0] < len(known):
            self._places = np.delete(np.arange(len(self.ids)), before + np.arange(len(new)))
        self._changed_places = np.searchsorted(self.ids, changed.ids)
        self._heard = np.ones(len(base), dtype=np.bool_)
        self._heard[here] = False
        self._heard[_present(changed.ids, base.ids)] = False

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
        return self._changed.as_of

    @property
    def parts(self) -> tuple[Population, ...]:
        return (self._base, self._changed)

    @property
    def shares(self) -> tuple[tuple[Population, Bools | None], ...]:
        return ((self._base, self._heard), (self._changed, None))

    @property
    def in_files(self) -> bool:
        return self._base.in_files

    def answer(self, question: Question) -> Bools:
        known = question(self._base)
        if self._stays is not None:
            known = known[self._stays]
        found = np.zeros(len(self), dtype=np.bool_)
        found[self._places] = known
        found[self._changed_places] = question(self._changed)
        return found

    def renew(self, *, as_of: datetime) -> None:
        self._base.renew(as_of=as_of)
        self._changed.renew(as_of=as_of)


def _present(wanted: Ints, ids: Ints) -> Ints:
    """int64[]: where in ascending ids those of some wanted ones stand that are there."""
    places, found = found_in(ids, wanted)
    return places[found]
