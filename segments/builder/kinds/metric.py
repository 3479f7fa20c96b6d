"""profile-metric in the builder: how often, or how much, as phrases that set several fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _

from segments.builder.kinds.base import BuilderKind, builder_kind
from segments.builder.offers import Offer, Phrase

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


HAS_NOT = _exact(_("has not done"), "equals", 0)
HAS = Phrase(_("has done"), {}, _count("greater-than-or-equal", value=1), _MEASURED)
AT_LEAST_ONCE = _exact(_("at least once"), "greater-than-or-equal", 1)
TIMES = (
    AT_LEAST_ONCE,
    _exact(_("zero times"), "equals", 0),
    _times(_("at least"), "greater-than-or-equal", value=2),
    _times(_("exactly"), "equals", value=1),
    _times(_("at most"), "less-than-or-equal", value=2),
    _times(_("more than"), "greater-than", value=2),
    _times(_("fewer than"), "less-than", value=2),
    _times(_("not exactly"), "not-equals", value=1),
    _times(_("between"), "between", start=2, end=5),
    _measure(_("with the sum of"), "sum"),
    _measure(_("with the average of"), "average"),
    _measure(_("with the smallest"), "minimum"),
    _measure(_("with the largest"), "maximum"),
    _measure(_("with the number of different"), "distinct"),
)


@builder_kind("profile-metric")
class MetricKind(BuilderKind):
    start: ClassVar[Mapping[str, Any]] = {
        **AT_LEAST_ONCE.sets,
        "timeframe_filter": {"type": "date", "operator": "alltime"},
    }
    is_common: ClassVar[bool] = True

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        return Offer(phrases={"has": (HAS, HAS_NOT), "times": TIMES})
