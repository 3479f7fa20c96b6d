"""same-segment: nearly the members of another segment.

Likeness is Jaccard's: members of both, of those of either. Two sets that are so alike have nearly
the same size, so only segments of such a size are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor
from typing import ClassVar

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext

from segments.advice import Advice, Severity
from segments.definition.conditions.group import ProfileGroupMembership
from segments.definition.words import quoted
from segments.engine.queries import segments_of
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study
from segments.models import Segment, SegmentStatus

LEAST_ALIKE = 0.95
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
            others = study.mask(ProfileGroupMembership(is_member=True, group_ids=(segment.key,)))
            both = int(np.count_nonzero(members & others))
            either = int(np.count_nonzero(members | others))
            if both >= LEAST_ALIKE * either:
                share = int(both * 100 / either)
                values = {"share": f"{share} %", "segment": quoted(segment.name)}
                sentence = gettext("%(share)s the same people as the segment %(segment)s.")
                link = reverse("segments:detail", args=[segment.key])
                yield self.say("", sentence % values, both, link=link)
                return


def _of_like_size(study: Study, count: int) -> list[Segment]:
    """The segments that can be that much alike, the nearest in size first."""
    like = segments_of(study.inspection.account).filter(
        is_active=True,
        status=SegmentStatus.READY,
        size__gte=ceil(count * LEAST_ALIKE),
        size__lte=floor(count / LEAST_ALIKE),
    )
    others = like.exclude(key=study.inspection.key).only("key", "name", "size")
    return sorted(others, key=lambda each: (abs(each.size - count), each.name))[:MOST_COMPARED]
