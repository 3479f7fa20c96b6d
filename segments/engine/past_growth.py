"""Sizes of a segment before it was made, computed back with its present definition. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.tree import All
from segments.engine.growth import Growth, PastMembers
from segments.engine.past import Past
from segments.models import Segment, SegmentStatus

MOST_COMPUTED = 62
"""Periods of a report whose sizes are computed back; of more only the latest."""
INSTANT = timedelta(microseconds=1)
"""The smallest difference of two times in the database."""


@dataclass(frozen=True)
class ComputedSizes:
    """What a report shows of the time before the segment was made."""

    before: int | None
    """Members when the first period began; None where the ledger says it, or nobody computed it."""
    sizes: tuple[int | None, ...]
    """Members at the end of each period; None for those that the ledger knows, or too long ago."""
    left_out: int = 0
    """Earlier periods that were not computed, because there are too many."""

    def change(self, period: int) -> int | None:
        """How the size changed over a computed period, where it is known."""
        size, start = self.sizes[period], self.sizes[period - 1] if period else self.before
        return None if size is None or start is None else size - start


class SegmentPast:
    """The time before a segment was made: how far back it can be computed, and what was then."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._past = Past(segment.account)

    @cached_property
    def tree(self) -> All | None:
        """The definition; None if it cannot be evaluated."""
        if self.segment.status == SegmentStatus.FROZEN:
            return None
        try:
            return decode(self.segment.definition)
        except Invalid:
            return None

    @cached_property
    def obstacle(self) -> str:
        """The condition that is only known as it is now, in words; "" if there is none."""
        condition = self._past.without_past(self.tree) if self.tree is not None else None
        return condition.sentence(self._past.inventory) if condition is not None else ""

    @cached_property
    def begin(self) -> datetime:
        """From when on the size is known: the ledger's first instant, or an earlier one."""
        created = self.segment.created
        if self.tree is None or self.obstacle:
            return created
        return min(self._past.begin or created, created)

    @property
    def gap(self) -> tuple[str, datetime] | None:
        """A list whose removals are only known from later on: its name, and from when."""
        if self.tree is None or self.begin == self.segment.created:
            return None
        return self._past.removals_since(self.tree, self.begin)

    def reaches(self, instant: datetime) -> bool:
        """Whether the members at an instant are computed back, and not read from the ledger."""
        return self.begin <= instant < self.segment.created

    def members(
        self, instant: datetime, *, limit: int, after: int | None = None, before: int | None = None
    ) -> PastMembers:
        """A page of those who would have been in at an instant that this reaches, by id."""
        assert self.tree is not None
        ids = self._past.members(self.tree, instant).tolist()
        if before is not None:
            some = [id_ for id_ in ids if id_ < before]
            page, has_before, has_after = some[-limit:], len(some) > limit, True
        else:
            some = [id_ for id_ in ids if after is None or id_ > after]
            page, has_before, has_after = some[:limit], after is not None, len(some) > limit
        return PastMembers(
            len(ids),
            tuple(page),
            before=page[0] if page and has_before else None,
            after=page[-1] if page and has_after else None,
        )

    def count(self, report: Growth) -> int:
        """How many periods of a report are to be computed back."""
        return sum(self.reaches(period.end - INSTANT) for period in report.periods)

    def sizes(self, report: Growth) -> ComputedSizes:
        """The sizes at the ends of the periods of a report that ended before the segment."""
        places = [i for i, one in enumerate(report.periods) if self.reaches(one.end - INSTANT)]
        sizes: list[int | None] = [None] * len(report.periods)
        for i in places[-MOST_COMPUTED:]:
            sizes[i] = self._size(report.periods[i].end - INSTANT)
        start = report.periods[0].start - INSTANT
        is_first = places[:1] == [0] and len(places) <= MOST_COMPUTED
        before = self._size(start) if is_first else None
        return ComputedSizes(before, tuple(sizes), max(len(places) - MOST_COMPUTED, 0))

    def _size(self, instant: datetime) -> int:
        assert self.tree is not None
        return self._past.size(self.tree, instant)
