"""Backtests: hold out the last days of a log, fit to the days before, predict, and score. Pure.

Also owns the rules based on backtests: whether a fit may be published, and whether the challenger
is used. Orders are counted as in the models: several of a customer on one day are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

import numpy as np

from predictions.numerics.arrays import Bools, Floats
from predictions.numerics.estimators import boosting
from predictions.numerics.estimators.boosting import Outcomes
from predictions.numerics.estimators.ladder import OrderFit, SpendFit, fit_orders, fit_spend
from predictions.numerics.estimators.mbg import OrderModel
from predictions.numerics.estimators.spend import SpendModel
from predictions.numerics.expectations import Expectations, look_ahead
from predictions.numerics.scores import (
    AmountScores,
    DateScores,
    ProbabilityScores,
    score_amounts,
    score_dates,
    score_probabilities,
)
from predictions.numerics.summary import (
    Log,
    Orders,
    Summary,
    end_of_day,
    order_day_begins,
    settle,
    summarise,
    totals,
)

HOLDOUT_DAYS = 90
CHURN_DAYS = 90
LEAST_AUC = 0.6
MOST_FACTOR = 1.5
WINS_IN_A_ROW = 2


@dataclass(frozen=True)
class Holdout:
    """A log split in two: the summary of the days up to the cutoff, and the outcomes after it.

    float64[k] in the order of the summary: `order_days` and `revenue` (net of refunds) in the
    `days` after the cutoff; `next_order`: days from the cutoff to the next order day, NaN without
    one in these days. `newcomers`: how many customers first ordered in them (nobody predicts them).
    """

    days: int
    summary: Summary
    orders: Orders
    order_days: Floats
    revenue: Floats
    next_order: Floats
    newcomers: int

    def ordered_within(self, days: int) -> Bools:
        """bool[k]: who ordered in the first `days` of the holdout."""
        return self.next_order <= days  # False for NaN


@dataclass(frozen=True)
class Scores:
    """The scores of one model in one backtest; None for what the model does not predict."""

    orders: AmountScores
    revenue: AmountScores | None
    churn: ProbabilityScores | None
    date: DateScores | None


@dataclass(frozen=True)
class Backtest:
    """One backtest. `scores` is None if no model could be fitted (see `order_fit.ending`)."""

    cutoff: int
    days: int
    customers: int
    newcomers: int
    order_fit: OrderFit
    spend_fit: SpendFit
    scores: Scores | None
    challenger: Scores | None


class Check(StrEnum):
    """The checks that a run must pass to be published."""

    CONVERGED = "converged"
    BEATS_BASE_RATE = "beats_base_rate"
    AUC = "auc"
    TOTAL = "total"


@dataclass(frozen=True)
class Verdict:
    """The result of one check: the measured value (None if unknown) and the limit."""

    check: Check
    value: float | None
    limit: float
    passed: bool


def backtest(
    orders: Log,
    reversals: Log,
    *,
    zone: tzinfo,
    cutoff: int,
    days: int = HOLDOUT_DAYS,
    last_good: tuple[OrderModel | None, SpendModel | None] = (None, None),
    with_challenger: bool = False,
) -> Backtest:
    """Fit to the data at the end of the local day `cutoff`, and score the `days` after it."""
    holdout = hold_out(orders, reversals, zone=zone, cutoff=cutoff, days=days)
    order_fit, spend_fit = fit(holdout.summary, last_good=last_good)
    scores = None
    if order_fit.model is not None:
        scores = compare(holdout, predict(holdout, order_fit.model, spend_fit.model))
    challenger_scores = challenge(holdout) if with_challenger else None
    return Backtest(
        cutoff,
        days,
        len(holdout.summary),
        holdout.newcomers,
        order_fit,
        spend_fit,
        scores,
        challenger_scores,
    )


def hold_out(orders: Log, reversals: Log, *, zone: tzinfo, cutoff: int, days: int) -> Holdout:
    """Split a log at the end of a local day. Later refunds are unknown in the part before."""
    before = settle(orders, reversals, zone, until=end_of_day(cutoff, zone))
    all_orders = settle(orders, reversals, zone, until=end_of_day(cutoff + days, zone))
    summary = summarise(before, cutoff)
    outcomes, next_order, everyone = _outcomes(summary, all_orders, days)
    return Holdout(
        days,
        summary,
        before,
        outcomes.order_days,
        outcomes.revenue,
        next_order,
        everyone - len(summary),
    )


def fit(
    summary: Summary,
    *,
    last_good: tuple[OrderModel | None, SpendModel | None] = (None, None),
) -> tuple[OrderFit, SpendFit]:
    """Fit both models to a summary."""
    return (
        fit_orders(summary.history, last_good=last_good[0]),
        fit_spend(summary.order_days, summary.spend_per_order_day, last_good=last_good[1]),
    )


def predict(holdout: Holdout, orders: OrderModel, spend: SpendModel | None) -> Expectations:
    """Predict the days of the holdout."""
    within = (min(CHURN_DAYS, holdout.days),)
    return look_ahead(holdout.summary, orders, spend, days=holdout.days, within=within)


def compare(holdout: Holdout, expectations: Expectations) -> Scores:
    """Score expectations on the holdout. The date is the median given an order in these days."""
    churn_days = min(CHURN_DAYS, holdout.days)
    return _score(
        holdout,
        expectations.order_days,
        expectations.revenue,
        expectations.churn_probability(churn_days),
        expectations.next_order,
    )


def challenge(holdout: Holdout) -> Scores | None:
    """Score the challenger on the holdout; None if there is too little training data.

    It is trained at an earlier cutoff of the same log: as many days back as the holdout has, or
    half of the history if that is shorter (its expectations are then scaled up).
    """
    summary = holdout.summary
    if not len(summary):
        return None
    churn_days = min(CHURN_DAYS, holdout.days)
    half = (summary.cutoff - int(summary.first_day.min())) // 2
    window = min(holdout.days, half)
    if window < 1:
        return None
    amounts = boosting.learn_amounts(*_training_data(holdout, window), summary)
    short = min(churn_days, half)
    chance = boosting.learn_order_probability(*_training_data(holdout, short), summary)
    if amounts is None or chance is None:
        return None
    scale = holdout.days / window
    # From a shorter window, assuming the same probability of no order in each part.
    churn = (1.0 - chance) ** (churn_days / short)
    return _score(holdout, amounts.order_days * scale, amounts.revenue * scale, churn, None)


def judge(backtest: Backtest) -> tuple[Verdict, ...]:
    """Apply the checks to a run; it may be published if it passes all."""
    scores = backtest.scores
    converged = backtest.order_fit.ending.converged
    churn = scores.churn if scores else None
    auc = churn.auc if churn else None
    total = scores.orders if scores else None
    factor = None
    if total is not None and total.predicted > 0 and total.actual > 0:
        factor = max(total.predicted / total.actual, total.actual / total.predicted)
    return (
        Verdict(Check.CONVERGED, float(converged), 1.0, converged),
        Verdict(
            Check.BEATS_BASE_RATE,
            churn.brier if churn else None,
            churn.brier_base if churn else 0.0,
            churn is not None and churn.brier < churn.brier_base,
        ),
        Verdict(Check.AUC, auc, LEAST_AUC, auc is not None and auc > LEAST_AUC),
        Verdict(Check.TOTAL, factor, MOST_FACTOR, factor is not None and factor <= MOST_FACTOR),
    )


def challenger_wins(backtest: Backtest) -> bool:
    """Whether the challenger was better in one backtest, on both orders and churn."""
    ours, challenger = backtest.scores, backtest.challenger
    if challenger is None or challenger.orders.mae is None or challenger.churn is None:
        return False
    if ours is None or ours.orders.mae is None or ours.churn is None:
        return True
    return challenger.orders.mae < ours.orders.mae and challenger.churn.brier < ours.churn.brier


def naive_amounts(amount: Floats, summary: Summary, days: int) -> Floats:
    """The naive prediction: everyone continues at their average rate so far.

    A customer younger than `days` counts as that old, so that a first order a day ago does not
    become one a day.
    """
    return amount * days / np.maximum(summary.history.T, float(days))


def _score(
    holdout: Holdout,
    order_days: Floats,
    revenue: Floats | None,
    churn: Floats,
    next_order: Floats | None,
) -> Scores:
    summary = holdout.summary
    has_order = holdout.ordered_within(holdout.days)
    churn_days = min(CHURN_DAYS, holdout.days)
    naive = naive_amounts(summary.history.x, summary, holdout.days)
    naive_revenue = naive * summary.spend_per_order_day
    return Scores(
        score_amounts(order_days, holdout.order_days, naive),
        None if revenue is None else score_amounts(revenue, holdout.revenue, naive_revenue),
        score_probabilities(churn, ~holdout.ordered_within(churn_days), churn_days),
        None if next_order is None else score_dates(next_order, holdout.next_order, has_order),
    )


def _training_data(holdout: Holdout, days: int) -> tuple[Summary, Outcomes]:
    """Training data of the challenger: a summary `days` before the cutoff, and the outcomes."""
    before = summarise(holdout.orders, holdout.summary.cutoff - days)
    outcomes, _next, _everyone = _outcomes(before, holdout.orders, days)
    return before, outcomes


def _outcomes(summary: Summary, orders: Orders, days: int) -> tuple[Outcomes, Floats, int]:
    """The outcomes of a summary's customers in the days after it, their next orders, and a count.

    The count is of everyone with an order by the end of these days, including newcomers.
    """
    since, until = summary.cutoff, summary.cutoff + days
    size = int(orders.customer.max(initial=-1)) + 1
    size = max(size, int(summary.customer.max(initial=-1)) + 1)
    within = (orders.day > since) & (orders.day <= until)
    customer, day = orders.customer[within], orders.day[within]
    fresh = order_day_begins(customer, day)
    order_days = totals(customer[fresh], np.ones(int(fresh.sum())), size)
    refunded = (orders.refund_day > since) & (orders.refund_day <= until)
    refunded &= orders.refund_customer < size
    revenue = totals(customer, orders.value[within], size)
    revenue -= totals(orders.refund_customer[refunded], orders.refund_value[refunded], size)
    next_order = np.full(size, np.nan)
    # Rows are ordered by customer and time: assigned in reverse, each customer's first one stays.
    next_order[customer[::-1]] = (day[::-1] - since).astype(np.float64)
    everyone = np.zeros(size, np.bool_)
    everyone[summary.customer] = True
    everyone[customer] = True
    customers = summary.customer
    return (
        Outcomes(order_days[customers], revenue[customers]),
        next_order[customers],
        int(everyone.sum()),
    )
