"""A cache of answers about columns in files, for previews: while somebody edits one condition, the
others stay the same.

Files do not change, so an answer about them can only change as time passes. The edges of a
condition say which dates that depends on. Only displayed counts come from here; membership is
always evaluated.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple
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
AHEAD = timedelta(minutes=1)
"""Dates are looked at for so long in advance: somebody who types asks again at once."""


class CachedEvaluation(Evaluation):
    """An evaluation that reuses earlier answers about people in files."""

    def _of(self, part: Population, condition: Condition) -> Bools:
        if not part.in_files or not is_in_files(condition):
            return super()._of(part, condition)
        memory = _memory_of(part)
        answer = memory.get(condition)
        if answer is not None and not answer.since <= self.at <= answer.until:
            answer = _renewed(answer, condition, part, self.at)
            if answer is not None:
                memory.keep(condition, answer)
        if answer is not None:
            return np.unpackbits(answer.bits, count=len(part)).view(np.bool_)
        matches = super()._of(part, condition)
        memory.keep(condition, _Answer(self.at, self.at, np.packbits(matches)))
        return matches


class _Answer(NamedTuple):
    """Who matches a condition, one bit a person, and between which moments that is known."""

    since: datetime
    until: datetime
    bits: npt.NDArray[np.uint8]


def _renewed(
    answer: _Answer, condition: Condition, people: Population, at: datetime
) -> _Answer | None:
    """The answer, if it holds at a moment too; for a while after it, if that can be said."""
    if at < answer.since:
        return None
    for until in (at + AHEAD, at):
        if _still_holds(condition, people, answer.since, until):
            return answer._replace(until=until)
    return None


def _still_holds(condition: Condition, people: Population, then: datetime, at: datetime) -> bool:
    """Whether nobody's answer can have changed between two moments by the passing of time."""
    moments = Moment(then, people.zone), Moment(at, people.zone)
    return not any(crossing.anybody(people) for crossing in condition.edges(*moments))


class _Memory:
    """The cached answers about a population and their moments, for MOST conditions."""

    def __init__(self) -> None:
        self._kept: LRUCache[Condition, _Answer] = LRUCache(MOST)
        self._lock = Lock()

    def get(self, condition: Condition) -> _Answer | None:
        with self._lock:
            return self._kept.get(condition)

    def keep(self, condition: Condition, answer: _Answer) -> None:
        with self._lock:
            self._kept[condition] = answer


_memories: WeakKeyDictionary[Population, _Memory] = WeakKeyDictionary()
_lock = Lock()


def _memory_of(people: Population) -> _Memory:
    with _lock:
        return _memories.setdefault(people, _Memory())
