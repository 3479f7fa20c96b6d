"""Hide the last days of a log, fit to what came before, predict, and compare. Pure.

Also owns the rules that follow from it: may a fit be published, has the challenger won. Orders are
counted as the models count them: several of a customer on one day are one.
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

HIDDEN_DAYS = 90
CHURN_DAYS = 90
LEAST_AUC = 0.6
MOST_FACTOR = 1.5
WINS_IN_A_ROW = 2


@dataclass(frozen=True)
class Hidden:
    """A log cut in two: the summary of what came before the cutoff, and what came after.

    float64[k] in the order of the summary: `order_days` and `revenue` (net of refunds) in the
    `days` after the cutoff; `next_order`: days from the cutoff to the next order day, NaN without
    one in these days. `newcomers`: how many customers first ordered in them (nobody predicts them).
    """

    days: int
    summary: Summary
    known: Orders
    order_days: Floats
    revenue: Floats
    next_order: Floats
    newcomers: int

    def ordered_within(self, days: int) -> Bools:
        """bool[k]: who ordered in the first so many of the hidden days."""
        return self.next_order <= days  # False for NaN


@dataclass(frozen=True)
class Scores:
    """All figures of one model in one backtest. What a model cannot say is None."""

    orders: AmountScores
    revenue: AmountScores | None
    churn: ProbabilityScores | None
    date: DateScores | None


@dataclass(frozen=True)
class Backtest:
    """One backtest. `scores` is None where no model could be fitted (see `order_fit.ending`)."""

    cutoff: int
    days: int
    customers: int
    newcomers: int
    order_fit: OrderFit
    spend_fit: SpendFit
    scores: Scores | None
    challenger: Scores | None


class Check(StrEnum):
    """What a run must pass to be published."""

    CONVERGED = "converged"
    BEATS_BASE_RATE = "beats_base_rate"
    AUC = "auc"
    TOTAL = "total"


@dataclass(frozen=True)
class Verdict:
    """May a run be published? Each check with what was measured and the limit; None: unknown."""

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
    days: int = HIDDEN_DAYS,
    last_good: tuple[OrderModel | None, SpendModel | None] = (None, None),
    with_challenger: bool = False,
) -> Backtest:
    """Fit to what was known at the end of the local day `cutoff`, and score the `days` after it."""
    hidden = hide(orders, reversals, zone=zone, cutoff=cutoff, days=days)
    order_fit, spend_fit = fit(hidden.summary, last_good=last_good)
    scores = None
    if order_fit.model is not None:
        scores = compare(hidden, predict(hidden, order_fit.model, spend_fit.model))
    rival = challenge(hidden) if with_challenger else None
    return Backtest(
        cutoff,
        days,
        len(hidden.summary),
        hidden.newcomers,
        order_fit,
        spend_fit,
        scores,
        rival,
    )


def hide(orders: Log, reversals: Log, *, zone: tzinfo, cutoff: int, days: int) -> Hidden:
    """Cut a log at the end of a local day. What was given back later is unknown before."""
    known = settle(orders, reversals, zone, until=end_of_day(cutoff, zone))
    whole = settle(orders, reversals, zone, until=end_of_day(cutoff + days, zone))
    summary = summarise(known, cutoff)
    outcomes, next_order, everyone = _outcomes(summary, whole, days)
    return Hidden(
        days,
        summary,
        known,
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


def predict(hidden: Hidden, orders: OrderModel, spend: SpendModel | None) -> Expectations:
    """Predict the hidden days."""
    within = (min(CHURN_DAYS, hidden.days),)
    return look_ahead(hidden.summary, orders, spend, days=hidden.days, within=within)


def compare(hidden: Hidden, outlook: Expectations) -> Scores:
    """Score an outlook on the hidden days. The date is the median given an order in these days."""
    churn_days = min(CHURN_DAYS, hidden.days)
    return _score(
        hidden,
        outlook.order_days,
        outlook.revenue,
        outlook.churn_probability(churn_days),
        outlook.next_order,
    )


def challenge(hidden: Hidden) -> Scores | None:
    """Score the challenger on the hidden days; None where it has too little to learn from.

    It learns from an earlier cutoff of the same log: as many days back as are hidden, or half of
    the history if that is shorter (its expectations are then scaled up).
    """
    summary = hidden.summary
    if not len(summary):
        return None
    churn_days = min(CHURN_DAYS, hidden.days)
    half = (summary.cutoff - int(summary.first_day.min())) // 2
    window = min(hidden.days, half)
    if window < 1:
        return None
    amounts = boosting.learn_amounts(*_past(hidden, window), summary)
    short = min(churn_days, half)
    chance = boosting.learn_order_probability(*_past(hidden, short), summary)
    if amounts is None or chance is None:
        return None
    scale = hidden.days / window
    # Of a window shorter than the one asked for, the customer stays away in each part alike.
    churn = (1.0 - chance) ** (churn_days / short)
    return _score(hidden, amounts.order_days * scale, amounts.revenue * scale, churn, None)


def judge(backtest: Backtest) -> tuple[Verdict, ...]:
    """Check a run against the publish rule; it may be published if all have passed."""
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
    """Say whether the challenger was better in one backtest: on orders and on churn."""
    ours, rival = backtest.scores, backtest.challenger
    if rival is None or rival.orders.mae is None or rival.churn is None:
        return False
    if ours is None or ours.orders.mae is None or ours.churn is None:
        return True
    return rival.orders.mae < ours.orders.mae and rival.churn.brier < ours.churn.brier


def naive_amounts(amount: Floats, summary: Summary, days: int) -> Floats:
    """Expect that everyone goes on as before: the amount so far at its pace over the age.

    A customer younger than `days` is taken to be that old, so that a first order a day ago does
    not become one a day.
    """
    return amount * days / np.maximum(summary.history.T, float(days))


def _score(
    hidden: Hidden,
    order_days: Floats,
    revenue: Floats | None,
    churn: Floats,
    next_order: Floats | None,
) -> Scores:
    summary = hidden.summary
    ordered = hidden.ordered_within(hidden.days)
    churn_days = min(CHURN_DAYS, hidden.days)
    naive = naive_amounts(summary.history.x, summary, hidden.days)
    naive_revenue = naive * summary.spend_per_order_day
    return Scores(
        score_amounts(order_days, hidden.order_days, naive),
        None if revenue is None else score_amounts(revenue, hidden.revenue, naive_revenue),
        score_probabilities(churn, ~hidden.ordered_within(churn_days), churn_days),
        None if next_order is None else score_dates(next_order, hidden.next_order, ordered),
    )


def _past(hidden: Hidden, days: int) -> tuple[Summary, Outcomes]:
    """What customers looked like so many days before the cutoff, and what they did since."""
    before = summarise(hidden.known, hidden.summary.cutoff - days)
    outcomes, _next, _everyone = _outcomes(before, hidden.known, days)
    return before, outcomes


def _outcomes(summary: Summary, orders: Orders, days: int) -> tuple[Outcomes, Floats, int]:
    """What a summary's customers did in the days after it, when they came, and how many there are.

    The last number counts everyone with an order by the end of these days, newcomers too.
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
    # Rows come by customer and time: written backwards, each customer's first one stays.
    next_order[customer[::-1]] = (day[::-1] - since).astype(np.float64)
    everyone = np.zeros(size, np.bool_)
    everyone[summary.customer] = True
    everyone[customer] = True
    who = summary.customer
    return Outcomes(order_days[who], revenue[who]), next_order[who], int(everyone.sum())
