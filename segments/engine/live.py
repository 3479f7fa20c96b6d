"""The live path: from changes of people to changes of membership, in one transaction a batch.

Changes are claimed inside the transaction that writes what follows from them, so a killed worker
gives them back. The people are locked in id order before they are read, so two workers that hold
the same person never leave a stale membership. Segments are looked up after the claim: one that
is being built by then looks at these people again before its build ends.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.gather import some
from profiles.columns.population import UnknownKey
from profiles.models import Cause, Profile, ProfileChange
from segmenter.accounts.models import Account
from segments.definition.tree import Unsupported
from segments.engine import edges
from segments.engine.build import follow_zone
from segments.engine.dependencies import Live, Plan, plan_of
from segments.engine.evaluate import Evaluation, at_least
from segments.engine.membership import Ids, Moves, Reason, lock, memberships, write
from segments.models import Segment, SegmentStatus

BATCH = 2_000
"""Changes that one transaction handles."""
TRIES = 5
"""A change whose consequences cannot be drawn so often is set aside."""
PAUSE = timedelta(seconds=10)
"""Before the second try; each further one takes four times as long."""
_DEADLOCKS = {"40P01", "40001"}

log = logging.getLogger(__name__)


def accounts_waiting(at: datetime) -> list[int]:
    """Accounts with changes that nobody has handled, or whose clock is behind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_account a WHERE EXISTS (SELECT FROM profiles_profilechange"
            " WHERE account_id = a.id AND handled IS NULL"
            " AND (retry_at IS NULL OR retry_at <= %(at)s))"
            " OR EXISTS (SELECT FROM segments_accountclock"
            " WHERE account_id = a.id AND until < %(minute)s) ORDER BY id",
            {"at": at, "minute": edges.on_the_minute(at)},
        )
        return [row[0] for row in cursor.fetchall()]


def follow(account: Account, at: datetime) -> int:
    """Bring an account's live segments up to `at`: the time first, then all waiting changes.

    A clock that is behind is moved from midnight to midnight, and membership with it, so that the
    ledger says what was true on each day. Returns how many changes were handled.
    """
    done = 0
    follow_zone(account, at)
    steps = edges.steps(account, at)
    for until in steps:
        crossed = edges.step(account, until)
        while crossed and until != steps[-1]:
            crossed = handle_changes(account, until, only_time=True)
            done += crossed
    while handled := handle_changes(account, at):
        done += handled
    return done


def handle_changes(account: Account, at: datetime, *, only_time: bool = False) -> int:
    """Draw the consequences of one batch of changes; return how many were dealt with.

    What cannot be handled is found by halving the batch, tried again with growing pauses, and set
    aside with its reason in the end, so that it holds nobody up. `only_time` takes changes that
    the time made until `at`, of people who have done nothing since.
    """
    waiting = ProfileChange.objects.filter(
        Q(retry_at=None) | Q(retry_at__lte=at), account=account, handled=None
    )
    if only_time:
        since = Profile.objects.filter(pk=OuterRef("profile_id"), last_active__gt=at)
        waiting = waiting.filter(~Exists(since), cause=Cause.TIME, at__lte=at)
    return _handle(account, waiting, at)


def _handle(account: Account, waiting: QuerySet[ProfileChange], at: datetime) -> int:
    claimed: list[int] = []
    try:
        try:
            return _try(account, waiting, at, claimed)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _DEADLOCKS:
                raise
            return _try(account, waiting, at, claimed)
    except (OperationalError, InterfaceError):
        raise  # the database is away: no change's fault
    except Exception as error:
        if not claimed:
            raise
        if len(claimed) == 1:
            _put_off(claimed[0], error, at)
            return 1
        log.warning("a batch of %s changes is halved", len(claimed), exc_info=True)
    half = len(claimed) // 2
    return sum(
        _handle(account, ProfileChange.objects.filter(pk__in=ids, handled=None), at)
        for ids in (claimed[:half], claimed[half:])
    )


@transaction.atomic
def _try(
    account: Account, waiting: QuerySet[ProfileChange], at: datetime, claimed: list[int]
) -> int:
    """Handle the next changes, in one transaction; `claimed` tells their ids also if it fails."""
    changes = list(waiting.select_for_update(skip_locked=True).order_by("pk")[:BATCH])
    claimed[:] = [change.pk for change in changes]
    if not changes:
        return 0
    plan = plan_of(account.pk)
    if plan.levels:
        people = sorted({change.profile_id for change in changes})
        lock_people(account.pk, people)
        _Batch(account, plan, changes, people, at).run()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE profiles_profilechange SET handled = %s, error = '' WHERE id = ANY(%s)",
            [at, claimed],
        )
    return len(changes)


def _put_off(change_id: int, error: Exception, at: datetime) -> None:
    """Note why a change failed, and when it is tried again, if ever."""
    log.error("the consequences of change %s cannot be drawn", change_id, exc_info=error)
    told = f"{type(error).__name__}: {error}"[:1_000].replace("\0", "")
    with transaction.atomic():
        rows = ProfileChange.objects.select_for_update().filter(pk=change_id, handled=None)
        for row in rows:
            row.tries += 1
            row.error = told
            row.retry_at = at + PAUSE * 4 ** (row.tries - 1)
            row.handled = at if row.tries >= TRIES else None
            row.save(update_fields=["tries", "error", "retry_at", "handled"])


