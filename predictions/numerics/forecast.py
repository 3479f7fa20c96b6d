"""Forecasts orders and revenue of present customers for the coming months, with ranges.

New customers are not included. Pure; months are days after the cutoff.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from predictions.numerics.arrays import Floats
from predictions.numerics.estimators.grouping import group_equal
from predictions.numerics.estimators.ladder import OrderFit
from predictions.numerics.estimators.mbg import History, OrderModel
from predictions.numerics.estimators.spend import SpendModel
from predictions.numerics.expectations import YEAR
from predictions.numerics.summary import Summary, totals

MONTHS = 12
QUANTILE = 1.2815515594
"""Standard deviations of the normal distribution within which 80 % lie."""
MODEL_ERROR = 0.15
"""Relative standard error of totals that the statistics of a fit do not contain: a shop's seasons
and campaigns. With it, ranges of totals of 500 customers are about 30 % on either side."""
_STEP = 1e-3


@dataclass(frozen=True)
class Amounts:
    """An amount for each month and in total: expected, and the range of 80 % probability."""

    expected: Floats
    low: Floats
    high: Floats
    total: float
    total_low: float
    total_high: float

    def scaled(self, total: float) -> Amounts:
        """The same amounts in proportion, so that they sum up to another total."""
        factor = total / self.total if self.total > 0 else 0.0
        return Amounts(
            self.expected * factor,
            self.low * factor,
            self.high * factor,
            self.total * factor,
            self.total_low * factor,
            self.total_high * factor,
        )


@dataclass(frozen=True)
class Forecast:
    """`edges`: int64[months + 1], days after the cutoff; a month is (edges[i], edges[i + 1]]."""

    edges: tuple[int, ...]
    orders: Amounts
    revenue: Amounts | None


def month_edges(cutoff: int, months: int = MONTHS) -> tuple[int, ...]:
    """Return the ends of the next months, as days after the cutoff (a local day's number).

    The first month is the rest of the one that contains the day after the cutoff.
    """
    begin = date(1970, 1, 1) + timedelta(days=cutoff + 1)
    edges = [0]
    for i in range(1, months + 1):
        years, month = divmod(begin.month - 1 + i, 12)
        edges.append((date(begin.year + years, month + 1, 1) - begin).days)
    return tuple(edges)


def year_edges(cutoff: int) -> tuple[int, ...]:
    """Return the ends of 12 months that begin the day after the cutoff, as days after the cutoff.

    They end at YEAR, as predictions do. So in a leap year the last month is a day shorter, and a
    year that begins on the first of a month is made of calendar months.
    """
    begin = date(1970, 1, 1) + timedelta(days=cutoff + 1)
    edges = [0]
    for i in range(1, MONTHS):
        years, month = divmod(begin.month - 1 + i, 12)
        days = monthrange(begin.year + years, month + 1)[1]
        edges.append((date(begin.year + years, month + 1, min(begin.day, days)) - begin).days)
    return (*edges, YEAR)


def forecast(
    summary: Summary,
    orders: OrderFit,
    spend: SpendModel | None,
    *,
    edges: tuple[int, ...],
    model_error: float = MODEL_ERROR,
    beat: Callable[[], None] = lambda: None,
) -> Forecast | None:
    """Forecast each month's orders and revenue of a summary's customers; None without a model.

    `model_error`: relative standard error in addition to that of parameters and chance; pass the
    absolute logarithm of predicted / actual in the last backtest if that is larger. `beat` is
    called between steps: with a million customers one takes seconds.
    """
    if orders.model is None:
        return None
    amounts = [np.full(len(summary), summary.orders_per_order_day)]
    if spend is not None:
        amounts.append(spend.expected_spend(summary.order_days, summary.spend_per_order_day))
    view = _View(summary, orders.model, edges, beat)
    of_orders, *of_revenue = view.ranges(amounts, orders.covariance, model_error)
    return Forecast(edges, of_orders, of_revenue[0] if of_revenue else None)


class _View:
    """Order days by month for groups of equal customers, under varied parameters."""

    def __init__(
        self,
        summary: Summary,
        model: OrderModel,
        edges: tuple[int, ...],
        beat: Callable[[], None],
    ) -> None:
        history = summary.history
        alike = group_equal(history.x, history.tx, history.T)
        self._groups = History(*alike.columns)
        self._member = alike.member
        self._edges = edges
        self._beat = beat
        self.model = model

    def ranges(
        self, amounts: Sequence[Floats], covariance: Floats | None, model_error: float
    ) -> list[Amounts]:
        """The expectations of amounts (float64[k] each) times order days, with uncertainty."""
        size = len(self._groups)
        weights = np.array([totals(self._member, amount, size) for amount in amounts])
        squares = np.array([totals(self._member, amount**2, size) for amount in amounts])
        by_group = self._order_days(self.model)
        expected = weights @ by_group
        # Chance: order days of a customer vary at least as a Poisson variable, and amounts have a
        # standard deviation of their own, which for a shop is about as large as their mean.
        chance = 2.0 * (squares @ by_group)
        del by_group
        months = expected.shape[1]
        parameters = np.zeros((len(amounts), months, months))
        if covariance is not None:
            slopes = self._slopes(weights)
            parameters = np.swapaxes(slopes, 1, 2) @ covariance @ slopes
        return [
            _amounts(*rows, model_error) for rows in zip(expected, chance, parameters, strict=True)
        ]

    def _slopes(self, weights: Floats) -> Floats:
        """float64[k, 4, months]: derivatives of expected amounts by the parameters' logarithms."""
        logs = np.log([self.model.r, self.model.alpha, self.model.a, self.model.b])
        slopes = []
        for i in range(4):
            step = np.zeros(4)
            step[i] = _STEP
            ahead, behind = (
                weights @ self._order_days(OrderModel(*(float(v) for v in np.exp(logs + s))))
                for s in (step, -step)
            )
            slopes.append((ahead - behind) / (2 * _STEP))
        return np.stack(slopes, axis=1)

    def _order_days(self, model: OrderModel) -> Floats:
        """float64[groups, months]."""
        upto = []
        for edge in self._edges:
            self._beat()
            upto.append(
                model.expected_order_days(self._groups, edge)
                if edge
                else np.zeros(len(self._groups))
            )
        return np.maximum(np.diff(np.column_stack(upto), axis=1), 0.0)


def _amounts(expected: Floats, chance: Floats, parameters: Floats, model_error: float) -> Amounts:
    variance = chance + np.maximum(np.diag(parameters), 0.0)
    total = float(expected.sum())
    of_total = float(chance.sum() + max(parameters.sum(), 0.0))
    low, high = _range(expected, variance, model_error)
    total_low, total_high = _range(np.array([total]), np.array([of_total]), model_error)
    return Amounts(expected, low, high, total, float(total_low[0]), float(total_high[0]))


def _range(expected: Floats, variance: Floats, model_error: float) -> tuple[Floats, Floats]:
    """A range computed on the logarithmic scale, so that it stays above 0."""
    relative = variance / np.maximum(expected, 1e-12) ** 2 + model_error**2
    width = np.exp(QUANTILE * np.sqrt(np.log1p(relative)))
    return expected / width, expected * width


def relative_variance(total: float, high: float) -> float:
    """The variance, as a share of the square of a total, of which `high` is the range's end."""
    if not 0 < total < high:
        return MODEL_ERROR**2
    return float(np.expm1((np.log(high / total) / QUANTILE) ** 2))


def range_of(total: float, variance: float) -> tuple[float, float]:
    """The range that holds a total 4 times in 5, given its relative variance."""
    low, high = _range(np.array([total]), np.zeros(1), float(np.sqrt(variance)))
    return float(low[0]), float(high[0])
