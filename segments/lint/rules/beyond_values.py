"""beyond-values: a number is compared with one that no value reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor
from typing import ClassVar

import numpy as np
from django.utils.translation import gettext

from profiles.columns.column import Floats
from profiles.columns.population import Population
from segments.advice import Advice, Fix, Severity
from segments.definition import words
from segments.definition.codec import encode_part
from segments.definition.conditions.metric import ProfileMetric
from segments.definition.conditions.predictive import SHARES, ProfilePredictiveAnalytics
from segments.definition.conditions.property import ProfileProperty
from segments.definition.operators import NumberFilter, NumberTest
from segments.definition.repairs import Replacement
from segments.definition.tree import Condition
from segments.lint.places import ConditionPlace
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study

_SCALE = 10_000
"""A limit is offered with four decimals."""


@rule
class BeyondValues(LintRule):
    code: ClassVar[str] = "beyond-values"
    severity: ClassVar[Severity] = Severity.WARNING
    rank: ClassVar[int] = 72

    def advice(self, study: Study) -> Iterator[Advice]:
        for place in study.places:
            test = _test_of(place.condition)
            if test is None or study.inspection.preview.nodes[place.pointer]:
                continue
            numbers = _numbers(place.condition, study)
            if not len(numbers) or not numbers.any():
                continue
            low, high = float(numbers.min()), float(numbers.max())
            say = words.percent if _is_share(place.condition) else words.number
            if min(test.bounds) >= high:
                limit = floor(high * _SCALE) / _SCALE
                sentence = gettext("The largest is %(number)s.") % {"number": say(limit)}
            elif max(test.bounds) <= low:
                limit = ceil(low * _SCALE) / _SCALE
                sentence = gettext("The smallest is %(number)s.") % {"number": say(limit)}
            else:
                continue
            fix = _fix(place, test, limit, say, study)
            yield self.say(place.pointer, sentence, 0, fix)


def _test_of(condition: Condition) -> NumberTest | None:
    """The number that a condition compares; None for one that compares none."""
    match condition:
        case ProfileMetric(measurement_filter=test):
            return test
        case ProfileProperty(filter=NumberTest() as test):
            return test
        case ProfilePredictiveAnalytics(filter=NumberTest() as test):
            return test
    return None


def _numbers(condition: Condition, study: Study) -> Floats:
    """float64[]: what the condition compares, of everyone who has it."""

    def of(people: Population) -> Floats:
        match condition:
            case ProfileMetric():
                return condition.measured(people, study.inspection.at).astype(np.float64)
            case ProfileProperty():
                return condition.path.column(people).number_per_row()
            case ProfilePredictiveAnalytics():
                return condition.column(people).number_per_row()
        raise TypeError(condition)

    parts = [
        of(people) if share is None else of(people)[share]
        for people, share in study.inspection.evaluation.people.shares
    ]
    numbers = np.concatenate(parts)
    return numbers[~np.isnan(numbers)]


def _is_share(condition: Condition) -> bool:
    return isinstance(condition, ProfilePredictiveAnalytics) and condition.dimension in SHARES


def _fix(
    place: ConditionPlace, test: NumberTest, limit: float, say: words.Say, study: Study
) -> Fix | None:
    """The number that is reached; for a share, the number that was probably meant in percent."""
    if not isinstance(test, NumberFilter) or test.operator in {"equals", "not-equals"}:
        return None
    is_more = test.operator.startswith("greater")
    if is_more and limit <= 0 and isinstance(place.condition, ProfileMetric):
        return None
    value = limit
    if _is_share(place.condition) and 1 < test.value <= 100 and test.value / 100 <= limit:
        value = test.value / 100
    operator = "greater-than-or-equal" if is_more else "less-than-or-equal"
    if is_more != (test.value >= value):
        return None
    other = replace(test, operator=operator, value=int(value) if value == int(value) else value)
    condition = place.condition
    if isinstance(condition, ProfileMetric):
        changed: Condition = replace(condition, measurement_filter=other)
    else:
        assert isinstance(condition, ProfileProperty | ProfilePredictiveAnalytics)
        changed = replace(condition, filter=other)
    label = gettext("Use %(number)s") % {"number": say(value)}
    return study.fix(label, Replacement(place.pointer, encode_part(changed)))
