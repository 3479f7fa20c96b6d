"""The live path: from changes of people to changes of membership, in one transaction a batch.

Changes are claimed in the transaction that writes their effects, so a killed worker releases them.
One worker at a time works on an account, so older data never overwrites newer. People are not
locked, so nobody who stores something waits. Segments are read after the claim: a segment that is
being built by then evaluates these people again before its build ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from profiles import facts
from profiles.columns.gather import some
from profiles.models import Cause, Profile, ProfileChange
from segmenter.accounts.models import Account
from segments.engine import edges, member_cache
from segments.engine.batch import Change, ChangeBatch, SegmentFailure, freeze
from segments.engine.build import rebuild_after_zone_change
from segments.engine.dependencies import LiveSegment, plan_of
from segments.engine.evaluate import CLOCK_TOLERANCE, Evaluation
from segments.engine.membership import lock_account
from segments.engine.rewind import ClockWentBack, is_ahead, rewind

BATCH = 2_000
"""Changes in one transaction."""
TRIES = 5
"""A change that failed this often is set aside."""
PAUSE = timedelta(seconds=10)
"""The pause before the second try; each later one is four times as long."""
LONGEST_PAUSE = PAUSE * 4 ** (TRIES - 1)
SAMPLE = 10
"""People of a failed batch on each of whom a failing segment is evaluated."""
_DEADLOCKS = {"40P01", "40001"}

log = logging.getLogger(__name__)


def accounts_due(at: datetime) -> list[int]:
    """Accounts with unhandled changes, or whose clock is behind or ahead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_account a WHERE EXISTS (SELECT FROM profiles_profilechange"
            " WHERE account_id = a.id AND handled IS NULL"
            " AND (retry_at IS NULL OR retry_at <= %(at)s OR retry_at > %(longest)s))"
            " OR EXISTS (SELECT FROM segments_accountclock"
            " WHERE account_id = a.id AND (until < %(minute)s OR until > %(ahead)s))"
            " OR EXISTS (SELECT FROM segments_segment"
            " WHERE account_id = a.id AND as_of > %(ahead)s) ORDER BY id",
            {
                "at": at,
                "minute": edges.on_the_minute(at),
                "ahead": at + CLOCK_TOLERANCE,
                "longest": at + LONGEST_PAUSE,
            },
        )
        return [row[0] for row in cursor.fetchall()]


Clock = Callable[[], datetime]


def follow(account: Account, at: datetime, *, clock: Clock | None = None) -> int:
    """Bring an account's live segments up to `at`: first the time, then all pending changes.

    A clock that is behind moves from midnight to midnight, and membership with it, so that the
    ledger is right for each day. `clock` gives the present: what is stored after it is corrected
    first. Without it, stored times are trusted. Returns how many changes were handled.
    """
    if clock is None:
        return _follow(account, at)
    at = min(at, clock())
    if is_ahead(account.pk, at):
        rewind(account, clock)
    try:
        return _follow(account, at, clock)
    except ClockWentBack:  # after the check above
        rewind(account, clock)
        return _follow(account, min(at, clock()), clock)


def _follow(account: Account, at: datetime, clock: Clock | None = None) -> int:
    count = 0
    rebuild_after_zone_change(account, at)
    steps = edges.clock_stops(account, at, present=clock)
    for until in steps:
        handled_by_time = edges.move_clock(account, until, present=clock)
        while handled_by_time and until != steps[-1]:
            handled_by_time = handle_changes(account, until, only_time=True, clock=clock)
            count += handled_by_time
    while handled := handle_changes(account, at, clock=clock):
        count += handled
    return count


def handle_changes(
    account: Account, at: datetime, *, only_time: bool = False, clock: Clock | None = None
) -> int:
    """Handle one batch of changes; return how many were handled.

    A change that cannot be handled is found by halving the batch. It is tried again with growing
    pauses and finally set aside with its reason, so that it delays nobody else. `only_time` selects
    changes by time up to `at`, of people who have not been active since. With a `clock`, raises
    ClockWentBack if `at` or a change lies in the future.
    """
    due = Q(retry_at=None) | Q(retry_at__lte=at) | Q(retry_at__gt=at + LONGEST_PAUSE)
    pending = ProfileChange.objects.filter(due, account=account, handled=None)
    if only_time:
        since = Profile.objects.filter(pk=OuterRef("profile_id"), last_active__gt=at)
        pending = pending.filter(~Exists(since), cause=Cause.TIME, at__lte=at)
    return _handle(account, pending, at, clock)


