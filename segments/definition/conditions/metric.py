"""profile-metric: what someone has done or not done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.dates import EventPropertyDates, EventTimes
from profiles.columns.events import VALUE, Events
from profiles.columns.population import Population
from profiles.facts import FactKey
from segments.definition import words
from segments.definition.evidence import Evidence, Happened, Test, happened, instant
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
from segments.definition.needs import MoreEvents, MoreValue, Need, OneEvent, TooLate
from segments.definition.operators import (
    ANY,
    NUMBERS,
    TIMEFRAME,
    DateFilter,
    Filter,
    NumberTest,
    StaticDate,
    StaticRange,
)
from segments.definition.operators.numbers import MONEY_DECIMALS, Amounts
from segments.definition.plain_names import add_continuations
from segments.definition.tree import Condition, Crossing, Names, kind
from segments.definition.windows import Moment

MEASUREMENTS = (
    ("count", _("number of times")),
    ("sum", _("sum")),
    ("average", _("average")),
    ("minimum", _("smallest")),
    ("maximum", _("largest")),
    ("distinct", _("different values")),
)
_VALUE_AMOUNTS = {
    "sum": _("with a total value of %(amount)s"),
    "average": _("with an average value of %(amount)s"),
    "minimum": _("with a smallest value of %(amount)s"),
    "maximum": _("with a largest value of %(amount)s"),
}
_PROPERTY_AMOUNTS = {
    "sum": _("with a total %(property)s of %(amount)s"),
    "average": _("with an average %(property)s of %(amount)s"),
    "minimum": _("with a smallest %(property)s of %(amount)s"),
    "maximum": _("with a largest %(property)s of %(amount)s"),
    "distinct": _("with %(amount)s of %(property)s"),
}
add_continuations(first=_VALUE_AMOUNTS.values(), around=_PROPERTY_AMOUNTS.values())
_ZERO_WITHOUT_EVENTS = frozenset({"count", "sum", "distinct"})
"""Measurements that are 0 over no events, and not undefined."""


@dataclass(frozen=True)
class MetricFilter(Structure):
    """A test that each counted event must pass."""

    property: str = declare(PropertyName(of="event"), _("Property"))
    filter: Filter = declare(FilterOf(ANY), _("Filter"))

    def phrase(self) -> str:
        """The test in the active language: "Campaign Name contains “spring”"."""
        return words.property_test(words.event_property_label(self.property), self.filter.phrase())


METRIC_FILTERS = Many(Nested(MetricFilter), most=10)


def where(sentence: str, filters: Any) -> str:
    """The sentence, narrowed by metric filters (a tuple, null or ABSENT)."""
    return words.where(sentence, [metric_filter.phrase() for metric_filter in filters or ()])


def apply_filters(events: Events, filters: Any, moment: Moment) -> Events:
    """Keep the events that pass every metric filter (a tuple, null or ABSENT)."""
    if not filters:
        return events

    def test(some: Events) -> Bools:
        return reduce(
            np.logical_and,
            [
                metric_filter.filter.test(some.column(metric_filter.property), moment)
                for metric_filter in filters
            ],
        )

    return events.passing(test)


def within_timeframe(events: Events, timeframe: DateFilter, moment: Moment) -> Events:
    """Keep the events of a timeframe; those after `moment` count only if it looks ahead."""
    past = moment.until_now()
    try:
        window = timeframe.window(moment)
    except NotImplementedError:
        events = events.within(*past)
        return events.where(timeframe.holds(events.when, moment))
    return events.within(*(window if timeframe.looks_ahead else window.before(past.end)))


def metric_evidence(
    one: Population,
    metric: str,
    timeframe: DateFilter,
    filters: Any,
    moment: Moment,
    names: Names,
) -> Happened:
    """A person's events of a metric: which are inside a timeframe and pass every filter."""
    events = one.events(metric)
    try:
        window = timeframe.window(moment)
    except NotImplementedError:
        window = None
    tests = []
    for metric_filter in filters or ():
        column = events.column(metric_filter.property)
        name = words.event_property_label(metric_filter.property)
        passes = metric_filter.filter.test(column, moment)
        tests.append(Test(name, metric_filter.filter.phrase(), column, passes))
    inside = within_timeframe(events, timeframe, moment)
    return happened(names.metric(metric), events, inside, moment, window, tests)


