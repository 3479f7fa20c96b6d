"""Events of a step by time, and by person and time; how those of two steps lie to each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Bools, Instants
from profiles.columns.events import Numbers

ALWAYS = np.iinfo(np.int64).max
"""When something is that does not come."""
Ints = npt.NDArray[np.int64]
_FEW = 16


class Step(NamedTuple):
    """Events of one step: whose (int32[m]) and when (int64[m] microseconds, ascending)."""

    positive: bool
    who: Numbers
    when: Instants

    def take(self, rows: Ints) -> Step:
        """Some of the events, in that order."""
        return Step(self.positive, self.who.take(rows), self.when.take(rows))

    def after(self, moment: int) -> Step:
        """The step's events later than a moment."""
        first = int(np.searchsorted(self.when, moment, side="right"))
        return Step(self.positive, self.who[first:], self.when[first:])

    def until(self, moment: int) -> Step:
        """The step's events up to a moment, its own instant included."""
        end = int(np.searchsorted(self.when, moment, side="right"))
        return Step(self.positive, self.who[:end], self.when[:end])

    def of(self, people: Bools) -> Step:
        """The step's events of some people, marked in bool[n]."""
        rows = np.flatnonzero(people[self.who])
        return self if len(rows) == len(self.who) else self.take(rows)


class ByPerson:
    """Events by person, and by time within a person."""

    def __init__(self, times: Instants, bits: int, keys: Ints) -> None:
        """`times` ascending, and `keys` ascending: the person's number, then a place in `times`
        of so many bits.
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
        """Some of the events, in that order."""
        return ByPerson(self._times, self._bits, self._keys[rows])

    def last_before(self, later: ByPerson) -> Ints:
        """For each event of `later`, the same person's last event strictly before; -1 if none."""
        ranks = _below(self._times, later._times)[later._places]
        least = later.who << self._bits
        return self._of_same(least, _below(self._keys, least | ranks) - 1)

    def last_until(self, who: Ints, moments: Ints) -> Ints:
        """For each of some moments, the person's last event up to it; -1 if none."""
        ranks = np.searchsorted(self._times, moments, side="right")
        least = who << self._bits
        return self._of_same(least, np.searchsorted(self._keys, least | ranks) - 1)

    def _of_same(self, least: Ints, places: Ints) -> Ints:
        """The events found, -1 for those before the least that the person's could be."""
        places[self._keys[places] < least] = -1
        return places

    def first_after(self, earlier: ByPerson) -> Instants:
        """For each event of `earlier`, when the same person's first event strictly after it was;
        ALWAYS if there is none.
        """
        ranks = _below(self._times, earlier._times, inclusive=True)[earlier._places]
        who = earlier.who
        places = _below(self._keys, (who << self._bits) | ranks)
        keys = np.append(self._keys, ALWAYS)[places]
        same = np.flatnonzero(keys >> self._bits == who)
        when = np.full(len(who), ALWAYS)
        when[same] = self._times[keys[same] & ((1 << self._bits) - 1)]
        return when

    def of_person(self, person: int) -> list[int]:
        """One person's times, ascending."""
        first, end = np.searchsorted(self._keys, [person << self._bits, (person + 1) << self._bits])
        return self.take(np.arange(first, end)).when.tolist()


def _below(numbers: Ints, bounds: Ints, *, inclusive: bool = False) -> Ints:
    """int64: how many of some numbers are less than each bound (or equal); both ascending.

    Merging two ascending runs, which is what the stable sort does, is several times faster than
    searching for each bound, unless there are few.
    """
    if len(bounds) * _FEW < len(numbers):
        return np.searchsorted(numbers, bounds, side="right" if inclusive else "left")
    both = np.concatenate([numbers, bounds])
    both <<= 1
    # The lower bit says which of both comes first where they are equal.
    tagged = both[len(numbers) :] if inclusive else both[: len(numbers)]
    tagged |= 1
    both.sort(kind="stable")
    both &= 1
    places = np.flatnonzero(both if inclusive else both == 0)
    places -= np.arange(len(bounds))
    return places