def lock_people(account_id: int, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id FROM unnest(%s::bigint[]) AS wanted(id)"
            " JOIN profiles_profile p ON p.id = wanted.id AND p.account_id = %s"
            " ORDER BY p.id FOR NO KEY UPDATE OF p",
            [list(ids), account_id],
        )


class _Batch:
    """The people of some changes, and what becomes of their membership."""

    def __init__(
        self,
        account: Account,
        plan: Plan,
        changes: Sequence[ProfileChange],
        ids: Sequence[int],
        at: datetime,
    ) -> None:
        self.account, self.plan, self.at = account, plan, at
        self.ids = np.array(ids, dtype=np.int64)
        self.people = some(account, ids, as_of=at)
        self.why = _Reasons(changes, self.ids)
        self.touched = frozenset().union(*(change.facts for change in changes))

    def run(self) -> None:
        """Evaluate the segments that are concerned, level by level, and write the difference."""
        moment = at_least(self.account.pk, self.people, self.at)
        evaluation = Evaluation(self.people, moment)
        held = memberships(self.account.pk, self.ids)
        for level in self.plan.levels:
            everything = facts.EXISTS in self.touched
            concerned = self.plan.concerned(self.touched)
            wanted = {
                live.pk: self._wanted(live, evaluation)
                for live in level
                if everything or live.pk in concerned
            }
            flips = {
                pk: flipped
                for pk, inside in wanted.items()
                if inside is not None
                and (flipped := inside != np.isin(self.ids, held[1][held[0] == pk])).any()
            }
            if not flips:
                continue
            locked = lock(list(flips))
            right = [
                live for live in level if live.pk in flips and _is_still(locked.get(live.pk), live)
            ]
            self._write(right, flips, wanted)
            moved = {facts.group(live.key) for live in right}
            if self.plan.concerned(moved):
                self.touched |= moved
                self.people.renew(as_of=self.at)
                evaluation = Evaluation(self.people, moment)

    def _wanted(self, live: Live, evaluation: Evaluation) -> Bools | None:
        """bool[len(ids)]: who belongs in; who is gone does not. None if that cannot be told."""
        try:
            found = self.people.ids[evaluation.mask(live.tree)]
        except (Unsupported, UnknownKey) as error:
            Segment.objects.filter(pk=live.pk, version=live.version).update(
                status=SegmentStatus.FROZEN, error=str(error)
            )
            return None
        return np.isin(self.ids, found)

    def _write(
        self, segments: Sequence[Live], flips: dict[int, Bools], wanted: dict[int, Bools | None]
    ) -> None:
        """Write the flips of these segments, each with its reason."""
        rows: list[tuple[Ids, Ids, Bools, Ids]] = []
        for live in segments:
            inside = wanted[live.pk]
            assert inside is not None
            places = np.flatnonzero(flips[live.pk])
            segment = np.full(len(places), live.pk, dtype=np.int64)
            reason = self.why.of(live)[places]
            rows.append((segment, self.ids[places], inside[places], reason))
        if rows:
            columns = (np.concatenate(column) for column in zip(*rows, strict=True))
            segment, profiles, entering, reason = columns
            moves = Moves(segment, profiles, entering, self.why.reasons, reason)
            write(self.account.pk, moves, at=self.at)


class _Reasons:
    """Why people of a batch may enter or leave: their changes, and segments that others follow."""

    def __init__(self, changes: Sequence[ProfileChange], ids: Ids) -> None:
        """`changes` oldest first, `ids` of all their people, int64[n] ascending."""
        own = [Reason(Cause(change.cause), change.at, change.pk) for change in changes]
        self._whose = np.searchsorted(ids, [change.profile_id for change in changes])
        self._places = np.arange(len(own))
        self._last = np.zeros(len(ids), dtype=np.int64)
        self._last[self._whose] = self._places  # of several, the last one stays
        followed = [own[place]._replace(cause=Cause.SEGMENT) for place in self._last.tolist()]
        self.reasons = own + followed
        sets = {facts: number for number, facts in enumerate({frozenset(c.facts) for c in changes})}
        self._sets = list(sets)
        self._set = np.array([sets[frozenset(change.facts)] for change in changes])

    def of(self, live: Live) -> Ids:
        """int64[n]: for each person the place in `reasons` of what counts for a segment.

        It is the last change of something that the segment reads; without one, what another
        segment made of the person's last change.
        """
        found = len(self._whose) + np.arange(len(self._last))
        read = np.array([facts.EXISTS in s or not live.reads.isdisjoint(s) for s in self._sets])
        counts = read[self._set]
        found[self._whose[counts]] = self._places[counts]
        return found


def _is_still(segment: Segment | None, live: Live) -> bool:
    return (
        segment is not None
        and segment.version == live.version
        and segment.status == SegmentStatus.READY
    )
