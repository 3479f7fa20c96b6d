"""Subjects: what several conditions are about, so that their answers depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from profiles.columns.column import Bools
from segmenter.kernel.registry import Registry
from segments.definition.fields import DateText, Structure
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


def time_key(conditions: Sequence[Condition], moment: Moment) -> Hashable:
    """For how long the signatures of conditions stay the same: equal keys, equal signatures.

    Windows that begin and end with days lie to each other in the same way all day.
    """
    if not any(map(has_dates, conditions)):
        return None
    if any(map(_is_precise, conditions)):
        return moment
    return moment.today, moment.zone


def _is_precise(structure: Structure) -> bool:
    """Whether a date or a unit in it is finer than a day."""
    for field in structure.declared():
        value = getattr(structure, field.name)
        if isinstance(field.type, DateText) and isinstance(value, str) and len(value) > _DAY:
            return True
        if field.name == "unit" and value == "hour":
            return True
        parts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(part, Structure) and _is_precise(part) for part in parts):
            return True
    return False


_DAY = len("2026-03-01")


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
