"""Which segments are kept live, in which order, and which facts each of them reads."""

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


class Live(NamedTuple):
    """A segment that is kept live, with its definition read."""

    pk: int
    key: str
    version: int
    tree: All
    reads: frozenset[FactKey]


@dataclass(frozen=True)
class SegmentPlan:
    """The live segments of an account in levels: each refers only to segments of levels before."""

    levels: tuple[tuple[Live, ...], ...]
    readers: dict[str, frozenset[int]]
    """Fact to the segments (pk) that read it."""

    def __iter__(self) -> Iterator[Live]:
        for level in self.levels:
            yield from level

    def concerned(self, touched: Iterable[str]) -> frozenset[int]:
        """The segments (pk) that read any of these facts."""
        return frozenset().union(*(self.readers.get(fact, frozenset()) for fact in touched))


def plan_of(account_id: int, *, building: bool = False) -> SegmentPlan:
    """The account's active segments that are ready, and on request those being built.

    One that cannot be read is left out: its membership stays as it was.
    """
    statuses = [SegmentStatus.READY, *([SegmentStatus.BUILDING] if building else [])]
    state = tuple(
        Segment.objects.filter(account_id=account_id, is_active=True, status__in=statuses)
        .order_by("pk")
        .values_list("pk", "version")
    )
    with _lock:
        kept = _plans.get((account_id, building))
    if kept and kept[0] == state:
        return kept[1]
    plan = _arranged(_read(state))
    with _lock:
        _plans[account_id, building] = (state, plan)
    return plan


_MOST_KEPT = 100
_plans: LRUCache[tuple[int, bool], tuple[tuple[tuple[int, int], ...], SegmentPlan]] = LRUCache(
    _MOST_KEPT
)
_lock = Lock()


def _read(state: Sequence[tuple[int, int]]) -> list[Live]:
    found = []
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
        found.append(Live(segment.pk, segment.key, segment.version, tree, reads(tree)))
    return found


def _arranged(segments: Sequence[Live]) -> SegmentPlan:
    by_key = {segment.key: segment for segment in segments}
    depths: dict[str, int] = {}

    def depth(key: str) -> int:
        if key not in depths:
            depths[key] = 0  # a circle is refused when a segment is saved; here it only must end
            below = groups_of(by_key[key].tree) & by_key.keys()
            depths[key] = max((depth(other) + 1 for other in below), default=0)
        return depths[key]

    levels: dict[int, list[Live]] = {}
    readers: dict[str, set[int]] = {}
    for segment in segments:
        levels.setdefault(depth(segment.key), []).append(segment)
        for fact in segment.reads:
            readers.setdefault(fact, set()).add(segment.pk)
    return SegmentPlan(
        tuple(tuple(levels[number]) for number in sorted(levels)),
        {fact: frozenset(found) for fact, found in readers.items()},
    )
