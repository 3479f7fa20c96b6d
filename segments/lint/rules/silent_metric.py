"""silent-metric: a metric of which nothing has come for 30 days, or never."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext

from segments.advice import Advice, Severity
from segments.definition.words import date_text
from segments.lint.metric_parts import window_of
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study

DAYS = 30


@rule
class SilentMetric(LintRule):
    code: ClassVar[str] = "silent-metric"
    severity: ClassVar[Severity] = Severity.WARNING
    rank: ClassVar[int] = 60

    def advice(self, study: Study) -> Iterator[Advice]:
        moment, catalog = study.inspection.moment, study.inspection.catalog
        since = moment.days_from_today(-DAYS, "day")
        places: set[str] = set()
        for part in study.metric_parts:
            place = part.place
            if place.pointer in places:
                continue
            window = window_of(part.timeframe, moment)
            if window is not None and window.end <= since:
                continue  # it asks about a time before
            history = study.history(part.metric)
            values = {"metric": catalog.metric(part.metric)}
            if history is None:
                sentence = gettext("Nothing has ever come in for %(metric)s.") % values
            elif history.last < since:
                values["date"] = date_text(history.last_day(moment))
                sentence = gettext("Nothing has come in for %(metric)s since %(date)s.")
                sentence %= values
            else:
                continue
            people = study.inspection.preview.nodes[place.pointer]
            places.add(place.pointer)
            yield self.say(place.pointer, sentence, people)
