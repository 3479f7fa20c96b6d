"""What uses a segment: one answer for edits, deactivation, deletion and inactivity.

The rooms and the apps above register what they have. Nothing here knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from segmenter.kernel.hook import Hook
from segmenter.kernel.registry import Registry
from segments.models import Segment


@dataclass(frozen=True)
class Dependent:
    """One thing that uses a segment."""

    words: str
    """What it is, to follow "used by": "the form “Spring”"."""
    url: str
    """URL of its page."""
    is_blocking: bool = False
    """Whether it would fail without the segment, which therefore cannot be deleted."""
    hears_edits: bool | None = None
    """Whether it receives who enters and leaves by an edit even if the editor does not ask for it.
    None if it receives no such messages."""
    is_for_all: bool = False
    """Whether it uses every segment of the account, and so is no sign that this one is needed."""


FindDependents = Callable[[int, Sequence[Segment]], Iterable[tuple[int, Dependent]]]
"""(account id, segments) -> (id of the segment, dependent): few queries for all of them."""

dependents: Registry[FindDependents] = Registry("dependents of segments")

before_deletion = Hook[[int]]()
"""Called with the account's id in the transaction of a deletion, before dependents are read: for
whoever must wait for a change that is being made at this moment."""


def dependents_by_segment(
    account_id: int, segments: Sequence[Segment]
) -> dict[int, list[Dependent]]:
    """What uses each of some segments, by the id of the segment, in the order of words."""
    result: dict[int, list[Dependent]] = {segment.pk: [] for segment in segments}
    if segments:
        for _room, find in dependents.items():
            for segment_id, dependent in find(account_id, segments):
                result[segment_id].append(dependent)
    for each in result.values():
        each.sort(key=lambda dependent: (not dependent.is_blocking, dependent.words))
    return result


def dependents_of(segment: Segment) -> list[Dependent]:
    """What uses a segment, what cannot do without it first."""
    return dependents_by_segment(segment.account_id, [segment])[segment.pk]


def own_dependents(every: Iterable[Dependent]) -> list[Dependent]:
    """Those that were chosen for the segment, without what uses all segments anyway."""
    return [dependent for dependent in every if not dependent.is_for_all]
