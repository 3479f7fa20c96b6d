"""One worker at a time for an account's predictions; one that died is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Q

from predictions.models import Upkeep
from segmenter.accounts.models import Account
from segmenter.kernel.leases import silent

LEASE = timedelta(minutes=15)
"""A worker that has been silent for so long is taken for dead. A million customers' fit, the
longest stretch without a sign of life, takes less than two."""

Beat = Callable[[], None]


@contextmanager
def held(account: Account, clock: Callable[[], datetime]) -> Iterator[Beat | None]:
    """Hold an account's predictions while working; gives how to tell of oneself, None if taken."""
    at = clock()
    Upkeep.objects.get_or_create(account=account)
    mine = Upkeep.objects.filter(account=account)
    free = Q(heartbeat=None) | silent("heartbeat", at, LEASE)
    if not mine.filter(free).update(heartbeat=at):
        yield None
        return

    def beat() -> None:
        mine.update(heartbeat=clock())

    try:
        yield beat
    finally:
        mine.update(heartbeat=None)
