"""profile-predictive-analytics in the builder: filters of each prediction, shares in percent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import Any, ClassVar

from django.utils.translation import gettext

from predictions.numerics.bands import Risk
from predictions.pages.wording import risk_name
from predictions.storage.orders import choices_of
from predictions.storage.table import FIELDS
from segmenter.kernel.errors import Problem
from segments.builder.controls.plain import percent_text
from segments.builder.kinds.base import BuilderKind, builder_kind
from segments.builder.offers import Offer, operators_of
from segments.builder.quartiles import Quartiles, Range
from segments.builder.suggestions import Suggestion, put, sources
from segments.definition.conditions import predictive
from segments.definition.operators import (
    DATE7,
    NUMBERS,
    Existence,
    NumberTest,
    TextFilter,
    TextIn,
)
from segments.definition.tree import Condition
from segments.engine.vocabulary import Catalog

_RISK = "risk"
_SOON = {"type": "date", "operator": "in-the-next", "quantity": 14, "unit": "day"}


@builder_kind("profile-predictive-analytics")
class PredictiveKind(BuilderKind):
    rank: ClassVar[int] = 3

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        dimension = str(partial.get("dimension"))
        is_affinity = dimension == predictive.AFFINITY[0]
        if dimension in dict(predictive.NUMERIC) or partial.get("measurement") == "priority":
            fitting = operators_of(NUMBERS)
        elif dimension in dict(predictive.DATES):
            fitting = operators_of(DATE7)
        else:
            fitting = operators_of([TextFilter, TextIn])
        is_share = dimension in predictive.SHARES
        return Offer(
            operators={"/filter": fitting | operators_of([Existence])},
            percents=frozenset({"/filter"} if is_share else ()),
            bands={"/filter": _RISK} if dimension == predictive.CHURN else {},
            without=frozenset(() if is_affinity else {"/measurement", "/predicted_channel"}),
            predicted=frozenset({"/dimension"}),
            ahead=frozenset({"/filter"}),
            fills={"/filter": _SOON} if dimension in dict(predictive.DATES) else {},
        )

    def typical_numbers(
        self, partial: Mapping[str, Any], pointer: str, quartiles: Quartiles
    ) -> Range | None:
        dimension = str(partial.get("dimension"))
        if dimension == predictive.CHURN:
            return choices_of(quartiles.account).high_from, 1
        if dimension in predictive.SHARES:
            return 0.5, 1
        if dimension == predictive.AFFINITY[0]:
            return 1, 2
        return quartiles.of(lambda people: people.prediction(dimension).number_per_row())

    def problems(self, condition: Condition) -> Iterator[Problem]:
        """Probabilities below 0 or above 100 %."""
        assert isinstance(condition, predictive.ProfilePredictiveAnalytics)
        test = condition.filter
        if condition.dimension in predictive.SHARES and isinstance(test, NumberTest):
            for name in ("value", "start", "end"):
                if not 0 <= getattr(test, name, 0) <= 1:
                    message = gettext("This lies between 0 % and 100 %.")
                    yield Problem(f"/filter/{name}", "out_of_range", message)


# --- bands of churn risk -------------------------------------------------------------------------

_AT_LEAST = "greater-than-or-equal"
CHURN_DIGITS = FIELDS["churn_probability"].digits
"""Decimals that a churn risk is kept with: the last one below a limit can be named."""


@sources.register(_RISK)
def _risks(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterable[Suggestion]:
    """The account's bands of churn risk, while nothing is typed; each is a whole filter."""
    if words:
        return
    medium, high = catalog.risk_limits
    step = 10.0**-CHURN_DIGITS
    below_high = round((ceil(high / step - 1e-6) - 1) * step, CHURN_DIGITS)
    limits = {
        "medium": percent_text(medium),
        "below": percent_text(below_high),
        "high": percent_text(high),
    }
    bands: list[tuple[Risk, str, dict[str, Any]]] = [
        (Risk.HIGH, gettext("from %(high)s %%"), {"operator": _AT_LEAST, "value": high}),
        (
            Risk.MEDIUM,
            gettext("from %(medium)s %% to %(below)s %%"),
            {"operator": "between", "start": medium, "end": below_high},
        ),
        (Risk.LOW, gettext("under %(medium)s %%"), {"operator": "less-than", "value": medium}),
    ]
    for risk, note, test in bands:
        filter_ = {"type": "numeric", **test}
        yield Suggestion(risk_name(risk), put(about, filter_), note % limits)
