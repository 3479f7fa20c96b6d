"""The daily audit recomputes all membership. A difference is a defect: logged and repaired."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction

from profiles.columns.gather import everyone, some
from profiles.columns.population import UnknownKey
from profiles.models import Cause, ProfileChange
from segmenter.accounts.models import Account
from segmenter.kernel.leases import stale
from segments.definition.tree import Unsupported
from segments.engine.batch import freeze
from segments.engine.build import record_dependent_changes
from segments.engine.build_queue import LEASE
from segments.engine.dependencies import LiveSegment, plan_of
from segments.engine.edges import clock_of
from segments.engine.evaluate import Evaluation, evaluation_moment
from segments.engine.live import follow
from segments.engine.membership import (
    ChangeReason,
    Ids,
    Moves,
    difference,
    lock_account,
    lock_segments,
    members,
    write_moves,
)
from segments.models import AccountClock, Audit, Segment, SegmentStatus

EVERY = timedelta(hours=24)
CHUNK = 5_000
"""People who are checked again in one transaction."""
MOST_NAMED = 20
"""People of a segment that an audit names."""

log = logging.getLogger(__name__)


def audits_due(at: datetime) -> list[int]:
    """Accounts with live segments whose last audit is a day old."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id FROM accounts_account a LEFT JOIN segments_accountclock c"
            " ON c.account_id = a.id"
            " WHERE (c.audited IS NULL OR c.audited <= %s OR c.audited > %s)"
            " AND EXISTS (SELECT FROM segments_segment WHERE account_id = a.id AND is_active"
            " AND deleted IS NULL)"
            " ORDER BY a.id",
            [at - EVERY, at + EVERY],
        )
        return [row[0] for row in cursor.fetchall()]


def audit(account: Account, at: datetime, *, clock: Callable[[], datetime] | None = None) -> Audit:
    """Recompute every live segment of an account, record the differences and repair them.

    A person with a pending change is late, not different. `clock` gives the current time for
    heartbeats; without it, time stands still at `at`.
    """
    time = clock or (lambda: at)
    at = min(at, time())
    follow(account, at, clock=clock)
    clock_of(account, at)
    run = _begin(account, at)
    try:
        people = everyone(account)
        run.people = len(people)
        for live in plan_of(account.pk):
            _check(account, live, run, at, clock)
            run.segments += 1
            run.heartbeat = time()
            run.save()
    except Exception as error:
        run.error = f"{type(error).__name__}: {error}"[:1_000]
        AccountClock.objects.filter(account=account).update(audited=None)  # again, soon
        raise
    finally:
        run.finished = time()
        run.save()
    if run.differences:
        log.error("the audit of account %s repaired %s memberships", account.slug, run.differences)
    return run


@transaction.atomic
def _begin(account: Account, at: datetime) -> Audit:
    """Create an audit, and close one whose worker has stopped."""
    AccountClock.objects.filter(account=account).update(audited=at)
    abandoned = Audit.objects.filter(stale("heartbeat", at, LEASE), account=account, finished=None)
    abandoned.update(finished=at, error="The worker stopped.")
    return Audit.objects.create(account=account, started=at, heartbeat=at)


def _check(
    account: Account,
    live: LiveSegment,
    run: Audit,
    at: datetime,
    clock: Callable[[], datetime] | None,
) -> None:
    people = everyone(account)
    moment = evaluation_moment(account.pk, people, at, present=clock() if clock else None)
    try:
        matching = people.ids[Evaluation(people, moment).mask(live.tree)]
    except (Unsupported, UnknownKey) as error:
        freeze(live, str(error))
        return
    suspects = np.setxor1d(matching, members(live.pk))
    entered = left = 0
    profile_ids: list[int] = []
    for start in range(0, len(suspects), CHUNK):
        moves = _repair(account, live, suspects[start : start + CHUNK], at, clock)
        if moves is not None:
            entered += int(moves.entering.sum())
            left += int((~moves.entering).sum())
            profile_ids += moves.profiles.tolist()
    if entered or left:
        run.differences += entered + left
        name = Segment.objects.values_list("name", flat=True).get(pk=live.pk)
        run.details.append(
            {
                "segment": live.key,
                "name": name,
                "entered": entered,
                "left": left,
                "people": profile_ids[:MOST_NAMED],
            }
        )


@transaction.atomic
def _repair(
    account: Account,
    live: LiveSegment,
    suspects: Ids,
    at: datetime,
    clock: Callable[[], datetime] | None,
) -> Moves | None:
    """Check some people again under the account's lock; write the real differences."""
    lock_account(account.pk)
    people = some(account, suspects.tolist(), as_of=at)
    moment = evaluation_moment(account.pk, people, at, present=clock() if clock else None)
    matching = people.ids[Evaluation(people, moment).mask(live.tree)]
    segment = lock_segments([live.pk]).get(live.pk)
    if segment is None or segment.version != live.version or segment.status != SegmentStatus.READY:
        return None
    pending = ProfileChange.objects.filter(
        account=account, handled=None, profile_id__in=suspects.tolist()
    ).values_list("profile_id", flat=True)
    late = np.array(list(pending), dtype=np.int64)
    current = np.setdiff1d(members(live.pk, suspects.tolist()), late)
    target = np.setdiff1d(matching, late)
    moves = difference(live.pk, current, target, ChangeReason(Cause.REPAIR, at))
    write_moves(account.pk, moves, at=at)
    record_dependent_changes(account.pk, live.key, moves, cause=Cause.SEGMENT, at=at)
    return moves
