"""Predictions of the challenger instead of the models' amounts and probabilities.

Only for accounts where it won two backtests in a row. It is trained on the year before the cutoff,
or on half of the history if that is shorter. It does not predict the date of the next order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

import numpy as np

from predictions.models import Run, RunStatus
from predictions.numerics.backtest import WINS_IN_A_ROW, Holdout, hold_out
from predictions.numerics.estimators import boosting
from predictions.numerics.estimators.boosting import Outcomes
from predictions.numerics.expectations import Expectations
from predictions.numerics.summary import Summary
from predictions.storage.orders import OrderLogs
from segmenter.accounts.models import Account


def is_preferred(account: Account) -> bool:
    """Whether the challenger won the last backtests."""
    runs = Run.objects.filter(account=account).exclude(status=RunStatus.RUNNING)
    last = runs.order_by("-started", "-pk").values_list("challenger_won", flat=True)
    wins = list(last[:WINS_IN_A_ROW])
    return len(wins) == WINS_IN_A_ROW and all(wins)


def override(
    expectations: Expectations, logs: OrderLogs, summary: Summary, zone: tzinfo
) -> Expectations:
    """The expectations with the challenger's values; unchanged if it has too little data."""
    if not len(summary):
        return expectations
    half = (summary.cutoff - int(summary.first_day.min())) // 2
    window = min(expectations.days, half)
    if window < 1:
        return expectations
    past = _hold_out(logs, summary, zone, window)
    amounts = boosting.learn_amounts(past.summary, _outcomes(past), summary)
    if amounts is None:
        return expectations
    chances = {}
    for days in expectations.order_within:
        short = min(days, half)
        before = _hold_out(logs, summary, zone, short)
        chance = boosting.learn_order_probability(before.summary, _outcomes(before), summary)
        if chance is None:
            return expectations
        chances[days] = 1.0 - (1.0 - chance) ** (days / short)
    # The probability of an order must not fall with a longer time.
    rising = np.maximum.accumulate(np.array([chances[days] for days in sorted(chances)]), axis=0)
    order_days = amounts.order_days * (expectations.days / window)
    return replace(
        expectations,
        order_days=order_days,
        orders=order_days * summary.orders_per_order_day,
        revenue=None
        if expectations.revenue is None
        else amounts.revenue * (expectations.days / window),
        order_within=dict(zip(sorted(chances), rising, strict=True)),
    )


def _hold_out(logs: OrderLogs, summary: Summary, zone: tzinfo, days: int) -> Holdout:
    cutoff = summary.cutoff - days
    return hold_out(logs.orders, logs.reversals, zone=zone, cutoff=cutoff, days=days)


def _outcomes(holdout: Holdout) -> Outcomes:
    return Outcomes(holdout.order_days, holdout.revenue)
