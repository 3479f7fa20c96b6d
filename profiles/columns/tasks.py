"""The periodic task that maintains the mirrors of this machine."""

from __future__ import annotations

from profiles.columns.mirror import upkeep
from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import now


@app.task(name="profiles.sweep_mirrors")
def sweep_mirrors() -> None:
    """Make and renew the mirrors of large accounts."""
    for account_id in upkeep.large_accounts():
        upkeep.maintain(Account.objects.get(pk=account_id), now())
