"""profile-metric: what someone has done or not done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.events import VALUE, Events
from profiles.columns.population import Population
from segmenter.kernel.errors import Problem
from segments.definition.fields import (
    Choice,
    FilterOf,
    Many,
    MetricKey,
    Nested,
    PropertyName,
    Structure,
    declare,
)
from segments.definition.operators import ANY, NUMBERS, TIMEFRAME, DateFilter, Filter, NumberTest
from segments.definition.tree import Condition, kind
from segments.definition.windows import Moment

MEASUREMENTS = (
    ("count", _("number of times")),
    ("sum", _("sum")),
    ("average", _("average")),
    ("minimum", _("smallest")),
    ("maximum", _("largest")),
    ("distinct", _("different values")),
)


@dataclass(frozen=True)
class MetricFilter(Structure):
    """A test that each counted event must pass."""

    property: str = declare(PropertyName(of="event"), _("Property"))
    filter: Filter = declare(FilterOf(ANY), _("Filter"))


METRIC_FILTERS = Many(Nested(MetricFilter), most=10)


def narrowed(events: Events, filters: Any, moment: Moment) -> Events:
    """Keep the events that pass every metric filter (a tuple, null or ABSENT)."""
    for each in filters or ():
        events = events.where(each.filter.test(events.column(each.property), moment))
    return events


def within_timeframe(events: Events, timeframe: DateFilter, moment: Moment) -> Events:
    """Keep the events inside a timeframe; what lies after `moment` counts only looking ahead."""
    past = moment.until_now()
    try:
        window = timeframe.window(moment)
    except NotImplementedError:
        events = events.within(*past)
        return events.where(timeframe.holds(events.when, moment))
    return events.within(*(window if timeframe.looks_ahead else window.before(past.end)))


@kind
@dataclass(frozen=True)
class ProfileMetric(Condition):
    type: ClassVar[str] = "profile-metric"
    title: ClassVar[str] = _("What someone has done (or not done)")

    metric_id: str = declare(MetricKey(), _("Metric"))
    measurement: str = declare(Choice(MEASUREMENTS), _("Measure"))
    measurement_property: str | Any = declare(
        PropertyName(of="event"), _("of"), optional=True, nullable=True
    )
    measurement_filter: NumberTest = declare(FilterOf(NUMBERS), _("How often"))
    timeframe_filter: DateFilter = declare(FilterOf(TIMEFRAME), _("When"))
    metric_filters: tuple[MetricFilter, ...] | Any = declare(
        METRIC_FILTERS, _("Where"), optional=True, nullable=True
    )

    def events(self, people: Population, at: datetime) -> Events:
        """The events that count."""
        moment = Moment(at, people.zone)
        events = within_timeframe(people.events(self.metric_id), self.timeframe_filter, moment)
        return narrowed(events, self.metric_filters, moment)

    def mask(self, people: Population, at: datetime) -> Bools:
        events = self.events(people, at)
        measured = self.measurement_property or VALUE
        match self.measurement:
            case "count":
                return self.measurement_filter.holds(events.count().astype(float))
            case "distinct":
                return self.measurement_filter.holds(events.distinct(measured).astype(float))
        amounts = getattr(events, self.measurement)(measured)
        return self.measurement_filter.holds_money(amounts)

    def reads(self) -> frozenset[str]:
        return frozenset({facts.metric(self.metric_id)})

    def problems(self) -> Iterator[Problem]:
        if self.measurement == "distinct" and not self.measurement_property:
            message = "Say which property's different values are counted."
            yield Problem("/measurement_property", "required", message)
