"""Which segments are live, in which order they depend on each other, and which facts they read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache

from profiles.facts import FactKey
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.tree import All, reads
from segments.definition.validate import groups_of
from segments.models import Segment, SegmentStatus

log = logging.getLogger(__name__)


class LiveSegment(NamedTuple):
    """A live segment with its decoded definition."""

    pk: int
    key: str
    version: int
    tree: All
    reads: frozenset[FactKey]


@dataclass(frozen=True)
class SegmentPlan:
    """The live segments of an account in levels: each refers only to segments of earlier levels."""

    levels: tuple[tuple[LiveSegment, ...], ...]
    readers: dict[str, frozenset[int]]
    """Fact to the segments (pk) that read it."""

    def __iter__(self) -> Iterator[LiveSegment]:
        for level in self.levels:
            yield from level

    def concerned(self, fact_names: Iterable[str]) -> frozenset[int]:
        """The segments (pk) that read any of these facts."""
        return frozenset().union(*(self.readers.get(fact, frozenset()) for fact in fact_names))


def plan_of(account_id: int, *, building: bool = False) -> SegmentPlan:
    """The account's active segments that are ready; with `building`, also those being built.

    A segment whose definition cannot be read is left out, so its membership does not change.
    """
    statuses = [SegmentStatus.READY, *([SegmentStatus.BUILDING] if building else [])]
    state = tuple(
        Segment.objects.filter(account_id=account_id, is_active=True, status__in=statuses)
        .order_by("pk")
        .values_list("pk", "version")
    )
    with _lock:
        entry = _plans.get((account_id, building))
    if entry and entry[0] == state:
        return entry[1]
    plan = _arrange(_read_segments(state))
    with _lock:
        _plans[account_id, building] = (state, plan)
    return plan


_MOST_KEPT = 100
_plans: LRUCache[tuple[int, bool], tuple[tuple[tuple[int, int], ...], SegmentPlan]] = LRUCache(
    _MOST_KEPT
)
_lock = Lock()


def _read_segments(state: Sequence[tuple[int, int]]) -> list[LiveSegment]:
    segments = []
    rows = Segment.objects.filter(pk__in=[pk for pk, _ in state]).order_by("pk")
    versions = dict(state)
    for segment in rows:
        if segment.version != versions[segment.pk]:
            continue  # edited meanwhile: its build follows
        try:
            tree = decode(segment.definition)
        except Invalid:
            log.warning("segment %s has an unreadable definition", segment.pk)
            continue
        segments.append(LiveSegment(segment.pk, segment.key, segment.version, tree, reads(tree)))
    return segments


def _arrange(segments: Sequence[LiveSegment]) -> SegmentPlan:
    by_key = {segment.key: segment for segment in segments}
    depths: dict[str, int] = {}

    def depth(key: str) -> int:
        if key not in depths:
            depths[key] = 0  # cycles are rejected on save; this only makes the recursion end
            below = groups_of(by_key[key].tree) & by_key.keys()
            depths[key] = max((depth(other) + 1 for other in below), default=0)
        return depths[key]

    levels: dict[int, list[LiveSegment]] = {}
    readers: dict[str, set[int]] = {}
    for segment in segments:
        levels.setdefault(depth(segment.key), []).append(segment)
        for fact in segment.reads:
            readers.setdefault(fact, set()).add(segment.pk)
    return SegmentPlan(
        tuple(tuple(levels[number]) for number in sorted(levels)),
        {fact: frozenset(pks) for fact, pks in readers.items()},
    )
