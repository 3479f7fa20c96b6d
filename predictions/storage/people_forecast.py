"""What some of the customers are expected to spend in the next twelve months, and how sure that is.

The sum is that of their predicted CLV. Its range has three parts, as the forecast of the whole
account has (`predictions.numerics.forecast`): chance, which shrinks as people are more; and the
errors of the model and its parameters, which are common to all and taken from that forecast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import psycopg.sql as sql

from predictions.numerics.forecast import MODEL_ERROR, range_of, relative_variance
from predictions.storage.queries import Lack, PredictionState, state_of
from segmenter.accounts.models import Account

_CHANCE = sql.SQL(
    "coalesce(sum(d.predicted_clv ^ 2 / d.predicted_number_of_orders)"
    " FILTER (WHERE d.predicted_number_of_orders > 0), 0)"
)
"""Half the variance of the sum by chance: each customer's amount squared, times their orders."""


@dataclass(frozen=True)
class PeopleForecast:
    """`lack`: why nobody here has a prediction, where that is the account's reason."""

    people: int
    """In the sum."""
    expected: float | None
    low: float | None
    high: float | None
    day: str | None
    """The last day that the predictions know of."""
    without: int
    """Not in the sum: the three below."""
    never_ordered: int
    newer: int
    """They came, or were merged, after the predictions were last made."""
    unpredictable: int
    """They have ordered, and nothing can be said of what they will spend."""
    lack: str | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def forecast_of(
    account: Account,
    ids: sql.Composable,
    read: Callable[[sql.Composable], tuple[Any, ...]],
) -> PeopleForecast:
    """Forecast the people of a query that gives `profile_id`; `read` gives a query's one row."""
    query = sql.SQL(
        "SELECT count(*), count(d.predicted_clv), coalesce(sum(d.predicted_clv), 0), {chance},"
        " count(*) FILTER (WHERE d.profile_id IS NULL),"
        " count(*) FILTER (WHERE d.profile_id IS NOT NULL AND d.predicted_clv IS NULL"
        " AND coalesce(d.historic_number_of_orders, 0) = 0)"
        " FROM ({ids}) AS people LEFT JOIN predictions_prediction d"
        " ON d.profile_id = people.profile_id AND d.account_id = {account}"
    ).format(chance=_CHANCE, ids=ids, account=sql.Literal(account.pk))
    everyone, people, total, chance, newer, never = read(query)
    state = state_of(account)
    low = high = None
    if people:
        common = _common_variance(account, state, read)
        of_chance = 2.0 * chance / total**2 if total > 0 else 0.0
        low, high = range_of(total, of_chance + common)
    lack: Lack | None = state.lacks_spend
    day: date | None = state.day.day if state.day else None
    return PeopleForecast(
        people,
        float(total) if people else None,
        low,
        high,
        day.isoformat() if day else None,
        everyone - people,
        never,
        newer,
        everyone - people - never - newer,
        lack.value if lack is not None and not people else None,
    )


def _common_variance(
    account: Account,
    state: PredictionState,
    read: Callable[[sql.Composable], tuple[Any, ...]],
) -> float:
    """What is left of the account's relative variance once chance is taken off."""
    stored_forecast = state.day.forecast if state.day else None
    revenue = stored_forecast["revenue"] if stored_forecast else None
    if not revenue:
        return MODEL_ERROR**2
    total, chance = read(
        sql.SQL(
            "SELECT coalesce(sum(d.predicted_clv), 0), {} FROM predictions_prediction d"
            " WHERE d.account_id = {}"
        ).format(_CHANCE, sql.Literal(account.pk))
    )
    whole = relative_variance(revenue["total"], revenue["total_high"])
    of_chance = 2.0 * chance / total**2 if total > 0 else 0.0
    return max(whole - of_chance, MODEL_ERROR**2)
