"""beyond-history: a timeframe goes back further than the events of its metric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from django.utils.translation import gettext

from profiles.columns.instants import FIRST
from segments.advice import Advice, Severity
from segments.definition.codec import encode_part
from segments.definition.operators import AllTime, StaticRange
from segments.definition.repairs import Replacement
from segments.definition.words import date_text
from segments.lint.metric_parts import MetricPart, metric_parts, window_of
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study


@rule
class BeyondHistory(LintRule):
    code: ClassVar[str] = "beyond-history"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 45

    def advice(self, study: Study) -> Iterator[Advice]:
        moment, catalog = study.inspection.moment, study.inspection.catalog
        places: set[str] = set()
        for part in study.metric_parts:
            place = part.place
            if place.pointer in places:
                continue
            window = window_of(part.timeframe, moment)
            if window is None or window.end <= window.start:
                continue
            history = study.history(part.metric)
            if history is None:
                continue  # that is said already
            is_open = window.start <= FIRST
            if not (window.end <= history.first if is_open else window.start < history.first):
                continue
            sentence = gettext("%(metric)s goes back only to %(date)s.") % {
                "metric": catalog.metric(part.metric),
                "date": date_text(history.first_day(moment)),
            }
            fix = None
            if _is_all_time(part, study):
                condition = replace(
                    place.condition,
                    timeframe_filter=AllTime(operator="alltime"),  # type: ignore[call-arg]
                )
                put = Replacement(place.pointer, encode_part(condition))
                fix = study.fix(gettext("Make it all time"), put)
            places.add(place.pointer)
            yield self.say(
                place.pointer, sentence, study.inspection.preview.nodes[place.pointer], fix
            )


def _is_all_time(part: MetricPart, study: Study) -> bool:
    """Whether all events of a condition lie in its timeframe, now and from now on."""
    moment = study.inspection.moment
    window = window_of(part.timeframe, moment)
    if window is None or window.end <= moment.micros or isinstance(part.timeframe, StaticRange):
        return False
    histories = [study.history(each.metric) for each in metric_parts(part.place)]
    return all(history is None or window.start <= history.first for history in histories)
