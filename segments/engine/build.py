"""Saving definitions, and building their membership: readers see the old set or the new one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext

from profiles.changes import current_snapshot, people_since
from profiles.columns.gather import everyone, some
from profiles.columns.population import Population, UnknownKey
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid, Problem
from segments.definition.codec import decode, encode
from segments.definition.tree import All, Unsupported
from segments.definition.validate import circle, groups_of, unknown_references, unsupported
from segments.engine.evaluate import Evaluation
from segments.engine.membership import Ids, apply, difference, members
from segments.models import Build, Segment, SegmentStatus, SegmentVersion
from segments.queries import Inventory, segments_of

SHARD = 200_000
"""People that are evaluated in one go."""
LEASE = timedelta(seconds=60)
"""A build whose worker has been silent for so long is taken over."""

queue_build: list[Any] = []
"""Called with a build's id after the commit that asked for it (set by `segments.tasks`)."""


def check_definition(account: Account, definition: Any, key: str = "") -> All:
    """Read a definition and check it against the account. Raises Invalid with all problems.

    `key` is the segment that it is for, which it must not lead back to.
    """
    tree = decode(definition)
    inventory = Inventory(account)
    problems = [*unsupported(tree), *unknown_references(tree, inventory)]
    if key and not problems:
        path = circle(key, tree, lambda group: _groups(inventory, group))
        if path:
            told = " → ".join(inventory.group(group) for group in path)
            message = gettext("The segment would depend on itself: %(path)s.") % {"path": told}
            problems.append(Problem("/condition_groups", "circle", message))
    if problems:
        raise Invalid(*problems)
    return tree


def _groups(inventory: Inventory, key: str) -> set[str]:
    segment = inventory.segments.get(key)
    try:
        return groups_of(decode(segment.definition)) if segment else set()
    except Invalid:
        return set()


def save_segment(
    *,
    account: Account,
    user: User | None,
    name: str,
    definition: Any,
    at: datetime,
    segment: Segment | None = None,
    is_starred: bool | None = None,
) -> Segment:
    """Create a segment or change one, and ask for its build where the definition changed.

    Raises Invalid for a definition or name that cannot be, Conflict for a name that is taken.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200:
        raise Invalid(
            Problem("/name", "required", gettext("A segment needs a name of 1 to 200 characters."))
        )
    tree = check_definition(account, definition, segment.key if segment else "")
    written = encode(tree)
    try:
        with transaction.atomic():
            saved = (
                Segment.objects.select_for_update().get(pk=segment.pk, account=account)
                if segment
                else Segment(account=account, created=at, version=0)
            )
            changed = segment is None or saved.definition != written
            saved.name, saved.definition, saved.updated = name, written, at
            if is_starred is not None:
                saved.is_starred = is_starred
            if changed:
                saved.version += 1
                saved.status, saved.error = SegmentStatus.BUILDING, ""
            saved.save()
            if changed:
                SegmentVersion.objects.create(
                    segment=saved, number=saved.version, definition=written, user=user, at=at
                )
                ask_for_build(saved, cause=Cause.DEFINITION, at=at)
    except IntegrityError:
        message = gettext("There is a segment “%(name)s” already.") % {"name": name}
        raise Conflict(Problem("/name", "duplicate", message)) from None
    return saved


def ask_for_build(segment: Segment, *, cause: Cause, at: datetime) -> Build:
    """Put a build of a segment's current version in place of any unfinished one."""
    Build.objects.filter(segment=segment, finished=None).update(finished=at, error="superseded")
    build = Build.objects.create(
        account_id=segment.account_id,
        segment=segment,
        version=segment.version,
        cause=cause,
        people_total=Profile.objects.filter(account_id=segment.account_id).count(),
        created=at,
    )
    build_id = build.pk
    transaction.on_commit(lambda: [queue(build_id) for queue in queue_build], robust=True)
    return build


