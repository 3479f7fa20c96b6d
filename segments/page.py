"""Shared by the views of segments: the segment of a URL, and the context of heads and tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Q, Sum, When
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.formats import number_format

from segmenter.accounts.access import SeatRequest
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import NotFound
from segments.engine.queries import get_segment
from segments.engine.usage import last_use, note_use
from segments.engine.watermark import read_size
from segments.models import Build, MembershipChange, Segment
from segments.uses import uses_for


def segment_or_404(request: SeatRequest, key: str) -> Segment:
    """The account's segment with this key; 404 for unknown ones and those of other accounts."""
    try:
        return get_segment(request.seat.account, key)
    except NotFound:
        raise Http404 from None


def may_write(request: SeatRequest) -> bool:
    return request.seat.allows(Role.MARKETER)


def segment_context(request: SeatRequest, segment: Segment, tab: str) -> dict[str, Any]:
    """The context of the head and the tabs of a segment's pages. Looking at one is a use of it."""
    at = now()
    note_use(segment, at)
    return {
        "segment": segment,
        "was_unused": (at - last_use(segment)).days if segment.warned else 0,
        "watermark": read_size(segment, at),
        "net_changes": net_changes(segment, at),
        "tab": tab,
        "build": current_build(segment),
        "tags": segment.tags.order_by("name"),
        "may_write": may_write(request),
        "uses": uses_for(Role(request.seat.role)),
    }


def current_build(segment: Segment) -> Build | None:
    """The unfinished build of the segment."""
    if not segment.is_processing:
        return None
    return Build.objects.filter(segment=segment, finished=None).first()


@dataclass(frozen=True)
class NetChange:
    """The difference of the number of members to some days ago."""

    days: int
    more: int

    @property
    def text(self) -> str:
        """With a sign: +1,284, ±0 or −12."""
        sign = "+" if self.more > 0 else "−" if self.more else "±"
        return sign + number_format(abs(self.more), use_l10n=True, force_grouping=True)


def net_changes(segment: Segment, at: datetime, days: Sequence[int] = (7, 30)) -> list[NetChange]:
    """Net changes of the last days by the ledger, for periods since the segment was created."""
    days = [span for span in days if segment.created <= at - timedelta(days=span)]
    if not days:
        return []
    way = Case(When(entered=True, then=1), default=-1)
    net = {
        f"net_{span}": Coalesce(Sum(way, filter=Q(at__gt=at - timedelta(days=span))), 0)
        for span in days
    }
    rows = MembershipChange.objects.filter(segment=segment, at__gt=at - timedelta(days=max(days)))
    totals = rows.aggregate(**net)
    return [NetChange(span, totals[f"net_{span}"]) for span in days]
