"""future-dates: a range of dates that has not begun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from django.utils.translation import gettext

from profiles.columns.instants import to_datetime
from segments.advice import Advice, Severity
from segments.definition.codec import encode_part
from segments.definition.operators import AllTime, DateFilter
from segments.definition.repairs import Replacement
from segments.definition.words import date_text
from segments.lint.metric_parts import window_of
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study


@rule
class FutureDates(LintRule):
    code: ClassVar[str] = "future-dates"
    severity: ClassVar[Severity] = Severity.WARNING
    rank: ClassVar[int] = 70

    def advice(self, study: Study) -> Iterator[Advice]:
        moment = study.inspection.moment
        for place in study.places:
            timeframe = getattr(place.condition, "timeframe_filter", None)
            if not isinstance(timeframe, DateFilter) or timeframe.looks_ahead:
                continue
            window = window_of(timeframe, moment)
            if window is None or not moment.micros < window.start < window.end:
                continue
            begins = to_datetime(window.start, moment.zone).date().isoformat()
            sentence = gettext("These dates begin on %(date)s: nothing is counted before.")
            condition = replace(
                place.condition,
                timeframe_filter=AllTime(operator="alltime"),  # type: ignore[call-arg]
            )
            fix = study.fix(
                gettext("Make it all time"), Replacement(place.pointer, encode_part(condition))
            )
            people = study.inspection.preview.nodes[place.pointer]
            yield self.say(place.pointer, sentence % {"date": date_text(begins)}, people, fix)