def open_period(
    timeframe: DateFilter, moment: Moment
) -> tuple[bool, datetime | None, TooLate | None]:
    """Whether new events will be inside a timeframe, and until when; or that it is too late.

    Of relative timeframes in the past, and of those that have not begun, nothing can be said.
    """
    if isinstance(timeframe, StaticDate | StaticRange):
        start, end = timeframe.window(moment)
        until = instant(end, moment.zone)
        if end <= moment.micros and until is not None:
            return False, None, TooLate(until)
        return start <= moment.micros, until, None
    return bool(timeframe.holds(np.array([moment.micros]), moment)[0]), None, None


def tests_of(filters: Any) -> str:
    """The metric filters in words: "Campaign Name contains “spring”"."""
    return words.every([metric_filter.phrase() for metric_filter in filters]) if filters else ""


def timeframe_edges(
    metric: str, timeframe: DateFilter, since: Moment, until: Moment
) -> Iterator[Crossing]:
    """Events that entered or left a timeframe between two moments."""
    for edge in timeframe.past_edges(since, until):
        yield Crossing(EventTimes(metric), edge)


def filter_edges(metric: str, filters: Any, since: Moment, until: Moment) -> Iterator[Crossing]:
    """Events that a metric filter of dates included or excluded between two moments."""
    for metric_filter in filters or ():
        for edge in metric_filter.filter.edges(since, until):
            yield Crossing(EventPropertyDates(metric, metric_filter.property), edge)