def _handle(
    account: Account, pending: QuerySet[ProfileChange], at: datetime, clock: Clock | None
) -> int:
    claimed: list[int] = []
    try:
        try:
            return _try(account, pending, at, claimed, clock)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _DEADLOCKS:
                raise
            return _try(account, pending, at, claimed, clock)
    except (OperationalError, InterfaceError, ClockWentBack):
        raise  # the database is unavailable, or the time was wrong: not a change's fault
    except Exception as error:
        member_cache.forget(account.pk)
        if not claimed:
            raise
        if isinstance(error, SegmentFailure) and _fails_for_all(account, error.live, claimed, at):
            freeze(error.live, str(error))
            log.error("segment %s is frozen", error.live.pk, exc_info=True)
            parts = [claimed]
        elif len(claimed) == 1:
            _postpone(claimed[0], error, at)
            return 1
        else:
            log.warning("a batch of %s changes is halved", len(claimed), exc_info=True)
            half = len(claimed) // 2
            parts = [claimed[:half], claimed[half:]]
    return sum(
        _handle(account, ProfileChange.objects.filter(pk__in=part, handled=None), at, clock)
        for part in parts
    )


def _fails_for_all(
    account: Account, live: LiveSegment, claimed: Sequence[int], at: datetime
) -> bool:
    """Whether a segment fails for each of a few people: then the segment is at fault."""
    people = set(
        ProfileChange.objects.filter(pk__in=claimed).values_list("profile_id", flat=True)[:SAMPLE]
    )
    for profile_id in people:
        try:
            Evaluation(some(account, [profile_id], as_of=at), at).mask(live.tree)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            continue
        return False
    return len(people) >= SAMPLE // 2


@transaction.atomic
def _try(
    account: Account,
    pending: QuerySet[ProfileChange],
    at: datetime,
    claimed: list[int],
    clock: Clock | None,
) -> int:
    """Handle the next changes in one transaction; `claimed` gets their ids, even if it fails."""
    lock_account(account.pk)
    present = clock() if clock else None
    changes = _claim(pending, at)
    claimed[:] = [change.pk for change in changes]
    if not changes:
        return 0
    if (
        present is not None
        and max(at, *(change.at for change in changes)) > present + CLOCK_TOLERANCE
    ):
        raise ClockWentBack
    plan = plan_of(account.pk)
    if plan.levels or any(facts.EXISTS in change.facts for change in changes):
        people = sorted({change.profile_id for change in changes})
        ChangeBatch(account, plan, changes, people, at, present).run()
    return len(changes)


_CLAIM = """
WITH claimed AS (
    UPDATE profiles_profilechange SET handled = %s, error = '' WHERE id = ANY(ARRAY({waiting}))
    RETURNING id, profile_id, cause, at, facts
)
SELECT * FROM claimed ORDER BY id"""


def _claim(pending: QuerySet[ProfileChange], at: datetime) -> list[Change]:
    """Claim the next changes: they are marked as handled, effective with this transaction."""
    rows = pending.select_for_update(skip_locked=True).order_by("pk").values("pk")[:BATCH]
    query, parameters = rows.query.sql_with_params()
    # Not with Django's cursor, which transfers values as text.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_CLAIM.format(waiting=query), [at, *parameters], binary=True)
        return [Change(*row) for row in cursor]


def _postpone(change_id: int, error: Exception, at: datetime) -> None:
    """Store why a change failed, and when it is tried again, if at all."""
    log.error("the consequences of change %s cannot be drawn", change_id, exc_info=error)
    message = f"{type(error).__name__}: {error}"[:1_000].replace("\0", "")
    with transaction.atomic():
        rows = ProfileChange.objects.select_for_update().filter(pk=change_id, handled=None)
        for row in rows:
            row.tries += 1
            row.error = message
            row.retry_at = at + PAUSE * 4 ** (row.tries - 1)
            row.handled = at if row.tries >= TRIES else None
            row.save(update_fields=["tries", "error", "retry_at", "handled"])
