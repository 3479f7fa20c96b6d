"""What the views of segments share: the segment in an address, search words, sort heads, tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Q, Sum, When
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.formats import number_format

from segmenter.accounts.access import SeatRequest
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import NotFound
from segments.engine.queries import get_segment
from segments.engine.watermark import read_size
from segments.models import Build, MembershipChange, Segment
from segments.uses import uses_for

PAGE_SIZE = 50
MOST_SEARCHED = 200


def segment_or_404(request: SeatRequest, key: str) -> Segment:
    """The account's segment with this key; another account's is not there."""
    try:
        return get_segment(request.seat.account, key)
    except NotFound:
        raise Http404 from None


def search_words(request: SeatRequest) -> str:
    """What is searched for."""
    words = request.GET.get("q", "").replace("\0", "")
    return words.strip()[:MOST_SEARCHED]


def cursors(request: SeatRequest) -> dict[str, str]:
    """Where the page begins that is asked for."""
    return {name: request.GET.get(name, "") for name in ("before", "after")}


def may_write(request: SeatRequest) -> bool:
    return request.seat.allows(Role.MARKETER)


def sort_head(name: str, label: Any, sort: str, kept: dict[str, str]) -> dict[str, str]:
    """A column's head: names sort from A when asked, the others from the largest."""
    first = name if name == "name" else f"-{name}"
    turned = {name: f"-{name}", f"-{name}": name}
    chosen = sort.lstrip("-") == name
    return {
        "name": name,
        "label": str(label),
        "query": urlencode({**kept, "sort": turned[sort] if chosen else first}),
        "direction": ("descending" if sort[0] == "-" else "ascending") if chosen else "",
    }


def segment_context(request: SeatRequest, segment: Segment, tab: str) -> dict[str, Any]:
    """What the head and tabs of a segment's pages show."""
    return {
        "segment": segment,
        "watermark": read_size(segment, now()),
        "net_changes": net_changes(segment, now()),
        "tab": tab,
        "build": current_build(segment),
        "tags": segment.tags.order_by("name"),
        "may_write": may_write(request),
        "uses": uses_for(Role(request.seat.role)),
    }


def current_build(segment: Segment) -> Build | None:
    """The build that is under way."""
    if not segment.is_processing:
        return None
    return Build.objects.filter(segment=segment, finished=None).first()


@dataclass(frozen=True)
class NetChange:
    """How many more members there are than some days ago."""

    days: int
    more: int

    @property
    def told(self) -> str:
        """With a sign: +1,284, ±0 or −12."""
        sign = "+" if self.more > 0 else "−" if self.more else "±"
        return sign + number_format(abs(self.more), use_l10n=True, force_grouping=True)


def net_changes(segment: Segment, at: datetime, days: Sequence[int] = (7, 30)) -> list[NetChange]:
    """What the ledger says of the last days, of those that the segment has seen whole."""
    days = [span for span in days if segment.created <= at - timedelta(days=span)]
    if not days:
        return []
    way = Case(When(entered=True, then=1), default=-1)
    net = {
        f"net_{span}": Coalesce(Sum(way, filter=Q(at__gt=at - timedelta(days=span))), 0)
        for span in days
    }
    rows = MembershipChange.objects.filter(segment=segment, at__gt=at - timedelta(days=max(days)))
    found = rows.aggregate(**net)
    return [NetChange(span, found[f"net_{span}"]) for span in days]
