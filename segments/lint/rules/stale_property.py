"""stale-property: a property of profiles none of which has changed for a year.

A profile that has not changed since then has an old value, whichever of its properties it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from django.utils.translation import gettext

from profiles.columns.instants import NO_INSTANT, to_datetime
from segments.advice import Advice, Severity
from segments.definition.words import date_text
from segments.lint.rule import LintRule, rule
from segments.lint.study import PropertyTest, Study

YEARS = 1


@rule
class StaleProperty(LintRule):
    code: ClassVar[str] = "stale-property"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 34

    def advice(self, study: Study) -> Iterator[Advice]:
        moment = study.inspection.moment
        since = moment.days_from_today(-YEARS, "year")
        for test in study.tests:
            if test.figures.path is None or not test.figures.path.custom:
                continue
            last, rows = _last_change(test, study)
            if last == NO_INSTANT or last >= since:
                continue
            day = to_datetime(last, moment.zone).date().isoformat()
            sentence = gettext("No profile with %(property)s has been updated since %(date)s.")
            values = {"property": study.label(test), "date": date_text(day)}
            yield self.say(test.place.pointer, sentence % values, rows)


def _last_change(test: PropertyTest, study: Study) -> tuple[int, int]:
    """When a profile that has the property changed last, and how many have it."""
    last, rows = NO_INSTANT, 0
    assert test.figures.path is not None
    for people, share in study.inspection.evaluation.people.shares:
        has = test.figures.path.column(people).is_set
        if share is not None:
            has = has & share
        times = people.attribute("updated").instant_per_row()[has]
        if len(times):
            last = max(last, int(np.max(times)))
            rows += len(times)
    return last, rows
