"""A run: fit the models to all orders, test them on the last 90 days, publish what passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import numpy as np

from predictions.models import Run, RunStatus
from predictions.numerics.backtest import HIDDEN_DAYS, backtest, challenger_wins, fit, judge
from predictions.numerics.estimators import likelihood
from predictions.numerics.summary import Orders, Summary
from predictions.storage.orders import OrderLogs
from predictions.storage.queries import published
from predictions.storage.serialization import (
    as_date,
    models_of,
    told_backtest,
    told_ending,
    told_parameters,
    told_verdicts,
)
from segmenter.accounts.models import Account

VERSION = "mbg-gg-1"
"""Of the models and of how orders are counted: a new one where results change."""


def run(
    account: Account,
    taken: OrderLogs,
    orders: Orders,
    summary: Summary,
    filters: Mapping[str, str],
    *,
    with_spend: bool,
    at: datetime,
    clock: Callable[[], datetime],
    beat: Callable[[], None],
) -> Run:
    """Fit to a summary and test on the logs it was made of; the run is kept, published or not.

    Whoever calls holds the account. A run that was broken off leaves a row, which goes here.
    """
    likelihood.load()
    Run.objects.filter(account=account, status=RunStatus.RUNNING).delete()
    last_good = models_of(published(account, dict(filters)))
    kept = Run.objects.create(
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
    began = clock()
    order_fit, spend_fit = fit(summary, last_good=last_good)
    beat()
    tested = backtest(
        taken.orders,
        taken.reversals,
        zone=account.zone,
        cutoff=summary.cutoff - HIDDEN_DAYS,
        last_good=last_good,
        with_challenger=True,
    )
    beat()
    verdicts = judge(tested)
    passed = all(one.passed for one in verdicts) and order_fit.ending.converged
    kept.status = RunStatus.PUBLISHED if passed else RunStatus.HELD_BACK
    spend = spend_fit.model if with_spend else None
    kept.parameters = told_parameters(order_fit.model, spend)
    if order_fit.covariance is not None and np.isfinite(order_fit.covariance).all():
        kept.covariance = order_fit.covariance.tolist()
    kept.endings = {"orders": told_ending(order_fit), "spend": told_ending(spend_fit)}
    kept.log_likelihood = order_fit.log_likelihood
    kept.backtest = told_backtest(tested)
    kept.verdicts = told_verdicts(verdicts)
    kept.challenger_won = challenger_wins(tested)
    kept.finished = clock()
    kept.seconds = (kept.finished - began).total_seconds()
    kept.save()
    return kept
