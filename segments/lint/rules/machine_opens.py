"""machine-opens: openings by machines are counted, as if people had opened the e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext

from profiles.columns.population import UnknownKey
from segments.advice import Advice, Severity
from segments.definition.codec import encode_part
from segments.definition.conditions.metric import MetricFilter, apply_filters, within_timeframe
from segments.definition.fields import Structure
from segments.definition.operators import AllTime, BooleanFilter
from segments.definition.repairs import Replacement
from segments.definition.tree import Condition
from segments.lint.changes import changed_inside
from segments.lint.metric_parts import MACHINE, OPENED, MetricPart, reads_events
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study

MOST_FILTERS = 10
_BY_PEOPLE = MetricFilter(
    property=MACHINE, filter=BooleanFilter(operator="equals", value=False, include_unset=True)
)


@rule
class MachineOpens(LintRule):
    code: ClassVar[str] = "machine-opens"
    severity: ClassVar[Severity] = Severity.WARNING
    rank: ClassVar[int] = 50

    def advice(self, study: Study) -> Iterator[Advice]:
        if not study.metric_parts:
            return
        metrics = study.inspection.catalog.metrics
        places: set[str] = set()
        for part in study.metric_parts:
            is_first = part.place.pointer not in places
            if metrics.get(part.metric) == OPENED and is_first and not _asks(part.filters):
                places.add(part.place.pointer)
                yield from self._of(part, study)

    def _of(self, part: MetricPart, study: Study) -> Iterator[Advice]:
        machine, every = _openings(part, study)
        if machine * 100 < every or not every:
            return  # none, or under 1 %
        condition = part.place.condition
        by_people = changed_inside(condition, lambda each: _by_people(each, part.metric))
        assert isinstance(by_people, Condition)
        sentence = gettext("%(share)s of these openings are by machines (%(property)s).") % {
            "share": f"{round(machine * 100 / every)} %",
            "property": MACHINE,
        }
        fix, people = None, None
        if by_people != condition:
            fix = study.fix(
                gettext("Leave them out"), Replacement(part.place.pointer, encode_part(by_people))
            )
            people = int(np.count_nonzero(study.mask(condition) != study.mask(by_people)))
        yield self.say(part.place.pointer, sentence, people, fix)


def _asks(filters: tuple[MetricFilter, ...]) -> bool:
    return any(each.property == MACHINE for each in filters)


def _by_people(structure: Structure, metric: str) -> Structure:
    """The structure without the openings of machines, if it counts them."""
    part: Any = structure
    if not reads_events(structure) or part.metric_id != metric:
        return part
    filters = part.metric_filters or ()
    if _asks(filters) or len(filters) >= MOST_FILTERS:
        return part
    return replace(part, metric_filters=(*filters, _BY_PEOPLE))


def _openings(part: MetricPart, study: Study) -> tuple[int, int]:
    """How many of the openings that count are by machines, and how many there are."""
    machine = every = 0
    moment = study.inspection.moment
    timeframe = part.timeframe or AllTime(operator="alltime")
    for people, share in study.inspection.evaluation.people.shares:
        try:
            events = within_timeframe(people.events(part.metric), timeframe, moment)
        except UnknownKey:
            continue
        if share is not None:
            events = events.where(share[events.who])
        events = apply_filters(events, part.filters, moment)
        every += len(events)
        column = events.column(MACHINE)
        machine += int(np.count_nonzero(column.spread(column.values.truths)))
    return machine, every
