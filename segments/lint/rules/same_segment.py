"""same-segment: nearly the members of another segment.

Likeness is Jaccard's: members of both, of those of either. Two sets that are so alike have nearly
the same size, so only segments of such a size are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Lock
from typing import ClassVar, NamedTuple

import numpy as np
from cachetools import LRUCache
from django.urls import reverse
from django.utils.translation import gettext

from profiles.columns.population import UnknownKey
from segments.advice import Advice, Inspection, Severity
from segments.definition.conditions.group import ProfileGroupMembership
from segments.definition.words import quoted
from segments.engine.queries import segments_of
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study
from segments.models import SegmentStatus

LEAST_ALIKE = 0.95
MOST_AGE = timedelta(seconds=10)
"""Of sizes that were read; the members themselves are always those of now."""
MOST_COMPARED = 3
"""Segments of nearly the same size; the nearest ones are compared."""


@rule
class SameSegment(LintRule):
    code: ClassVar[str] = "same-segment"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 25

    def advice(self, study: Study) -> Iterator[Advice]:
        count = study.inspection.preview.count
        if not count or count == study.inspection.preview.total:
            return
        members = study.mask(study.tree)
        for segment in _of_like_size(study, count):
            try:
                group = ProfileGroupMembership(is_member=True, group_ids=(segment.key,))
                others = study.mask(group)
            except UnknownKey:
                continue  # deleted a moment ago
            both = int(np.count_nonzero(members & others))
            either = int(np.count_nonzero(members | others))
            if both >= LEAST_ALIKE * either:
                share = int(both * 100 / either)
                values = {"share": f"{share} %", "segment": quoted(segment.name)}
                sentence = gettext("%(share)s the same people as the segment %(segment)s.")
                link = reverse("segments:detail", args=[segment.key])
                yield self.say("", sentence % values, both, link=link)
                return


class SegmentSize(NamedTuple):
    """A segment that is ready, and how many members it has."""

    key: str
    name: str
    size: int


def _of_like_size(study: Study, count: int) -> list[SegmentSize]:
    """The segments that can be that much alike, the nearest in size first."""
    like = [
        segment
        for segment in _sizes(study.inspection)
        if segment.key != study.inspection.key
        and count * LEAST_ALIKE <= segment.size <= count / LEAST_ALIKE
    ]
    return sorted(like, key=lambda each: (abs(each.size - count), each.name))[:MOST_COMPARED]


def _sizes(inspection: Inspection) -> tuple[SegmentSize, ...]:
    """The sizes of the account's segments. While somebody types, they are not read each time."""
    account, at = inspection.account, inspection.at
    with _lock:
        since, sizes = _memory.get(account.pk, (None, ()))
    if since is None or not timedelta() <= at - since < MOST_AGE:
        ready = segments_of(account).filter(is_active=True, status=SegmentStatus.READY)
        sizes = tuple(SegmentSize(*row) for row in ready.values_list("key", "name", "size"))
        with _lock:
            _memory[account.pk] = (at, sizes)
    return sizes


_memory: LRUCache[int, tuple[datetime, tuple[SegmentSize, ...]]] = LRUCache(100)
_lock = Lock()
