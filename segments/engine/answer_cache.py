"""Answers about columns in files, kept while somebody types: one condition changes, others stay.

Files do not change, so an answer about them can only become another as time passes, and which dates
that depends on each condition says by its edges. Only counts that are shown come from here;
membership is always evaluated.
"""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from profiles.columns.column import Bools
from profiles.columns.population import Population
from segments.definition.tree import Condition
from segments.definition.windows import Moment
from segments.engine.evaluate import Evaluation, is_in_files

MOST = 256
"""Answers that are kept for an account, a bit a person."""


class CachedEvaluation(Evaluation):
    """An evaluation that knows what was answered before about the people in files."""

    def _of(self, part: Population, condition: Condition) -> Bools:
        if not part.in_files or not is_in_files(condition):
            return super()._of(part, condition)
        memory = _memory_of(part)
        held = memory.get(condition)
        if held is not None and _still_holds(condition, part, held[0], self.at):
            return np.unpackbits(held[1], count=len(part)).view(np.bool_)
        found = super()._of(part, condition)
        memory.keep(condition, self.at, found)
        return found


def _still_holds(condition: Condition, people: Population, then: datetime, at: datetime) -> bool:
    """Whether the time alone has changed nobody's answer from one moment to another."""
    if at <= then:
        return at == then
    moments = Moment(then, people.zone), Moment(at, people.zone)
    return not any(crossing.anybody(people) for crossing in condition.edges(*moments))


class _Memory:
    """What was answered about a population, and as of when; of MOST conditions."""

    def __init__(self) -> None:
        self._kept: LRUCache[Condition, tuple[datetime, npt.NDArray[np.uint8]]] = LRUCache(MOST)
        self._lock = Lock()

    def get(self, condition: Condition) -> tuple[datetime, npt.NDArray[np.uint8]] | None:
        with self._lock:
            return self._kept.get(condition)

    def keep(self, condition: Condition, at: datetime, found: Bools) -> None:
        with self._lock:
            self._kept[condition] = (at, np.packbits(found))


_memories: WeakKeyDictionary[Population, _Memory] = WeakKeyDictionary()
_lock = Lock()


def _memory_of(people: Population) -> _Memory:
    with _lock:
        return _memories.setdefault(people, _Memory())
