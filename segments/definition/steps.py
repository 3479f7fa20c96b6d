"""Events of a step by time, and by person and time, with searches between two steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Bools, Instants
from profiles.columns.events import Numbers

NEVER = np.iinfo(np.int64).max
"""The time of an event that does not exist."""
Ints = npt.NDArray[np.int64]
_FEW = 16


class Step(NamedTuple):
    """Events of one step: person (int32[m]) and time (int64[m] microseconds, ascending)."""

    positive: bool
    who: Numbers
    when: Instants

    def take(self, rows: Ints) -> Step:
        """The events of these rows, in this order."""
        return Step(self.positive, self.who.take(rows), self.when.take(rows))

    def after(self, moment: int) -> Step:
        """The step's events later than a moment."""
        first = int(np.searchsorted(self.when, moment, side="right"))
        return Step(self.positive, self.who[first:], self.when[first:])

    def until(self, moment: int) -> Step:
        """The step's events up to and including a moment."""
        end = int(np.searchsorted(self.when, moment, side="right"))
        return Step(self.positive, self.who[:end], self.when[:end])

    def of(self, people: Bools) -> Step:
        """The step's events of these people (bool[n])."""
        rows = np.flatnonzero(people[self.who])
        return self if len(rows) == len(self.who) else self.take(rows)


class ByPerson:
    """Events sorted by person, and by time within a person."""

    def __init__(self, times: Instants, bits: int, keys: Ints) -> None:
        """`times` is ascending. `keys` is ascending: the person's number, shifted by `bits`, and a
        position in `times` in the lower `bits`.
        """
        self._times, self._bits, self._keys = times, bits, keys

    @classmethod
    def of(cls, step: Step) -> ByPerson:
        bits = len(step.when).bit_length()
        keys = step.who.astype(np.int64) << bits
        keys |= np.arange(len(keys))
        keys.sort()
        return cls(step.when, bits, keys)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def who(self) -> Ints:
        return self._keys >> self._bits

    @property
    def when(self) -> Instants:
        return self._times[self._places]

    @property
    def _places(self) -> Ints:
        return self._keys & ((1 << self._bits) - 1)

    def take(self, rows: Ints) -> ByPerson:
        """The events of these rows, in this order."""
        return ByPerson(self._times, self._bits, self._keys[rows])

    def last_before(self, later: ByPerson) -> Ints:
        """For each event of `later`, the row of the person's last event before; -1 if none."""
        ranks = _below(self._times, later._times)[later._places]
        least = later.who << self._bits
        return self._of_same(least, _below(self._keys, least | ranks) - 1)

    def last_until(self, who: Ints, moments: Ints) -> Ints:
        """For each moment, the row of the person's last event up to and including it; else -1."""
        ranks = np.searchsorted(self._times, moments, side="right")
        least = who << self._bits
        return self._of_same(least, np.searchsorted(self._keys, least | ranks) - 1)

    def _of_same(self, least: Ints, places: Ints) -> Ints:
        """The rows, with -1 for those before `least`, which is the person's lowest possible key."""
        places[self._keys[places] < least] = -1
        return places

    def first_after(self, earlier: ByPerson) -> Instants:
        """For each event of `earlier`, the time of the person's first event strictly after it.

        NEVER if there is none.
        """
        ranks = _below(self._times, earlier._times, inclusive=True)[earlier._places]
        who = earlier.who
        places = _below(self._keys, (who << self._bits) | ranks)
        keys = np.append(self._keys, NEVER)[places]
        same = np.flatnonzero(keys >> self._bits == who)
        when = np.full(len(who), NEVER)
        when[same] = self._times[keys[same] & ((1 << self._bits) - 1)]
        return when

    def of_person(self, person: int) -> list[int]:
        """One person's times, ascending."""
        first, end = np.searchsorted(self._keys, [person << self._bits, (person + 1) << self._bits])
        return self.take(np.arange(first, end)).when.tolist()


def _below(numbers: Ints, bounds: Ints, *, inclusive: bool = False) -> Ints:
    """int64: how many numbers are less than each bound (or equal). Both ascending.

    A stable sort merges two ascending runs. That is several times faster than a search for each
    bound, unless there are few bounds.
    """
    if len(bounds) * _FEW < len(numbers):
        return np.searchsorted(numbers, bounds, side="right" if inclusive else "left")
    both = np.concatenate([numbers, bounds])
    both <<= 1
    # The lowest bit decides which of two equal values comes first.
    tagged = both[len(numbers) :] if inclusive else both[: len(numbers)]
    tagged |= 1
    both.sort(kind="stable")
    both &= 1
    places = np.flatnonzero(both if inclusive else both == 0)
    places -= np.arange(len(bounds))
    return places
