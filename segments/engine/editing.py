"""Small changes of a segment's row: the star, and whether it is kept up to date."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from profiles.models import Cause
from segments.engine.build_queue import ask_for_build
from segments.models import Segment, SegmentStatus


def set_star(segment: Segment, *, on: bool) -> None:
    Segment.objects.filter(pk=segment.pk).update(is_starred=on)


@transaction.atomic
def set_active(segment: Segment, *, on: bool, at: datetime) -> None:
    """Keep a segment up to date again (it is built anew), or leave its membership as it is."""
    locked = Segment.objects.select_for_update().get(pk=segment.pk)
    if locked.is_active == on:
        return
    locked.is_active = on
    locked.updated = at
    if on:
        locked.status, locked.error = SegmentStatus.BUILDING, ""
    locked.save(update_fields=["is_active", "updated", "status", "error"])
    if on:
        ask_for_build(locked, cause=Cause.DEFINITION, at=at)
