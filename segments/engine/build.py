"""Building the membership of a segment. Readers see the old set or the new one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

import numpy as np
import psycopg.sql as sql
from django.db import DatabaseError, connection, transaction
from django.db.models import Max, Q

from profiles import changes, facts
from profiles.changes import current_snapshot, people_since
from profiles.columns.gather import everyone, some
from profiles.columns.instants import to_micros
from profiles.columns.packed_rows import fetch
from profiles.columns.people import People
from profiles.columns.population import UnknownKey
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segmenter.kernel.leases import stale
from segments.definition.tree import All, Unsupported
from segments.definition.validate import (
    has_dates,
)
from segments.engine.build_queue import LEASE, rebuild
from segments.engine.checking import check_definition
from segments.engine.dependencies import plan_of
from segments.engine.edges import changes_by_time, clock_of
from segments.engine.evaluate import CLOCK_TOLERANCE, Evaluation, evaluation_moment
from segments.engine.membership import (
    ChangeReason,
    Ids,
    Moves,
    as_array,
    difference,
    lock_account,
    lock_segments,
    members,
    write_moves,
)
from segments.engine.rewind import is_ahead, rewind
from segments.models import (
    AccountClock,
    Build,
    Segment,
    SegmentStatus,
)

log = logging.getLogger(__name__)

SHARD = 200_000
"""People whose rows are read at a time."""


def run_build(build_id: int, at: datetime, *, clock: Callable[[], datetime] | None = None) -> None:
    """Evaluate everyone and replace the membership in one transaction, unless already done.

    A build whose worker stopped continues where it was. If the definition cannot be evaluated, the
    segment is frozen with the reason. `clock` gives the current time for heartbeats; without it,
    time stands still at `at`.
    """
    time = clock or (lambda: at)
    at = min(at, time())
    if clock is not None:
        _rewind_if_ahead(build_id, at, clock)
    build = _claim(build_id, at)
    if build is None:
        return
    account, segment = build.segment.account, build.segment
    try:
        tree = check_definition(account, segment.definition)
        for people in _remaining_people(build):
            matching = people.ids[Evaluation(people, at).mask(tree)]
            _save_part(build, people.ids, matching, time())
        with transaction.atomic():
            lock_account(account.pk)  # who skips the segment from now on is evaluated again below
            present = time()
            locked = lock_segments([segment.pk]).get(segment.pk)
            current = Build.objects.select_for_update().filter(pk=build_id, finished=None).first()
            if current is None or locked is None or locked.version != build.version:
                return
            until = clock_of(account, at).until if clock else at
            if max(at, until) > present + CLOCK_TOLERANCE:
                log.error("build %s begins anew: the clock went back meanwhile", build_id)
                _restart(build, present)
                return
            _finish(account, build, tree, at, present if clock else None)
    except (Invalid, Unsupported, UnknownKey) as error:
        _freeze(build, str(error), at)
    except DatabaseError:
        raise  # not the definition's fault: another worker takes the build over
    except Exception as error:
        log.exception("build %s failed", build_id)
        _freeze(build, f"{type(error).__name__}: {error}", at)


def _rewind_if_ahead(build_id: int, at: datetime, clock: Callable[[], datetime]) -> None:
    """Correct the account first if its clock went back.

    Otherwise the build would end before the account's clock. When the time comes again, nobody
    would check the edges in between.
    """
    build = Build.objects.select_related("segment__account").filter(pk=build_id).first()
    if build is not None and is_ahead(build.account_id, at):
        rewind(build.segment.account, clock)


def _claim(build_id: int, at: datetime) -> Build | None:
    """The build, claimed; None if another worker has it."""
    free = Q(heartbeat=None) | stale("heartbeat", at, LEASE)
    if not Build.objects.filter(free, pk=build_id, finished=None).update(heartbeat=at):
        return None
    build = Build.objects.select_related("segment__account").get(pk=build_id)
    clock_of(build.segment.account, at)
    if build.started is None:
        build.started, build.snapshot = at, current_snapshot()
        build.people_total = len(everyone(build.segment.account))
        build.save(update_fields=["started", "snapshot", "people_total"])
    return build


def _remaining_people(build: Build) -> Iterator[People]:
    """The people who are not evaluated yet; in shards where rows are read, to bound the memory."""
    last = build.parts.aggregate(last=Max("last_id"))["last"]
    people = everyone(build.segment.account)
    if last is None and (people.in_files or len(people) <= SHARD):
        yield people
        return
    ids = people.ids[people.ids > (last or 0)]
    for start in range(0, len(ids), SHARD):
        yield some(build.segment.account, ids[start : start + SHARD].tolist())


def _save_part(build: Build, ids: Ids, matching: Ids, at: datetime) -> None:
    """Store who matches among these people, with the progress and a heartbeat."""
    if not len(ids):
        return
    build.people_done += len(ids)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO segments_buildpart (build_id, first_id, last_id, people, members)"
            " VALUES (%s, %s, %s, %s, %s::bigint[])",
            [build.pk, int(ids[0]), int(ids[-1]), len(ids), as_array(matching)],
        )
        Build.objects.filter(pk=build.pk).update(people_done=build.people_done, heartbeat=at)


def _part_members(build: Build) -> Ids:
    """int64[k] ascending: who matched when the parts were evaluated."""
    query = sql.SQL("SELECT unnest(members) FROM segments_buildpart WHERE build_id = {}")
    return np.sort(fetch(query.format(sql.Literal(build.pk)), ["int"])[0])


def _restart(build: Build, at: datetime) -> None:
    """Reset a build as if nobody had begun it; the next sweep queues it."""
    build.parts.all().delete()
    Build.objects.filter(pk=build.pk).update(
        created=at, started=None, heartbeat=None, people_done=0, snapshot=""
    )


def _finish(
    account: Account, build: Build, tree: All, at: datetime, present: datetime | None
) -> None:
    """Set the membership to that of the parts, updated to the present. The segment is locked.

    People are evaluated again if they changed since the build began (the live path skips segments
    that are being built), if they crossed an edge since then, or if they were active between the
    moment of the build and its first read of the database.
    """
    started = build.started or at
    target = _part_members(build)
    moment = max(at, clock_of(account, at).until)
    if present is not None:
        moment = max(at, min(moment, present + CLOCK_TOLERANCE))
    again_ids = set(people_since(account.pk, build.snapshot))
    again_ids |= changes_by_time(account, [tree], started, moment).keys()
    again_ids |= _active_after(account, started)
    if again_ids:
        ids = np.array(sorted(again_ids), dtype=np.int64)
        people = some(account, ids.tolist(), as_of=at)
        moment = evaluation_moment(account.pk, people, at, present=present)
        matching = people.ids[Evaluation(people, moment).mask(tree)]
        target = np.union1d(np.setdiff1d(target, ids), matching)
    segment = build.segment
    reason = ChangeReason(Cause(build.cause), at)
    moves = difference(segment.pk, members(segment.pk), target, reason)
    write_moves(account.pk, moves, at=at)
    is_quiet_edit = build.cause == Cause.DEFINITION and not build.announces
    record_dependent_changes(
        account.pk,
        segment.key,
        moves,
        cause=Cause.DEFINITION if is_quiet_edit else Cause.SEGMENT,
        at=at,
    )
    Segment.objects.filter(pk=segment.pk).update(
        status=SegmentStatus.READY, error="", size=len(target), as_of=at
    )
    Build.objects.filter(pk=build.pk).update(
        finished=at, people_done=build.people_done, heartbeat=at
    )
    build.parts.all().delete()


def _active_after(account: Account, moment: datetime) -> set[int]:
    """The ids of the people who were active after a moment."""
    people = everyone(account)
    if not people.in_files:
        later = Profile.objects.filter(account=account, last_active__gt=moment)
        return set(later.values_list("pk", flat=True))
    after = people.answer(
        lambda part: part.attribute("last_active").instant_per_row() > to_micros(moment)
    )
    return set(people.ids[after].tolist())


def record_dependent_changes(
    account_id: int, key: str, moves: Moves, *, cause: Cause, at: datetime
) -> None:
    """Record a change of everyone who moved, for the segments that refer to this one.

    With the cause `definition` nobody hears of what follows either, unless they take edits always.
    """
    fact = facts.group(key)
    if len(moves) and plan_of(account_id, building=True).concerned({fact}):
        changed_facts = {profile_id: {fact} for profile_id in moves.profiles.tolist()}
        changes.record(account_id, changed_facts, cause=cause, at=at)


def rebuild_after_zone_change(account: Account, at: datetime) -> None:
    """Queue builds of the segments with dates after the account's time zone has changed."""
    if clock_of(account, at).time_zone == account.time_zone:
        return
    with transaction.atomic():
        clock = AccountClock.objects.select_for_update().get(account=account)
        if clock.time_zone == account.time_zone:
            return
        dated = [live for live in plan_of(account.pk, building=True) if has_dates(live.tree)]
        rebuild(dated, cause=Cause.TIME, at=at)
        clock.time_zone = account.time_zone
        clock.save(update_fields=["time_zone"])


def _freeze(build: Build, error: str, at: datetime) -> None:
    with transaction.atomic():
        Segment.objects.filter(pk=build.segment_id, version=build.version).update(
            status=SegmentStatus.FROZEN, error=error
        )
        Build.objects.filter(pk=build.pk).update(finished=at, error=error)
