"""Deleting segments, undoing it, and deleting for good what nobody brought back.

A deleted segment keeps all its rows and is read by nobody. Its name is free at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from profiles.models import Cause
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, NotFound, Problem
from segments.engine.build_queue import request_build
from segments.engine.dependents import before_deletion, dependents_of
from segments.engine.queries import free_name, references_to, referring_segments
from segments.models import Build, Draft, Segment, SegmentStatus

KEPT = timedelta(days=30)
"""How long a deletion can be undone."""


def delete_segment(*, account: Account, segment: Segment, at: datetime) -> None:
    """Delete a segment until somebody brings it back. Raises Conflict if it is needed."""
    others = referring_segments(account.pk, segment.key)
    if others:
        message = gettext("The segment “%(name)s” refers to this one.") % {"name": others[0].name}
        raise Conflict(Problem("", "in_use", message))
    with transaction.atomic():
        before_deletion.call(account.pk)
        locked = Segment.objects.select_for_update().filter(pk=segment.pk, account=account).first()
        if locked is None:
            return
        words = [each.words for each in dependents_of(locked) if each.is_blocking]
        if words:
            message = gettext("This segment is still in use: %(names)s.")
            raise Conflict(Problem("", "in_use", message % {"names": ", ".join(words)}))
        locked.deleted = at
        locked.save(update_fields=["deleted"])
        Build.objects.filter(segment=locked, finished=None).update(finished=at, error="deleted")
        Draft.objects.filter(segment=locked).update(segment=None)


def deleted_segments(account: Account) -> QuerySet[Segment]:
    """The account's segments whose deletion can be undone, the last deleted first."""
    return Segment.with_deleted.filter(account=account, deleted__isnull=False).order_by(
        "-deleted", "-pk"
    )


@transaction.atomic
def undelete_segment(*, account: Account, key: str, at: datetime) -> Segment:
    """Bring a deleted segment back as it was; its membership is brought up to date by a build.

    If its name was given to another one meanwhile, it gets a number behind it. One that is not
    deleted stays as it is. Raises NotFound; Conflict if its name is taken at the same moment.
    """
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # one new name at a time
    rows = Segment.with_deleted.select_for_update().filter(account=account, key=key)
    segment = rows.first()
    if segment is None:
        raise NotFound("The segment")
    if segment.deleted is None:
        return segment
    segment.name = free_name(account, segment.name)
    segment.deleted, segment.used, segment.warned = None, at, None
    is_built = segment.is_active or segment.status == SegmentStatus.BUILDING
    if is_built:
        segment.status, segment.error = SegmentStatus.BUILDING, ""
    try:
        with transaction.atomic():
            segment.save(update_fields=["name", "deleted", "used", "warned", "status", "error"])
    except IntegrityError:  # somebody gave the name to a segment at this moment
        message = gettext("There is a segment “%(name)s” already.") % {"name": segment.name}
        raise Conflict(Problem("/name", "duplicate", message)) from None
    drafts = Draft.objects.filter(account=account, segment=None, closed=None)
    drafts.filter(revision__segment=key).update(segment=segment)
    if is_built:
        request_build(segment, cause=Cause.DEFINITION, at=at)
    _thaw_what_refers_to(segment, at)
    return segment


def _thaw_what_refers_to(segment: Segment, at: datetime) -> None:
    """Build segments again that froze because this one, which they refer to, was deleted."""
    for other, _key in references_to(segment.account_id, {segment.key}):
        if other.is_active and other.status == SegmentStatus.FROZEN:
            other.status, other.error = SegmentStatus.BUILDING, ""
            other.save(update_fields=["status", "error"])
            request_build(other, cause=Cause.DEFINITION, at=at)


def purge_deleted(at: datetime) -> int:
    """Delete for good what was deleted KEPT ago, with membership and ledger; return how many."""
    old = Segment.with_deleted.filter(deleted__lte=at - KEPT).order_by("pk")
    count = 0
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            locked = old.select_for_update(skip_locked=True).filter(pk=pk).first()
            if locked is None:
                continue  # brought back at this moment
            with connection.cursor() as cursor:
                for table in ("segments_membership", "segments_membershipchange"):
                    cursor.execute(f"DELETE FROM {table} WHERE segment_id = %s", [pk])
            locked.delete()
            count += 1
    return count
