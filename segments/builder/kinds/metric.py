"""profile-metric in the builder: how often, or how much, as phrases that set several fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Floats
from profiles.columns.events import VALUE
from profiles.columns.population import Population
from segments.builder.kinds.base import BuilderKind, builder_kind
from segments.builder.offers import Offer, Phrase
from segments.builder.quartiles import Quartiles, Range
from segments.definition.conditions.metric import MEASUREMENTS

_NUMERIC = "numeric"
_MEASURED = ("measurement_property",)


def _count(operator: str, **values: float) -> dict[str, Any]:
    return {
        "measurement": "count",
        "measurement_filter": {"type": _NUMERIC, "operator": operator, **values},
    }


def _exact(words: str, operator: str, value: int) -> Phrase:
    fields = _count(operator, value=value)
    return Phrase(words, fields, fields, _MEASURED)


def _times(words: str, operator: str, **values: int) -> Phrase:
    return Phrase(words, _count(operator), _count(operator, **values), _MEASURED)


def _measure(words: str, measurement: str) -> Phrase:
    more = {"type": _NUMERIC, "operator": "greater-than-or-equal"}
    sets = {"measurement": measurement, "measurement_filter": more}
    return Phrase(words, {"measurement": measurement}, sets)


HAS_NOT = _exact(_("have not done"), "equals", 0)
HAS = Phrase(_("have done"), {}, _count("greater-than-or-equal", value=1), _MEASURED)
AT_LEAST_ONCE = _exact(_("at least once"), "greater-than-or-equal", 1)
TIMES = (
    AT_LEAST_ONCE,
    _times(_("at least"), "greater-than-or-equal", value=2),
    _times(_("exactly"), "equals", value=1),
    _times(_("at most"), "less-than-or-equal", value=2),
    _times(_("more than"), "greater-than", value=2),
    _times(_("fewer than"), "less-than", value=2),
    _times(_("not exactly"), "not-equals", value=1),
    _times(_("between"), "between", start=2, end=5),
    _measure(_("with a total"), "sum"),
    _measure(_("with an average"), "average"),
    _measure(_("with a smallest"), "minimum"),
    _measure(_("with a largest"), "maximum"),
    _measure(_("with a number of different"), "distinct"),
)
_AMOUNTS = {
    "greater-than-or-equal": _("of at least"),
    "greater-than": _("of more than"),
    "less-than-or-equal": _("of at most"),
    "less-than": _("of less than"),
    "equals": _("of exactly"),
    "not-equals": _("not of exactly"),
    "between": _("of between"),
}


@builder_kind("profile-metric")
class MetricKind(BuilderKind):
    start: ClassVar[Mapping[str, Any]] = {
        **AT_LEAST_ONCE.sets,
        "timeframe_filter": {"type": "date", "operator": "alltime"},
    }
    is_common: ClassVar[bool] = True
    rank: ClassVar[int] = 1

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        return Offer(
            words={"/measurement_filter": _AMOUNTS},
            phrases={"has": (HAS, HAS_NOT), "times": TIMES},
        )

    def typical_numbers(
        self, partial: Mapping[str, Any], pointer: str, quartiles: Quartiles
    ) -> Range | None:
        measurement, metric = str(partial.get("measurement")), partial.get("metric_id")
        if measurement == "count":
            return 2, 5
        if measurement not in dict(MEASUREMENTS) or not isinstance(metric, str):
            return None
        of = partial.get("measurement_property")

        def amounts(people: Population) -> Floats:
            events = people.events(metric)
            measured = getattr(events, measurement)(of if isinstance(of, str) and of else VALUE)
            return np.where(events.count() > 0, measured, np.nan)

        return quartiles.of(amounts)
