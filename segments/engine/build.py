"""Building the membership of a segment: readers see the old set or the new one."""

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
from segmenter.kernel.leases import silent
from segments.definition.tree import All, Unsupported
from segments.definition.validate import (
    has_dates,
)
from segments.engine.build_queue import LEASE, build_again
from segments.engine.checking import check_definition
from segments.engine.dependencies import plan_of
from segments.engine.edges import clock_of, crossed
from segments.engine.evaluate import AHEAD, Evaluation, at_least
from segments.engine.membership import (
    ChangeReason,
    Ids,
    Moves,
    as_array,
    difference,
    follow_alone,
    lock,
    members,
    write,
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
"""People whose rows are read in one go."""


def run_build(build_id: int, at: datetime, *, clock: Callable[[], datetime] | None = None) -> None:
    """Evaluate everyone and make membership so, in one transaction; does nothing if it is done.

    A build that a worker left is gone on with where it was. A definition that cannot be evaluated
    freezes the segment as it was, with the reason. `clock` tells the time while the work goes on
    (heartbeats); without it, it stands still.
    """
    time = clock or (lambda: at)
    at = min(at, time())
    if clock is not None:
        _put_right(build_id, at, clock)
    build = _taken(build_id, at)
    if build is None:
        return
    account, segment = build.segment.account, build.segment
    try:
        tree = check_definition(account, segment.definition)
        for people in _rest(build):
            found = people.ids[Evaluation(people, at).mask(tree)]
            _keep_part(build, people.ids, found, time())
        with transaction.atomic():
            follow_alone(account.pk)  # who passes over the segment now is looked at again below
            present = time()
            locked = lock([segment.pk]).get(segment.pk)
            current = Build.objects.select_for_update().filter(pk=build_id, finished=None).first()
            if current is None or locked is None or locked.version != build.version:
                return
            until = clock_of(account, at).until if clock else at
            if max(at, until) > present + AHEAD:
                log.error("build %s begins anew: the clock went back meanwhile", build_id)
                _begin_anew(build, present)
                return
            _finish(account, build, tree, at, present if clock else None)
    except (Invalid, Unsupported, UnknownKey) as error:
        _freeze(build, str(error), at)
    except DatabaseError:
        raise  # no definition's fault: another worker takes the build over
    except Exception as error:
        log.exception("build %s failed", build_id)
        _freeze(build, f"{type(error).__name__}: {error}", at)


def _put_right(build_id: int, at: datetime, clock: Callable[[], datetime]) -> None:
    """Put the account right first if its clock went back.

    Else the build would end before the account's clock, and when the time comes forward again
    nobody would look at the edges in between.
    """
    build = Build.objects.select_related("segment__account").filter(pk=build_id).first()
    if build is not None and is_ahead(build.account_id, at):
        rewind(build.segment.account, clock)


def _taken(build_id: int, at: datetime) -> Build | None:
    """The build, if nobody else works on it."""
    free = Q(heartbeat=None) | silent("heartbeat", at, LEASE)
    if not Build.objects.filter(free, pk=build_id, finished=None).update(heartbeat=at):
        return None
    build = Build.objects.select_related("segment__account").get(pk=build_id)
    clock_of(build.segment.account, at)
    if build.started is None:
        build.started, build.snapshot = at, current_snapshot()
        build.people_total = len(everyone(build.segment.account))
        build.save(update_fields=["started", "snapshot", "people_total"])
    return build


def _rest(build: Build) -> Iterator[People]:
    """Everyone who has not been looked at; in pieces that fit a machine where rows are read."""
    last = build.parts.aggregate(last=Max("last_id"))["last"]
    people = everyone(build.segment.account)
    if last is None and (people.in_files or len(people) <= SHARD):
        yield people
        return
    ids = people.ids[people.ids > (last or 0)]
    for start in range(0, len(ids), SHARD):
        yield some(build.segment.account, ids[start : start + SHARD].tolist())


def _keep_part(build: Build, ids: Ids, found: Ids, at: datetime) -> None:
    """Remember who matches among these people, and say that the work goes on."""
    if not len(ids):
        return
    build.people_done += len(ids)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO segments_buildpart (build_id, first_id, last_id, people, members)"
            " VALUES (%s, %s, %s, %s, %s::bigint[])",
            [build.pk, int(ids[0]), int(ids[-1]), len(ids), as_array(found)],
        )
        Build.objects.filter(pk=build.pk).update(people_done=build.people_done, heartbeat=at)


