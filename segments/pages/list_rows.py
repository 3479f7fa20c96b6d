"""The rows of the list of segments: what each says besides its name, in few queries for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Q, QuerySet, Sum, When

from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.engine.dependents import dependents_by_segment, own_dependents
from segments.engine.queries import Inventory, segments_of
from segments.models import MembershipChange, Segment, Tag
from segments.page import NetChange

WEEK = timedelta(days=7)
USES = ("used", "unused")
STATES = ("inactive", "soon")


@dataclass(frozen=True)
class ListFilters:
    """Which segments the list shows. Everything empty: all."""

    words: str = ""
    tag: str = ""
    """Key of a tag."""
    starred: bool = False
    state: str = ""
    """inactive, or soon: will be deactivated because nobody uses it."""
    use: str = ""
    """used or unused, by something else in the account."""

    @property
    def parameters(self) -> dict[str, str]:
        """The query of the page with these filters."""
        pairs = {
            "q": self.words,
            "tag": self.tag,
            "starred": "1" if self.starred else "",
            "state": self.state,
            "use": self.use,
        }
        return {name: text for name, text in pairs.items() if text}


def find_segments(account: Account, filters: ListFilters) -> QuerySet[Segment]:
    """The segments that pass the filters, with their tags."""
    segments = segments_of(account).prefetch_related("tags")
    if filters.words:
        segments = segments.filter(name__icontains=filters.words)
    if filters.tag:
        segments = segments.filter(tags__key=filters.tag)
    if filters.starred:
        segments = segments.filter(is_starred=True)
    if filters.state == "inactive":
        segments = segments.filter(is_active=False)
    if filters.state == "soon":
        segments = segments.filter(is_active=True, warned__isnull=False)
    if filters.use:
        every = dependents_by_segment(account.pk, list(segments_of(account)))
        with_uses = [pk for pk, dependents in every.items() if own_dependents(dependents)]
        is_used = Q(pk__in=with_uses)
        segments = segments.filter(is_used if filters.use == "used" else ~is_used)
    return segments


def tags_of(account: Account) -> QuerySet[Tag]:
    """The account's tags by name, each with `used`, the number of its segments."""
    present = Count("segments", filter=Q(segments__deleted=None))
    return Tag.objects.filter(account=account).annotate(used=present).order_by("name")


@dataclass(frozen=True)
class ListRow:
    """One segment of the list."""

    segment: Segment
    sentence: str
    """Empty if its definition cannot be read."""
    change: NetChange | None
    """Over the last seven days; None for a younger segment."""
    share: float | None
    """Of all people, in percent; None before the first build, or without people."""


def list_rows(account: Account, segments: Sequence[Segment], at: datetime) -> list[ListRow]:
    """What the list says of each of these segments."""
    if not segments:
        return []
    inventory = Inventory(account)
    people = Profile.objects.filter(account=account).count()
    way = Case(When(entered=True, then=1), default=-1)
    moves = MembershipChange.objects.filter(segment__in=segments, at__gt=at - WEEK)
    net = dict(moves.values("segment").annotate(net=Sum(way)).values_list("segment", "net"))
    return [
        ListRow(
            segment,
            _sentence(segment, inventory),
            NetChange(WEEK.days, net.get(segment.pk, 0))
            if segment.created <= at - WEEK and segment.as_of
            else None,
            min(100.0, 100 * segment.size / people) if people and segment.as_of else None,
        )
        for segment in segments
    ]


def _sentence(segment: Segment, inventory: Inventory) -> str:
    try:
        return describe(decode(segment.definition), inventory)
    except Invalid:
        return ""
