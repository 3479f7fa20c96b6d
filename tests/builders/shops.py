"""Rows of a shop in a given state, written directly."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connections

from segmenter.accounts.models import Account
from segments.models import Membership, Segment, SegmentStatus
from tests.fixtures.cast import AT

T = TypeVar("T")


def new_segment(account: Account, name: str = "All", *members: int, **fields: Any) -> Segment:
    """A segment that is ready, of AT, with these members since then; people need not exist."""
    rows = {"definition": {}, "status": SegmentStatus.READY, "created": AT, "updated": AT}
    segment = Segment.objects.create(account=account, name=name, **{**rows, **fields})
    Membership.objects.bulk_create(
        Membership(account=account, segment=segment, profile_id=id_, entered=segment.created)
        for id_ in members
    )
    return segment


def at_once(*works: Callable[[], T]) -> list[T]:
    """Run each in a thread with its own connection, all from the same moment."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        try:
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
