"""What is done to several segments at once, and what undoes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict
from segments.engine.deletion import delete_segment, undelete_segment
from segments.engine.dependents import Dependent, dependents_by_segment, own_dependents
from segments.engine.editing import set_active
from segments.engine.queries import references_to, segments_of
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
    by_key = {segment.key: segment for segment in segments}
    referring: dict[str, set[str]] = {key: set() for key in by_key}
    for other, key in references_to(account.pk, by_key):
        if other.key in by_key:
            referring[key].add(other.key)
    removals: list[Segment] = []
    reasons: list[str] = []
    for key in _first_who_refer(referring):
        try:
            delete_segment(account=account, segment=by_key[key], at=at)
            removals.append(by_key[key])
        except Conflict as error:
            reasons += [problem.message for problem in error.problems]
    return removals, reasons


def _first_who_refer(referring: Mapping[str, set[str]]) -> list[str]:
    """Keys in the order of deletion, by the keys of those that refer to each."""
    try:
        return list(TopologicalSorter(referring).static_order())
    except CycleError:  # no definition that was saved here has one
        return list(referring)


def undo_url(action: str, segments: Sequence[Segment]) -> str:
    """The URL that undoes an action."""
    query = urlencode({"action": action, "s": [s.key for s in segments]}, doseq=True)
    return f"{reverse('segments:undo')}?{query}"


@transaction.atomic  # builds begin when all are back: some may refer to others
def undo(account: Account, action: str, keys: Sequence[str], at: datetime) -> list[Segment]:
    """Undo "delete" or "deactivate" of some segments. Raises NotFound for unknown keys."""
    if action == "delete":
        return [undelete_segment(account=account, key=key, at=at) for key in keys[:MOST_KEYS]]
    segments = segments_by_keys(account, keys)
    for segment in segments:
        set_active(segment, on=True, at=at)
    return segments
