"""A sieve for events that have no event of another step close enough to make a chain.

Time is cut into stretches as long as the window, so that what comes within the window is in the
same stretch or the next. The stretches of all people share a table of fixed size: an event may be
let through for nothing, but none that belongs to a chain is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Bools
from segments.definition.steps import Step

Slots = npt.NDArray[np.int64]
_MOST_BITS = 22
"""So many slots of a byte stay close to the processor."""
_SPREAD = np.uint32(0x9E3779B1)
"""Multiplies people's numbers (Knuth, The Art of Computer Programming, volume 3, section 6.4)."""


def linked(steps: Sequence[Step], window: int) -> list[Step]:
    """The events of each step that may have one of the step before them, and of the step after
    them, within the window (microseconds).
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


def followed(step: Step, by: Step, window: int) -> Bools:
    """bool: which events of a step may have one of another after them within the window."""
    size = _size([step, by])
    return _marked(_slots(by, window, size), -1, size).take(_slots(step, window, size))


def _size(steps: Sequence[Step]) -> int:
    events = max(len(step.who) for step in steps)
    return 1 << min((8 * events).bit_length(), _MOST_BITS)


def _slots(step: Step, window: int, size: int) -> Slots:
    """int64[m]: the slot of each event's person and stretch; the next stretch has the next one."""
    slots = step.who.astype(np.uint32)
    slots *= _SPREAD
    slots += (step.when // window).astype(np.uint32)
    slots &= np.uint32(size - 1)
    return slots.astype(np.int64)


def _marked(slots: Slots, side: int, size: int) -> Bools:
    """bool[size]: some slots, and those on one side (1 or -1) of them."""
    marked = np.zeros(size, dtype=np.bool_)
    marked[slots] = True
    return marked | np.roll(marked, side)
