"""The queue of builds: rows that wait for a worker."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from profiles.models import Cause
from segmenter.kernel.hook import Hook
from segmenter.kernel.leases import stale
from segments.engine.dependencies import LiveSegment
from segments.engine.membership import lock_segments
from segments.models import Build, Segment, SegmentStatus

LEASE = timedelta(seconds=60)
"""A build without a heartbeat for this long is taken over by another worker."""
new_build = Hook[[int]]()
"""Called with a build's id after the commit that asked for it (by `segments.tasks`)."""


def request_build(
    segment: Segment, *, cause: Cause, at: datetime, announces: bool = False
) -> Build:
    """Queue a build of a segment's current version, in place of any unfinished one."""
    Build.objects.filter(segment=segment, finished=None).update(finished=at, error="superseded")
    build = Build.objects.create(
        account_id=segment.account_id,
        segment=segment,
        version=segment.version,
        cause=cause,
        announces=announces,
        created=at,
    )
    new_build.call_after_commit(build.pk)
    return build


def builds_due(at: datetime) -> list[int]:
    """Builds without a worker: their message was lost, or their worker stopped."""
    untaken = Q(heartbeat=None) & stale("created", at, timedelta(seconds=5))
    unworked = untaken | stale("heartbeat", at, LEASE)
    return list(Build.objects.filter(unworked, finished=None).values_list("pk", flat=True))


def rebuild(segments: Iterable[LiveSegment], *, cause: Cause, at: datetime) -> None:
    """Queue new builds of live segments; unfinished builds start again.

    Those keep the cause of their unfinished build, and whom it tells. Must run in a transaction.
    """
    for live in segments:
        segment = lock_segments([live.pk])[live.pk]
        segment.status = SegmentStatus.BUILDING
        segment.save(update_fields=["status"])
        unfinished = Build.objects.filter(segment=segment, finished=None).first()
        request_build(
            segment,
            cause=Cause(unfinished.cause) if unfinished else cause,
            announces=unfinished.announces if unfinished else False,
            at=at,
        )
