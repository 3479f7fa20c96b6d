"""profile-predictive-analytics: what a model predicts about someone."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools, Column
from profiles.columns.dates import PredictedDates
from profiles.columns.population import Population
from profiles.facts import FactKey
from segmenter.kernel.errors import Problem
from segments.definition import words
from segments.definition.evidence import Evidence, KnownValue, value_at
from segments.definition.fields import Choice, FilterOf, declare
from segments.definition.operators import (
    DATE7,
    NUMBERS,
    Existence,
    Filter,
    NumberTest,
    TextFilter,
    TextIn,
)
from segments.definition.tree import Condition, Crossing, Names, kind
from segments.definition.windows import Moment

AMOUNTS = (
    ("historic_clv", _("historic customer lifetime value")),
    ("predicted_clv", _("predicted customer lifetime value")),
    ("total_clv", _("total customer lifetime value")),
    ("average_order_value", _("average order value")),
)
CHURN = "churn_probability"
SHARES = frozenset({CHURN, "order_probability"})
"""Predictions between 0 and 1, which are shown in percent."""
NUMERIC = (
    *AMOUNTS,
    ("historic_number_of_orders", _("number of orders so far")),
    ("predicted_number_of_orders", _("predicted number of orders")),
    ("average_days_between_orders", _("average days between orders")),
    (CHURN, _("churn risk")),
    ("order_probability", _("probability of an order")),
)
DATES = (
    ("expected_date_of_next_purchase", _("expected date of next order")),
    ("expected_date_of_next_order", _("expected date of next order")),
)
TEXTS = (
    ("predicted_gender", _("predicted gender")),
    ("rfm_group", _("RFM group")),
)
AFFINITY = ("channel_affinity", _("channel affinity"))
CHANNELS = (
    ("email", _("email")),
    ("sms", _("SMS")),
    ("push", _("push")),
    ("whatsapp", _("WhatsApp")),
)
MEASUREMENTS = (("rank", _("rank")), ("priority", _("priority")))
_WORDS = {
    "likely_female": _("likely female"),
    "likely_male": _("likely male"),
    "uncertain": _("uncertain"),
    "champions": _("Champions"),
    "loyal": _("Loyal"),
    "recent": _("Recent"),
    "needs_attention": _("Needs attention"),
    "at_risk": _("At risk"),
    "inactive": _("Inactive"),
}
"""Text values of the predictions to their labels."""
_SAME = {"expected_date_of_next_order": "expected_date_of_next_purchase"}


@kind
@dataclass(frozen=True)
class ProfilePredictiveAnalytics(Condition):
    type: ClassVar[str] = "profile-predictive-analytics"
    title: ClassVar[str] = _("Predictive analytics about someone")
    icon: ClassVar[str] = "clock"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "dimension": "churn_probability",
            "filter": {"type": "numeric", "operator": "greater-than-or-equal", "value": 0.75},
        },
        {
            "dimension": "expected_date_of_next_order",
            "filter": {"type": "date", "operator": "in-the-next", "quantity": 14, "unit": "day"},
        },
        {
            "dimension": "predicted_gender",
            "filter": {"type": "string", "operator": "equals", "value": "likely_female"},
        },
        {
            "dimension": "channel_affinity",
            "predicted_channel": "sms",
            "measurement": "priority",
            "filter": {"type": "numeric", "operator": "equals", "value": 1},
        },
    )

    value_labels: ClassVar[dict[str, str]] = _WORDS

    dimension: str = declare(Choice((*NUMERIC, *DATES, *TEXTS, AFFINITY)), _("Prediction"))
    measurement: str | Any = declare(Choice(MEASUREMENTS), _("Measure"), optional=True)
    predicted_channel: str | Any = declare(Choice(CHANNELS), _("Channel"), optional=True)
    filter: Filter = declare(
        FilterOf((*NUMBERS, TextFilter, TextIn, *DATE7, Existence)), _("Filter")
    )

    @property
    def column_name(self) -> str:
        """The name under which the prediction is stored."""
        if self.dimension == AFFINITY[0]:
            return f"{self.dimension}:{self.predicted_channel}:{self.measurement}"
        return _SAME.get(self.dimension, self.dimension)

    def column(self, people: Population) -> Column:
        """The prediction for everyone; unset if there is none."""
        return people.prediction(self.column_name)

    def mask(self, people: Population, at: datetime) -> Bools:
        column = self.column(people)
        if isinstance(self.filter, NumberTest) and self.dimension in dict(AMOUNTS):
            matches = self.filter.holds_money(column.number_per_row())
            return matches | ~column.is_set if self.filter.include_unset else matches
        return self.filter.test(column, Moment(at, people.zone))

    def left_out(self, people: Population, at: datetime) -> Bools | None:
        return None if self.filter.asks_for_unset else ~self.column(people).is_set

    def reads(self) -> frozenset[FactKey]:
        return frozenset({facts.prediction(self.column_name)})

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        for edge in self.filter.edges(since, until):
            yield Crossing(PredictedDates(_SAME.get(self.dimension, self.dimension)), edge)

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        value, met = value_at(self.column(one), 0, one.zone), bool(self.mask(one, at)[0])
        text = words.quoted(str(_word(value))) if value in _WORDS else ""
        if self.dimension in SHARES and value is not None:
            text = words.percent(value)
        test = self._test()
        return Evidence((KnownValue(self._name, value, test, met, text),))

    @property
    def _name(self) -> str:
        name = gettext(dict((*NUMERIC, *DATES, *TEXTS, AFFINITY))[self.dimension])
        if self.dimension == AFFINITY[0]:
            values = {
                "channel": gettext(dict(CHANNELS)[self.predicted_channel]),
                "measure": gettext(dict(MEASUREMENTS)[self.measurement]),
            }
            name = gettext("%(measure)s of the affinity to the channel %(channel)s") % values
        return name

    def sentence(self, names: Names) -> str:
        return words.whose(self._name, self._test())

    def _test(self) -> str:
        """The test of the prediction, with the labels of its values."""
        match self.filter:
            case TextFilter(value=value):
                return replace(self.filter, value=_word(value)).phrase()
            case TextIn(value=values):
                return replace(self.filter, value=tuple(map(_word, values))).phrase()
            case NumberTest() if self.dimension in SHARES:
                return self.filter.percent_phrase()
        return self.filter.phrase()

    def problems(self) -> Iterator[Problem]:
        affine = self.dimension == AFFINITY[0]
        for name in ("measurement", "predicted_channel"):
            if affine and not getattr(self, name):
                yield Problem(
                    f"/{name}", "required", gettext("This is needed for channel affinity.")
                )
            if not affine and getattr(self, name):
                yield Problem(
                    f"/{name}", "invalid", gettext("This belongs to channel affinity only.")
                )
        if not isinstance(self.filter, (Existence, *self._filters())):
            yield Problem("/filter/type", "invalid", gettext("This prediction is of another type."))

    def _filters(self) -> tuple[builtins.type, ...]:
        if self.dimension in dict(NUMERIC) or self.measurement == "priority":
            return NUMBERS
        return DATE7 if self.dimension in dict(DATES) else (TextFilter, TextIn)


def _word(value: str) -> str:
    return words.ValueLabel(gettext(_WORDS[value])) if value in _WORDS else value
