"""The daily task: unused segments, and the end of deletions that nobody undid."""

from __future__ import annotations

from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import now
from segments.engine.deletion import purge_deleted
from segments.inactivity.retire import tend_segments


@app.task(name="segments.tend")
def tend(account_id: int) -> None:
    """Warn of an account's unused segments, and deactivate them."""
    tend_segments(Account.objects.get(pk=account_id), now())


@app.task(name="segments.tend_all")
def tend_all() -> None:
    """Queue all accounts; delete for good what was deleted long ago."""
    for account_id in Account.objects.order_by("pk").values_list("pk", flat=True):
        tend.delay(account_id)
    purge_deleted(now())
