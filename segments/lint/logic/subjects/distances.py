"""The distance from a point: a number from 0, or unknown, which passes no test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segments.definition.conditions.location import ProfileLocationDistance
from segments.definition.tree import Condition
from segments.definition.windows import Moment
from segments.lint.logic.subject import Signatures, Subject, spots_around, subjects


@dataclass(frozen=True)
class DistanceSubject(Subject):
    """The distance from one point in one unit."""

    latitude: float
    longitude: float
    unit: str

    def signatures(self, conditions: Sequence[Condition], moment: Moment) -> Signatures:
        tests = [c.filter for c in conditions if isinstance(c, ProfileLocationDistance)]
        spots = spots_around([bound for test in tests for bound in test.bounds])
        away = np.array([np.nan, 0.0, *(spot for spot in spots if spot > 0)])
        truths = np.stack([test.holds(away) for test in tests], axis=1)
        truths[0] = False
        return Signatures(truths, ~np.isnan(away))


@subjects.register(ProfileLocationDistance.type)
def _of_distance(condition: Condition) -> Subject:
    assert isinstance(condition, ProfileLocationDistance)
    return DistanceSubject(condition.latitude, condition.longitude, condition.unit)
