"""The periodic task that keeps the mirrors of this machine."""

from __future__ import annotations

from profiles.columns.mirror import upkeep
from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import now


@app.task(name="profiles.sweep_mirrors")
def sweep_mirrors() -> None:
    """Make the mirrors that this machine wants."""
    for account_id in upkeep.accounts_large():
        upkeep.keep(Account.objects.get(pk=account_id), now())
