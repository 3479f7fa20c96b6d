"""A run: fits the models to all orders, backtests them on the last 90 days, publishes or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import numpy as np

from predictions.models import Run, RunStatus
from predictions.numerics.backtest import HOLDOUT_DAYS, backtest, challenger_wins, fit, judge
from predictions.numerics.estimators import likelihood
from predictions.numerics.summary import Orders, Summary
from predictions.storage.orders import OrderLogs
from predictions.storage.queries import run_in_use
from predictions.storage.serialization import (
    as_date,
    backtest_json,
    ending_json,
    models_of,
    parameters_json,
    verdicts_json,
)
from segmenter.accounts.models import Account

VERSION = "mbg-gg-1"
"""Version of the models and of the counting of orders; changes whenever results do."""


def run(
    account: Account,
    logs: OrderLogs,
    orders: Orders,
    summary: Summary,
    filters: Mapping[str, str],
    *,
    with_spend: bool,
    at: datetime,
    clock: Callable[[], datetime],
    beat: Callable[[], None],
) -> Run:
    """Fit to a summary and backtest on its logs; the run is stored, published or not.

    The caller has the account's lease. Rows of interrupted runs are deleted here.
    """
    likelihood.load()
    Run.objects.filter(account=account, status=RunStatus.RUNNING).delete()
    last_good = models_of(run_in_use(account, dict(filters)))
    row = Run.objects.create(
        account=account,
        started=at,
        cutoff=as_date(summary.cutoff),
        version=VERSION,
        filters=dict(filters),
        customers=len(summary),
        repeat_customers=int(np.count_nonzero(summary.order_days > 1)),
        orders=int(summary.orders.sum()),
        left_out={"cancelled": orders.cancelled, "worthless": orders.worthless},
        first_order=as_date(int(summary.first_day.min())) if len(summary) else None,
        last_order=as_date(int(summary.last_day.max())) if len(summary) else None,
    )
    start = clock()
    order_fit, spend_fit = fit(summary, last_good=last_good)
    beat()
    backtest_result = backtest(
        logs.orders,
        logs.reversals,
        zone=account.zone,
        cutoff=summary.cutoff - HOLDOUT_DAYS,
        last_good=last_good,
        with_challenger=True,
    )
    beat()
    verdicts = judge(backtest_result)
    is_good = all(verdict.passed for verdict in verdicts) and order_fit.ending.converged
    row.status = RunStatus.PUBLISHED if is_good else RunStatus.HELD_BACK
    spend = spend_fit.model if with_spend else None
    row.parameters = parameters_json(order_fit.model, spend)
    if order_fit.covariance is not None and np.isfinite(order_fit.covariance).all():
        row.covariance = order_fit.covariance.tolist()
    row.endings = {"orders": ending_json(order_fit), "spend": ending_json(spend_fit)}
    row.log_likelihood = order_fit.log_likelihood
    row.backtest = backtest_json(backtest_result)
    row.verdicts = verdicts_json(verdicts)
    row.challenger_won = challenger_wins(backtest_result)
    row.finished = clock()
    row.seconds = (row.finished - start).total_seconds()
    row.save()
    return row
