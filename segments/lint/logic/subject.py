"""Subjects: what several conditions are about, so that their answers depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from profiles.columns.column import Bools
from segmenter.kernel.registry import Registry
from segments.definition.tree import Condition
from segments.definition.validate import has_dates
from segments.definition.windows import Moment


class Signatures(NamedTuple):
    """The combinations of answers that some conditions can have."""

    truths: Bools
    """bool[r, c]: the answers of c conditions for r sorts of people. Everybody is of some sort."""
    is_set: Bools
    """bool[r]: False for the people of whom the subject is not known."""


@dataclass(frozen=True)
class Subject:
    """What conditions are about: equal for those whose answers depend on each other."""

    def signatures(self, conditions: Sequence[Condition], moment: Moment) -> Signatures | None:
        """The answers that conditions about it can have together; None if they are too many.

        More than there really are is right, fewer is an error.
        """
        raise NotImplementedError

    def depends_on_time(self, conditions: Sequence[Condition]) -> bool:
        """Whether the signatures may be others at another moment."""
        return any(map(has_dates, conditions))


@dataclass(frozen=True)
class Unknown(Subject):
    """A condition of which nothing is known: it may be true or not."""

    condition: Condition

    def signatures(self, conditions: Sequence[Condition], moment: Moment) -> Signatures:
        return Signatures(np.array([[True], [False]]), np.array([True, True]))


SubjectOf = Callable[[Condition], Subject | None]

subjects: Registry[SubjectOf] = Registry("subject of a condition kind")
"""Type of a condition to its subject; kinds that are not here are `Unknown`."""


def subject_of(condition: Condition) -> Subject:
    """What a condition is about."""
    subject = subjects[condition.type](condition) if condition.type in subjects else None
    return Unknown(condition) if subject is None else subject


def spots_around(bounds: Sequence[float]) -> list[float]:
    """The bounds, a number between any two neighbours, and one beyond each end."""
    marks = sorted(set(bounds)) or [0.0]
    between = [(low + high) / 2 for low, high in pairwise(marks)]
    return sorted({marks[0] - 1, *marks, *between, marks[-1] + 1})
