"""A cache of answers about columns in files, for previews: while somebody edits one condition, the
others stay the same.

Files do not change, so an answer about them can only change as time passes. The edges of a
condition say which dates that depends on. Only displayed counts come from here; membership is
always evaluated.
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
"""Answers cached for each population, one bit a person."""


class CachedEvaluation(Evaluation):
    """An evaluation that reuses earlier answers about people in files."""

    def _of(self, part: Population, condition: Condition) -> Bools:
        if not part.in_files or not is_in_files(condition):
            return super()._of(part, condition)
        memory = _memory_of(part)
        entry = memory.get(condition)
        if entry is not None and _still_holds(condition, part, entry[0], self.at):
            return np.unpackbits(entry[1], count=len(part)).view(np.bool_)
        matches = super()._of(part, condition)
        memory.keep(condition, self.at, matches)
        return matches


def _still_holds(condition: Condition, people: Population, then: datetime, at: datetime) -> bool:
    """Whether nobody's answer can have changed between two moments by the passing of time."""
    if at <= then:
        return at == then
    moments = Moment(then, people.zone), Moment(at, people.zone)
    return not any(crossing.anybody(people) for crossing in condition.edges(*moments))


class _Memory:
    """The cached answers about a population and their moments, for MOST conditions."""

    def __init__(self) -> None:
        self._kept: LRUCache[Condition, tuple[datetime, npt.NDArray[np.uint8]]] = LRUCache(MOST)
        self._lock = Lock()

    def get(self, condition: Condition) -> tuple[datetime, npt.NDArray[np.uint8]] | None:
        with self._lock:
            return self._kept.get(condition)

    def keep(self, condition: Condition, at: datetime, matches: Bools) -> None:
        with self._lock:
            self._kept[condition] = (at, np.packbits(matches))


_memories: WeakKeyDictionary[Population, _Memory] = WeakKeyDictionary()
_lock = Lock()


def _memory_of(people: Population) -> _Memory:
    with _lock:
        return _memories.setdefault(people, _Memory())
