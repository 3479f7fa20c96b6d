"""What some customers are expected to order in each of the next 12 months, and what they did order.

The months are those of the model of orders, in proportion so that they sum up to the customers'
predictions as they are stored (`predictions.storage.people_forecast`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import psycopg.sql as sql

from predictions.numerics.arrays import Bools, Floats, Ints
from predictions.numerics.forecast import Amounts, Forecast, forecast, year_edges
from predictions.numerics.outcomes import monthly_outcomes
from predictions.numerics.summary import Log, Orders, end_of_day, settle, summarise
from predictions.storage.orders import orders_of
from predictions.storage.queries import PredictionState
from predictions.storage.serialization import (
    as_date,
    day_number,
    fit_of,
    forecast_json,
    model_error_of,
    models_of,
)
from profiles.columns.gather import all_of, some
from profiles.columns.packed_rows import fetch
from profiles.columns.population import Population
from profiles.models import Metric
from segmenter.accounts.models import Account

MOST_SELECTED = 100_000
"""Of more people the columns of the whole account are read, which is faster."""
_REASONS = ("newer", "never_ordered", "unpredictable")


@dataclass(frozen=True)
class PeoplePredictions:
    """The people of a query who have a prediction, by id, and how many have none and why.

    `orders`, `revenue`: float64[n], of the next year; `revenue` is NaN where it is not predicted.
    """

    ids: Ints
    orders: Floats
    revenue: Floats
    without: dict[str, int]
    """`newer`: not there when the predictions were made; `never_ordered`; `unpredictable`."""


def predictions_of(account: Account, ids: sql.Composable) -> PeoplePredictions:
    """Read the predictions of the people of a query that gives `profile_id`; one snapshot."""
    query = sql.SQL(
        "SELECT people.profile_id, coalesce(d.predicted_number_of_orders, 'NaN'),"
        " coalesce(d.predicted_clv, 'NaN'), CASE"
        " WHEN d.profile_id IS NULL THEN 0 WHEN d.predicted_number_of_orders IS NOT NULL THEN -1"
        " WHEN coalesce(d.historic_number_of_orders, 0) = 0 THEN 1 ELSE 2 END"
        " FROM ({ids}) AS people LEFT JOIN predictions_prediction d"
        " ON d.profile_id = people.profile_id AND d.account_id = {account}"
    ).format(ids=ids, account=sql.Literal(account.pk))
    people, orders, revenue, reasons = fetch(query, ["int", "float", "float", "int"])
    counts = np.bincount(reasons[reasons >= 0], minlength=len(_REASONS))
    has_prediction = np.flatnonzero(reasons < 0)
    rows = has_prediction[np.argsort(people[has_prediction], kind="stable")]
    without = dict(zip(_REASONS, counts.tolist(), strict=True))
    return PeoplePredictions(people[rows], orders[rows], revenue[rows], without)


def forecast_months(
    state: PredictionState, people: PeoplePredictions, *, beat: Callable[[], None] = lambda: None
) -> dict[str, Any] | None:
    """Forecast the next 12 months of these people, as of the end of the predictions' last day.

    Returns `forecast_json` with the metrics of orders (`filters`), by which what came is counted
    later; None if nobody's orders can be spread over months. `state` must lack nothing.
    """
    assert state.day is not None
    assert state.run is not None
    cutoff = day_number(state.day.day)
    columns = _columns_of(state.account, people.ids)
    orders = _settled_orders(state.account, columns, people.ids, state.run.filters, until=cutoff)
    beat()
    summary = summarise(orders, cutoff)
    _orders, spend = models_of(state.run)
    result = forecast(
        summary,
        fit_of(state.run),
        spend if state.lacks_spend is None else None,
        edges=year_edges(cutoff),
        model_error=model_error_of(state.run),
        beat=beat,
    )
    if result is None or not result.orders.total > 0:
        return None
    whole = replace(
        result,
        orders=result.orders.scaled(float(people.orders.sum())),
        revenue=_scaled(result, people.revenue),
    )
    return {**forecast_json(whole, cutoff), "filters": state.run.filters}


def _scaled(result: Forecast, revenue: Floats) -> Amounts | None:
    total = float(np.nansum(revenue))
    return None if result.revenue is None else result.revenue.scaled(total)


# --- what came -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cohort:
    """Who was forecast, and the months after the cutoff (`edges` as those of a Forecast)."""

    ids: Ints
    """Ascending."""
    cutoff: int
    edges: Sequence[int]


def outcomes_of(
    account: Account, filters: Mapping[str, str], cohorts: Sequence[Cohort], *, until: date
) -> list[tuple[Floats, Floats]]:
    """Return orders and revenue by month of each cohort, from what is known until a day's end."""
    ids = np.unique(np.concatenate([cohort.ids for cohort in cohorts]))
    columns = _columns_of(account, ids)
    orders = _settled_orders(account, columns, ids, filters, until=day_number(until))
    return [
        monthly_outcomes(orders, _is_in(columns.ids, cohort.ids), cohort.cutoff, cohort.edges)
        for cohort in cohorts
    ]


def _columns_of(account: Account, ids: Ints) -> Population:
    """Columns of these people, or of everyone."""
    return some(account, ids.tolist()) if len(ids) <= MOST_SELECTED else all_of(account)


def _settled_orders(
    account: Account, columns: Population, ids: Ints, filters: Mapping[str, str], *, until: int
) -> Orders:
    """The orders of these people that count at the end of a local day; of metrics still there."""
    among = _is_in(columns.ids, ids)
    keys = set(Metric.objects.filter(account=account).values_list("key", flat=True))
    metrics = {name: key for name, key in filters.items() if key in keys}
    logs = orders_of(account, columns, metrics)
    orders, reversals = (_of(log, among) for log in (logs.orders, logs.reversals))
    return settle(orders, reversals, account.zone, until=end_of_day(until, account.zone))


def _of(log: Log, among: Bools) -> Log:
    return log if among.all() else log.take(among[log.customer])


def _is_in(ids: Ints, some_ids: Ints) -> Bools:
    """bool[n]: which of some ascending ids are among others."""
    return np.isin(ids, some_ids, assume_unique=True, kind="sort")


def months_of(expected: Mapping[str, Any], day: date) -> tuple[int, ...]:
    """Return the edges of a stored forecast's months, as days after its `day`."""
    begins = [date.fromisoformat(month) for month in expected["months"]]
    ends = [*begins[1:], as_date(day_number(date.fromisoformat(expected["until"])) + 1)]
    return (0, *((end - day).days - 1 for end in ends))