def waiting_builds(at: datetime) -> list[int]:
    """Builds that nobody works on: their message was lost, or their worker."""
    silent = Q(heartbeat=None, created__lt=at - timedelta(seconds=5)) | Q(heartbeat__lt=at - LEASE)
    return list(Build.objects.filter(silent, finished=None).values_list("pk", flat=True))


def run_build(build_id: int, at: datetime) -> None:
    """Evaluate everyone and make membership so, in one transaction; does nothing if it is done.

    A definition that cannot be evaluated freezes the segment as it was, with the reason.
    """
    taken = Build.objects.filter(
        Q(heartbeat=None) | Q(heartbeat__lt=at - LEASE), pk=build_id, finished=None
    ).update(heartbeat=at, people_done=0)
    if not taken:
        return
    build = Build.objects.select_related("segment__account").get(pk=build_id)
    segment = build.segment
    snapshot = current_snapshot()
    try:
        tree = check_definition(segment.account, segment.definition)
        parts = []
        for people in shards(segment.account):
            found = Evaluation(people, at).mask(tree)
            parts.append(people.ids[found])
            build.people_done += len(people)
            Build.objects.filter(pk=build_id).update(people_done=build.people_done, heartbeat=at)
        wanted = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    except (Invalid, Unsupported, UnknownKey) as error:
        _freeze(build, str(error), at)
        return
    with transaction.atomic():
        locked = Segment.objects.select_for_update().get(pk=segment.pk)
        current = Build.objects.select_for_update().filter(pk=build_id, finished=None).first()
        if current is None or locked.version != build.version:
            return
        wanted = _caught_up(segment.account, tree, wanted, snapshot, at)
        change = difference(members(locked), wanted)
        apply(locked, change, at=at, cause=Cause(build.cause), everyone=True)
        Segment.objects.filter(pk=segment.pk).update(
            status=SegmentStatus.READY, error="", size=len(wanted), as_of=at
        )
        Build.objects.filter(pk=build_id).update(finished=at, people_done=build.people_done)


def _caught_up(account: Account, tree: All, wanted: Ids, snapshot: str, at: datetime) -> Ids:
    """The wanted members, with those people looked at again who changed since the snapshot.

    The caller holds the segment locked. The live path locks it too before it passes over a
    segment that is being built: so each change is seen by one of the two.
    """
    changed = np.array(sorted(people_since(account.pk, snapshot)), dtype=np.int64)
    if not len(changed):
        return wanted
    people = some(account, changed.tolist(), as_of=at)
    matching = people.ids[Evaluation(people, at).mask(tree)]
    return np.union1d(np.setdiff1d(wanted, changed, assume_unique=True), matching)


def shards(account: Account) -> Iterator[Population]:
    """Everyone in an account, in pieces that fit a machine."""
    people = everyone(account)
    if len(people) <= SHARD:
        yield people
        return
    for start in range(0, len(people), SHARD):
        yield some(account, people.ids[start : start + SHARD].tolist())


def _freeze(build: Build, error: str, at: datetime) -> None:
    with transaction.atomic():
        Segment.objects.filter(pk=build.segment_id, version=build.version).update(
            status=SegmentStatus.FROZEN, error=error
        )
        Build.objects.filter(pk=build.pk).update(finished=at, error=error)


def delete_segment(*, account: Account, segment: Segment) -> None:
    """Delete a segment with its membership and ledger. Raises Conflict if another refers to it."""
    for other in segments_of(account).exclude(pk=segment.pk):
        try:
            refers = segment.key in groups_of(decode(other.definition))
        except Invalid:
            refers = False
        if refers:
            message = gettext("The segment “%(name)s” refers to this one.") % {"name": other.name}
            raise Conflict(Problem("", "in_use", message))
    with transaction.atomic():
        locked = Segment.objects.select_for_update().get(pk=segment.pk, account=account)
        with connection.cursor() as cursor:
            for table in ("segments_membership", "segments_membershipchange"):
                cursor.execute(f"DELETE FROM {table} WHERE segment_id = %s", [locked.pk])
        locked.delete()
