"""Correcting an account after the clock went back: times that were stored ahead of the present.

A clock that is fast looks like a machine that was off for as long, so the account's clock and
membership follow it. The error shows when the clock goes back: then stored times lie in the future.
Events with a time in the future are not affected: whoever stored them intended it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Least

from profiles import changes
from profiles.ingest.activity import rewind_activity
from profiles.models import Cause
from segmenter.accounts.models import Account
from segmenter.kernel.hook import Hook
from segments.engine.build_queue import rebuild
from segments.engine.dependencies import plan_of
from segments.engine.edges import clock_of, on_the_minute
from segments.engine.evaluate import CLOCK_TOLERANCE
from segments.engine.membership import lock_account
from segments.models import AccountClock, Segment

WARNING_PERIOD = timedelta(days=1)
"""How long the status page warns that the clock went back."""

log = logging.getLogger(__name__)

clock_rewind = Hook[[int, datetime]]()
"""Called in the transaction with the account's id and the present (by webhooks)."""


class ClockWentBack(Exception):
    """A stored time, or the time of the current work, lies in the future."""


_LATEST = """SELECT greatest(
    (SELECT until FROM segments_accountclock WHERE account_id = %(account)s),
    (SELECT max(as_of) FROM segments_segment WHERE account_id = %(account)s))"""

_LATEST_CHANGE = """SELECT max(at) FROM profiles_profilechange
    WHERE account_id = %(account)s AND handled IS NULL"""

_LEDGER = """WITH later AS (
    UPDATE segments_membershipchange
    SET at = least(at, %(at)s), true_since = least(true_since, %(at)s)
    WHERE segment_id = ANY(%(segments)s) AND at > %(at)s
)
UPDATE segments_membership SET entered = %(at)s
WHERE segment_id = ANY(%(segments)s) AND entered > %(at)s"""


def is_ahead(account_id: int, at: datetime) -> bool:
    """Whether an account's clock, or a segment's last build, is ahead of `at`."""
    latest = _latest(account_id, _LATEST)
    return latest is not None and latest > at + CLOCK_TOLERANCE


def _latest(account_id: int, query: str) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(query, {"account": account_id})
        latest: datetime | None = cursor.fetchone()[0]
        return latest


def rewind(account: Account, clock: Callable[[], datetime]) -> bool:
    """Move stored times back to the present, and build all live segments again.

    Returns whether any were ahead. `clock` is read under the account's lock.
    """
    with transaction.atomic():
        lock_account(account.pk)
        at = clock()
        times = (_latest(account.pk, query) for query in (_LATEST, _LATEST_CHANGE))
        ahead = max((time - at for time in times if time is not None), default=timedelta())
        if ahead <= CLOCK_TOLERANCE:
            return False
        _put_back(account, at, ahead)
    log.error(
        "the clock went back by %s: account %s is put right as of %s", ahead, account.slug, at
    )
    return True


def _put_back(account: Account, at: datetime, ahead: timedelta) -> None:
    time = AccountClock.objects.select_for_update().get(pk=clock_of(account, at).pk)
    rewind_activity(account.pk, at)
    changes.rewind(account.pk, at)
    mine = Segment.with_deleted.filter(account=account)
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, {"segments": list(mine.values_list("pk", flat=True)), "at": at})
    mine.filter(as_of__gt=at).update(as_of=Least("as_of", at - ahead))
    if time.went_back_at and time.went_back_by and time.went_back_at > at - WARNING_PERIOD:
        ahead = max(ahead, time.went_back_by)
    time.until, time.went_back_at, time.went_back_by = on_the_minute(at), at, ahead
    if time.audited is not None and time.audited > at:
        time.audited = None
    time.save()
    rebuild(plan_of(account.pk, building=True), cause=Cause.REPAIR, at=at)
    clock_rewind.call(account.pk, at)
