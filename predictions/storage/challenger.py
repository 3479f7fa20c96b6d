"""What the challenger expects, in place of the models' own amounts and probabilities.

Only for an account where it won two backtests running. It learns from the year before the cutoff,
or from half of the history where that is shorter. When the next order comes, it cannot say.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

import numpy as np

from predictions.models import Run, RunStatus
from predictions.numerics.backtest import WINS_IN_A_ROW, Hidden, hide
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
    won = list(last[:WINS_IN_A_ROW])
    return len(won) == WINS_IN_A_ROW and all(won)


def overruled(
    outlook: Expectations, taken: OrderLogs, summary: Summary, zone: tzinfo
) -> Expectations:
    """The outlook with the challenger's expectations; as it was where that has too little."""
    if not len(summary):
        return outlook
    half = (summary.cutoff - int(summary.first_day.min())) // 2
    window = min(outlook.days, half)
    if window < 1:
        return outlook
    past = _hidden(taken, summary, zone, window)
    found = boosting.learn_amounts(past.summary, _outcomes(past), summary)
    if found is None:
        return outlook
    chances = {}
    for days in outlook.order_within:
        short = min(days, half)
        before = _hidden(taken, summary, zone, short)
        chance = boosting.learn_order_probability(before.summary, _outcomes(before), summary)
        if chance is None:
            return outlook
        chances[days] = 1.0 - (1.0 - chance) ** (days / short)
    # A longer time never makes an order less likely.
    rising = np.maximum.accumulate(np.array([chances[days] for days in sorted(chances)]), axis=0)
    order_days = found.order_days * (outlook.days / window)
    return replace(
        outlook,
        order_days=order_days,
        orders=order_days * summary.orders_per_order_day,
        revenue=None if outlook.revenue is None else found.revenue * (outlook.days / window),
        order_within=dict(zip(sorted(chances), rising, strict=True)),
    )


def _hidden(taken: OrderLogs, summary: Summary, zone: tzinfo, days: int) -> Hidden:
    cutoff = summary.cutoff - days
    return hide(taken.orders, taken.reversals, zone=zone, cutoff=cutoff, days=days)


def _outcomes(hidden: Hidden) -> Outcomes:
    return Outcomes(hidden.order_days, hidden.revenue)
