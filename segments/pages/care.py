"""What is done to several segments at once, and what undoes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict
from segments.engine.deletion import delete_segment, undelete_segment
from segments.engine.dependents import Dependent, dependents_by_segment, own_dependents
from segments.engine.editing import set_active
from segments.engine.queries import segments_of
from segments.models import Segment

MOST_COMPARED = 6
"""Segments that one page compares."""
MOST_KEYS = 500
"""Segments of one request."""


@dataclass(frozen=True)
class SegmentInUse:
    """A segment that is to be deactivated or deleted, and what uses it."""

    segment: Segment
    dependents: list[Dependent]

    @property
    def blocking(self) -> list[Dependent]:
        """What keeps it from being deleted."""
        return [each for each in self.dependents if each.is_blocking]


def segments_by_keys(account: Account, keys: Sequence[str]) -> list[Segment]:
    """The account's segments with these keys, by name; others are left out."""
    return list(segments_of(account).filter(key__in=keys[:MOST_KEYS]).order_by("name"))


def with_dependents(account: Account, segments: Sequence[Segment]) -> list[SegmentInUse]:
    """Each with what uses it. What is chosen with it does not count as using it."""
    urls = {reverse("segments:detail", args=[segment.key]) for segment in segments}
    every = dependents_by_segment(account.pk, segments)
    return [
        SegmentInUse(
            segment, [each for each in own_dependents(every[segment.pk]) if each.url not in urls]
        )
        for segment in segments
    ]


def delete_all(
    account: Account, segments: Sequence[Segment], at: datetime
) -> tuple[list[Segment], list[str]]:
    """Delete segments; return those, and why the rest stays. Any order of references will do."""
    waiting, removals = list(segments), []
    while True:
        reasons: list[str] = []
        rest = []
        for segment in waiting:
            try:
                delete_segment(account=account, segment=segment, at=at)
                removals.append(segment)
            except Conflict as error:
                rest.append(segment)
                reasons += [problem.message for problem in error.problems]
        if not rest or len(rest) == len(waiting):
            return removals, reasons
        waiting = rest


def undo_url(action: str, segments: Sequence[Segment]) -> str:
    """The URL that undoes an action."""
    query = urlencode({"action": action, "s": [s.key for s in segments]}, doseq=True)
    return f"{reverse('segments:undo')}?{query}"


def undo(account: Account, action: str, keys: Sequence[str], at: datetime) -> list[Segment]:
    """Undo "delete" or "deactivate" of some segments. Raises NotFound for unknown keys."""
    if action == "delete":
        return [undelete_segment(account=account, key=key, at=at) for key in keys[:MOST_KEYS]]
    segments = segments_by_keys(account, keys)
    for segment in segments:
        set_active(segment, on=True, at=at)
    return segments
