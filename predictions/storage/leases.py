"""A lease: one worker at a time refreshes an account's predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Q

from predictions.models import Upkeep
from segmenter.accounts.models import Account
from segmenter.kernel.leases import stale

LEASE = timedelta(minutes=15)
"""A lease without a heartbeat for this long may be taken over. The longest step between heartbeats,
a fit of a million customers, takes less than two minutes."""

Beat = Callable[[], None]


@contextmanager
def lease(account: Account, clock: Callable[[], datetime]) -> Iterator[Beat | None]:
    """Take an account's lease; yields the heartbeat function, None if another worker has it."""
    at = clock()
    Upkeep.objects.get_or_create(account=account)
    row = Upkeep.objects.filter(account=account)
    free = Q(heartbeat=None) | stale("heartbeat", at, LEASE)
    if not row.filter(free).update(heartbeat=at):
        yield None
        return

    def beat() -> None:
        row.update(heartbeat=clock())

    try:
        yield beat
    finally:
        row.update(heartbeat=None)
