"""profile-metric-ratio: what share of some events someone answered with others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools, Floats
from profiles.columns.events import shared_counts
from profiles.columns.population import Population
from profiles.facts import FactKey
from segments.definition import words
from segments.definition.conditions.metric import (
    METRIC_FILTERS,
    apply_filters,
    filter_edges,
    metric_evidence,
    timeframe_edges,
    where,
    within_timeframe,
)
from segments.definition.evidence import Evidence, KnownValue
from segments.definition.fields import (
    FilterOf,
    MetricKey,
    Nested,
    PropertyName,
    Structure,
    declare,
)
from segments.definition.operators import NUMBERS, TIMEFRAME, DateFilter, NumberTest
from segments.definition.plain_names import add_continuations
from segments.definition.tree import Condition, Crossing, Names, kind
from segments.definition.windows import Moment

_SENTENCE = _("who have a ratio of %(above)s to %(below)s of %(amount)s %(when)s")
_ONCE = _("counting each %(property)s once")
add_continuations(around=(_ONCE,))


@dataclass(frozen=True)
class Side(Structure):
    """Events of a metric, narrowed by filters."""

    metric_id: str = declare(MetricKey(), _("Metric"))
    metric_filters: Any = declare(METRIC_FILTERS, _("Where"), optional=True, nullable=True)

    def phrase(self, names: Names) -> str:
        """The events in the active language; in brackets if filters narrow them."""
        metric = words.as_name(names.metric(self.metric_id))
        return f"({where(metric, self.metric_filters)})" if self.metric_filters else metric


@kind
@dataclass(frozen=True)
class ProfileMetricRatio(Condition):
    type: ClassVar[str] = "profile-metric-ratio"
    title: ClassVar[str] = _("What share of one thing someone answered with another")
    icon: ClassVar[str] = "pulse"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "numerator": {"metric_id": "Opened Email"},
            "denominator": {"metric_id": "Received Email"},
            "distinct_by": "Campaign Name",
            "timeframe_filter": {
                "type": "date",
                "operator": "in-the-last",
                "quantity": 1,
                "unit": "month",
            },
            "filter": {"type": "numeric", "operator": "equals", "value": 1},
        },
    )

    numerator: Side = declare(Nested(Side), _("Share of"))
    denominator: Side = declare(Nested(Side), _("among"))
    distinct_by: str | Any = declare(
        PropertyName(of="event"), _("counting each once by"), optional=True, nullable=True
    )
    timeframe_filter: DateFilter = declare(FilterOf(TIMEFRAME), _("When"))
    filter: NumberTest = declare(FilterOf(NUMBERS), _("Ratio"))

    def mask(self, people: Population, at: datetime) -> Bools:
        return self.filter.holds(self.ratio(people, at))

    def ratio(self, people: Population, at: datetime) -> Floats:
        """float64[n]: NaN where the denominator has no events."""
        moment = Moment(at, people.zone)
        above, below = (
            apply_filters(
                within_timeframe(people.events(side.metric_id), self.timeframe_filter, moment),
                side.metric_filters,
                moment,
            )
            for side in (self.numerator, self.denominator)
        )
        if self.distinct_by:
            counts, totals = shared_counts(above, below, self.distinct_by)
        else:
            counts, totals = above.count(), below.count()
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(totals > 0, counts / totals, np.nan)

    def reads(self) -> frozenset[FactKey]:
        sides = (self.numerator, self.denominator)
        return frozenset(facts.metric(side.metric_id) for side in sides)

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        for side in (self.numerator, self.denominator):
            yield from timeframe_edges(side.metric_id, self.timeframe_filter, since, until)
            yield from filter_edges(side.metric_id, side.metric_filters, since, until)

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        moment = Moment(at, one.zone)
        ratio = float(self.ratio(one, at)[0])
        known = KnownValue(
            gettext("ratio"),
            None if np.isnan(ratio) else round(ratio, 4),
            gettext("must be %(amount)s") % {"amount": self.filter.percent()},
            bool(self.mask(one, at)[0]),
            "" if np.isnan(ratio) else words.percent(round(ratio, 4)),
        )
        sides = (
            metric_evidence(
                one, side.metric_id, self.timeframe_filter, side.metric_filters, moment, names
            )
            for side in (self.numerator, self.denominator)
        )
        return Evidence((known, *sides))

    def sentence(self, names: Names) -> str:
        clause = gettext(_SENTENCE) % {
            "above": self.numerator.phrase(names),
            "below": self.denominator.phrase(names),
            "amount": self.filter.percent(),
            "when": self.timeframe_filter.span(),
        }
        if not self.distinct_by:
            return clause
        label = words.event_property_label(self.distinct_by)
        return words.with_notes(clause, [gettext(_ONCE) % {"property": label}])