@kind
@dataclass(frozen=True)
class ProfileMetric(Condition):
    type: ClassVar[str] = "profile-metric"
    title: ClassVar[str] = _("What someone has done (or not done)")
    icon: ClassVar[str] = "metrics"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "metric_id": "Opened Email",
            "measurement": "count",
            "measurement_filter": {
                "type": "numeric",
                "operator": "greater-than-or-equal",
                "value": 3,
            },
            "timeframe_filter": {
                "type": "date",
                "operator": "in-the-last",
                "quantity": 3,
                "unit": "month",
            },
            "metric_filters": [
                {
                    "property": "Campaign Name",
                    "filter": {"type": "string", "operator": "contains", "value": "spring"},
                },
                {
                    "property": "Apple Privacy Open",
                    "filter": {
                        "type": "boolean",
                        "operator": "equals",
                        "value": False,
                        "include_unset": True,
                    },
                },
            ],
        },
        {
            "metric_id": "Placed Order",
            "measurement": "count",
            "measurement_filter": {"type": "numeric", "operator": "equals", "value": 0},
            "timeframe_filter": {"type": "date", "operator": "alltime"},
        },
        {
            "metric_id": "Placed Order",
            "measurement": "sum",
            "measurement_filter": {
                "type": "numeric",
                "operator": "greater-than-or-equal",
                "value": 500,
            },
            "timeframe_filter": {"type": "date", "operator": "after", "date": "2026-03-01"},
        },
        {
            "metric_id": "Opened Email",
            "measurement": "distinct",
            "measurement_property": "Campaign Name",
            "measurement_filter": {
                "type": "numeric",
                "operator": "greater-than-or-equal",
                "value": 2,
            },
            "timeframe_filter": {
                "type": "date",
                "operator": "between",
                "start": 3,
                "end": 5,
                "unit": "week",
            },
        },
    )

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
        return apply_filters(events, self.metric_filters, moment)

    def measured(self, people: Population, at: datetime) -> Amounts:
        """int or float64[n]: the measured values; NaN where there is nothing to measure."""
        events = self.events(people, at)
        if self.measurement == "count":
            return events.count()
        amounts: Amounts = getattr(events, self.measurement)(self.measurement_property or VALUE)
        return amounts

    def mask(self, people: Population, at: datetime) -> Bools:
        amounts = self.measured(people, at)
        if self.measurement in {"count", "distinct"}:
            return self.measurement_filter.holds(amounts)
        return self.measurement_filter.holds_money(amounts.astype(np.float64, copy=False))

    def reads(self) -> frozenset[FactKey]:
        return frozenset({facts.metric(self.metric_id)})

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        yield from timeframe_edges(self.metric_id, self.timeframe_filter, since, until)
        yield from filter_edges(self.metric_id, self.metric_filters, since, until)

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        moment = Moment(at, one.zone)
        evidence = metric_evidence(
            one, self.metric_id, self.timeframe_filter, self.metric_filters, moment, names
        )
        amount = float(self.measured(one, at)[0])
        if self.measurement != "count":
            label = gettext(dict(MEASUREMENTS)[self.measurement])
            values = {"measure": label, "property": self._property}
            measure = gettext("%(measure)s of %(property)s") % values
            measured = None if np.isnan(amount) else amount
            evidence = replace(evidence, measure=measure, measured=measured)
        return Evidence(
            (evidence,), () if self.mask(one, at)[0] else self._needs(amount, moment, names)
        )

    @property
    def _property(self) -> str:
        """The name of the measured property."""
        return words.event_property_label(self.measurement_property or VALUE)

    def _needs(self, amount: float, moment: Moment, names: Names) -> tuple[Need, ...]:
        opens, until, too_late = open_period(self.timeframe_filter, moment)
        test, where = self.measurement_filter, tests_of(self.metric_filters)
        need: Need | None = None
        metric = names.metric(self.metric_id)
        if self.measurement in {"count", "distinct"}:
            distinct = self._property if self.measurement == "distinct" else ""
            if more := test.missing(amount):
                need = MoreEvents(metric, more, distinct, where=where, until=until)
        elif self.measurement == "sum":
            floor, enough = test.floor or (-np.inf, True)
            more_value = round(floor - amount, MONEY_DECIMALS)
            if more_value > 0 or (more_value == 0 and not enough):
                need = MoreValue(
                    metric, more_value, self._property, not enough, where=where, until=until
                )
        elif np.isnan(amount) or self.measurement == _reachable_extreme(test):
            need = OneEvent(metric, self._property, test.phrase(), where=where, until=until)
        if need is None or not (opens or too_late):
            return ()
        return (too_late or need,)

    def sentence(self, names: Names) -> str:
        metric = words.as_name(names.metric(self.metric_id))
        values = {"metric": metric, "when": self.timeframe_filter.span()}
        if self.measurement == "count" and self.measurement_filter.only_zero:
            return where(
                gettext("who have not done %(metric)s %(when)s") % values, self.metric_filters
            )
        how = gettext("who have done %(metric)s %(how)s %(when)s") % (values | {"how": self._how()})
        return where(how, self.metric_filters)

    def _how(self) -> str:
        """How often, or with which amount; and whether people who never did it match too."""
        amount = self.measurement_filter.amount
        measured = self.measurement_property or VALUE
        if self.measurement == "count":
            phrase = self.measurement_filter.times()
        elif measured == VALUE and self.measurement in _VALUE_AMOUNTS:
            phrase = gettext(_VALUE_AMOUNTS[self.measurement]) % {"amount": amount()}
        else:
            distinct = self.measurement == "distinct"
            phrase = gettext(_PROPERTY_AMOUNTS[self.measurement]) % {
                "property": words.event_property_label(measured),
                "amount": amount(_different_values) if distinct else amount(),
            }
        never = (
            self.measurement in _ZERO_WITHOUT_EVENTS
            and self.measurement_filter.holds(np.zeros(1))[0]
        )
        return words.with_notes(phrase, [gettext("or never")] if never else [])


def _different_values(count: float) -> str:
    return words.quantity(
        count,
        lambda n: ngettext("%(number)s different value", "%(number)s different values", n),
        pgettext("fraction", "%(number)s different values"),
    )


def _reachable_extreme(test: NumberTest) -> str:
    """Which of maximum and minimum one more event can always make pass; "" for neither."""
    low, high = test.holds(np.array([-np.inf, np.inf]))
    return {(False, True): "maximum", (True, False): "minimum"}.get((bool(low), bool(high)), "")
