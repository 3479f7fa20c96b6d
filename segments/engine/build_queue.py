"""Builds that are asked for: rows that wait for a worker, and what wakes one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from profiles.models import Cause
from segmenter.kernel.hook import Hook
from segmenter.kernel.leases import silent
from segments.engine.dependencies import Live
from segments.engine.membership import lock
from segments.models import Build, Segment, SegmentStatus

LEASE = timedelta(seconds=60)
"""A build whose worker has been silent for so long is taken over."""
new_build = Hook[[int]]()
"""Called with a build's id after the commit that asked for it (by `segments.tasks`)."""


def ask_for_build(segment: Segment, *, cause: Cause, at: datetime) -> Build:
    """Put a build of a segment's current version in place of any unfinished one."""
    Build.objects.filter(segment=segment, finished=None).update(finished=at, error="superseded")
    build = Build.objects.create(
        account_id=segment.account_id,
        segment=segment,
        version=segment.version,
        cause=cause,
        created=at,
    )
    new_build.call_after_commit(build.pk)
    return build


def waiting_builds(at: datetime) -> list[int]:
    """Builds that nobody works on: their message was lost, or their worker."""
    untaken = Q(heartbeat=None) & silent("created", at, timedelta(seconds=5))
    waiting = untaken | silent("heartbeat", at, LEASE)
    return list(Build.objects.filter(waiting, finished=None).values_list("pk", flat=True))


def build_again(segments: Iterable[Live], *, cause: Cause, at: datetime) -> None:
    """Have live segments built once more, those that are being built from the beginning.

    Those keep the cause of what they were being built for. In a transaction.
    """
    for live in segments:
        segment = lock([live.pk])[live.pk]
        segment.status = SegmentStatus.BUILDING
        segment.save(update_fields=["status"])
        under_way = Build.objects.filter(segment=segment, finished=None).first()
        ask_for_build(segment, cause=Cause(under_way.cause) if under_way else cause, at=at)