def _kept(build: Build) -> Ids:
    """int64[k] ascending: who matched when the parts were looked at."""
    query = sql.SQL("SELECT unnest(members) FROM segments_buildpart WHERE build_id = {}")
    return np.sort(fetch(query.format(sql.Literal(build.pk)), ["int"])[0])


def _begin_anew(build: Build, at: datetime) -> None:
    """Leave a build to the next sweep as if nobody had begun it."""
    build.parts.all().delete()
    Build.objects.filter(pk=build.pk).update(
        created=at, started=None, heartbeat=None, people_done=0, snapshot=""
    )


def _finish(
    account: Account, build: Build, tree: All, at: datetime, present: datetime | None
) -> None:
    """Make membership what the parts say, brought up to the present; the segment is locked.

    Looked at again are the people who changed since the build began (the live path passes over a
    segment that is being built), whose time has come since then, and who did something between the
    moment of the build and its first look at the database.
    """
    started = build.started or at
    wanted = _kept(build)
    moment = max(at, clock_of(account, at).until)
    if present is not None:
        moment = max(at, min(moment, present + AHEAD))
    again = set(people_since(account.pk, build.snapshot))
    again |= crossed(account, [tree], started, moment).keys()
    again |= _active_after(account, started)
    if again:
        changed = np.array(sorted(again), dtype=np.int64)
        people = some(account, changed.tolist(), as_of=at)
        moment = at_least(account.pk, people, at, present=present)
        matching = people.ids[Evaluation(people, moment).mask(tree)]
        wanted = np.union1d(np.setdiff1d(wanted, changed), matching)
    segment = build.segment
    reason = ChangeReason(Cause(build.cause), at)
    moves = difference(segment.pk, members(segment.pk), wanted, reason)
    write(account.pk, moves, at=at)
    tell_readers(account.pk, segment.key, moves, at=at)
    Segment.objects.filter(pk=segment.pk).update(
        status=SegmentStatus.READY, error="", size=len(wanted), as_of=at
    )
    Build.objects.filter(pk=build.pk).update(
        finished=at, people_done=build.people_done, heartbeat=at
    )
    build.parts.all().delete()


def _active_after(account: Account, moment: datetime) -> set[int]:
    """The ids of the people who have done something after a moment."""
    people = everyone(account)
    if not people.in_files:
        later = Profile.objects.filter(account=account, last_active__gt=moment)
        return set(later.values_list("pk", flat=True))
    after = people.answer(
        lambda part: part.attribute("last_active").instant_per_row() > to_micros(moment)
    )
    return set(people.ids[after].tolist())


def tell_readers(account_id: int, key: str, moves: Moves, *, at: datetime) -> None:
    """Have the segments that refer to this one look again at who entered or left it."""
    fact = facts.group(key)
    if len(moves) and plan_of(account_id, building=True).concerned({fact}):
        touched = {profile_id: {fact} for profile_id in moves.profiles.tolist()}
        changes.record(account_id, touched, cause=Cause.SEGMENT, at=at)


def follow_zone(account: Account, at: datetime) -> None:
    """Build the segments with dates in them anew after the account's zone has changed."""
    if clock_of(account, at).time_zone == account.time_zone:
        return
    with transaction.atomic():
        clock = AccountClock.objects.select_for_update().get(account=account)
        if clock.time_zone == account.time_zone:
            return
        dated = [live for live in plan_of(account.pk, building=True) if has_dates(live.tree)]
        build_again(dated, cause=Cause.TIME, at=at)
        clock.time_zone = account.time_zone
        clock.save(update_fields=["time_zone"])


def _freeze(build: Build, error: str, at: datetime) -> None:
    with transaction.atomic():
        Segment.objects.filter(pk=build.segment_id, version=build.version).update(
            status=SegmentStatus.FROZEN, error=error
        )
        Build.objects.filter(pk=build.pk).update(finished=at, error=error)
