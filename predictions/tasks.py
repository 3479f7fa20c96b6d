"""Celery tasks of predictions."""

from __future__ import annotations

from predictions.storage.queries import accounts_due
from predictions.storage.refresh import refresh
from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import now


@app.task(name="predictions.refit")
def refit(account_id: int) -> None:
    """Fit an account's models now, backtest them, and predict."""
    refresh(Account.objects.get(pk=account_id), now(), clock=now, refit=True)


@app.task(name="predictions.predict")
def predict(account_id: int) -> None:
    """Predict for everyone, if that is due; models that are a week old are fitted first.

    The sweep may have sent several messages while all workers were busy.
    """
    if accounts_due(now(), only=account_id):
        refresh(Account.objects.get(pk=account_id), now(), clock=now)


@app.task(name="predictions.sweep")
def sweep() -> None:
    """Queue accounts that are due."""
    for account_id in accounts_due(now()):
        predict.delay(account_id)
