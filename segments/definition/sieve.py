"""A prefilter for chains: drops events with no event of a neighbouring step close enough.

Time is divided into intervals as long as the window, so events within one window of each other are
in the same interval or in adjacent ones. The intervals of all people are hashed into a table of
fixed size: an event may pass by a collision, but no event of a chain is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Bools
from segments.definition.steps import Step

Slots = npt.NDArray[np.int64]
_MOST_BITS = 22
"""A table of this many one-byte slots fits into the processor's cache."""
_SPREAD = np.uint32(0x9E3779B1)
"""Hashes people's numbers (Knuth, The Art of Computer Programming, volume 3, section 6.4)."""


def link_candidates(steps: Sequence[Step], window: int) -> list[Step]:
    """The events of each step that may have an event of the step before them, and one of the step
    after them, within the window (microseconds).
    """
    size = _size(steps)
    slots = [_slots(step, window, size) for step in steps]
    remaining = list(steps)

    def keep(i: int, by: int, side: int) -> None:
        rows = np.flatnonzero(_marked(slots[by], side, size).take(slots[i]))
        slots[i], remaining[i] = slots[i].take(rows), remaining[i].take(rows)

    for i in reversed(range(len(steps) - 1)):
        keep(i, i + 1, -1)
    for i in range(1, len(steps)):
        keep(i, i - 1, 1)
    return remaining


def may_be_followed(step: Step, by: Step, window: int) -> Bools:
    """bool: which events of a step may be followed by one of another within the window."""
    size = _size([step, by])
    return _marked(_slots(by, window, size), -1, size).take(_slots(step, window, size))


def _size(steps: Sequence[Step]) -> int:
    events = max(len(step.who) for step in steps)
    return 1 << min((8 * events).bit_length(), _MOST_BITS)


def _slots(step: Step, window: int, size: int) -> Slots:
    """int64[m]: the slot of each event's person and interval; adjacent for adjacent intervals."""
    slots = step.who.astype(np.uint32)
    slots *= _SPREAD
    slots += (step.when // window).astype(np.uint32)
    slots &= np.uint32(size - 1)
    return slots.astype(np.int64)


def _marked(slots: Slots, side: int, size: int) -> Bools:
    """bool[size]: these slots and their neighbours on one side (1 or -1)."""
    marked = np.zeros(size, dtype=np.bool_)
    marked[slots] = True
    return marked | np.roll(marked, side)
