"""What the pages of segments read: segments, members, versions, the ledger, definitions told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce
from django.utils.formats import number_format

from profiles.columns.population import UnknownKey
from profiles.models import Cause, Profile, ProfileMerge
from profiles.queries import search_people
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.tree import All, Any, Condition, Node, Not, Unsupported, children
from segments.engine.preview import preview
from segments.engine.queries import Inventory, segments_of
from segments.history import causes
from segments.history.growth import Stay, stays
from segments.models import Build, Membership, MembershipChange, Segment, SegmentVersion, Tag
from segments.models.membership import Ledger

FEW = 200
"""People whose ledger is found person by person."""


def find_segments(
    account: Account, *, words: str = "", tag: str = "", starred: bool = False
) -> QuerySet[Segment]:
    """Segments whose name contains the words, with their tags."""
    found = segments_of(account).prefetch_related("tags")
    if words:
        found = found.filter(name__icontains=words)
    if tag:
        found = found.filter(tags__key=tag)
    return found.filter(is_starred=True) if starred else found


def tags_of(account: Account) -> QuerySet[Tag]:
    """The account's tags by name, each with `used`, the number of its segments."""
    return Tag.objects.filter(account=account).annotate(used=Count("segments")).order_by("name")


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


def members_of(segment: Segment, people: QuerySet[Profile] | None = None) -> QuerySet[Membership]:
    """Who is in a segment (of these people), each with their profile."""
    found = Membership.objects.filter(account=segment.account_id, segment=segment)
    if people is not None:
        found = found.filter(profile__in=people)
    return found.select_related("profile")


def versions_of(segment: Segment) -> QuerySet[SegmentVersion]:
    """All versions, the newest first, with who made them."""
    return segment.versions.select_related("user").order_by("-number")


def version_of(segment: Segment, number: str) -> SegmentVersion | None:
    """A version by its number."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    return segment.versions.filter(number=int(number)).first()


def ledger_of(
    segment: Segment, *, way: str = "", cause: str = "", words: str = ""
) -> QuerySet[MembershipChange]:
    """Who entered and who left; only one of the two if `way` is "entered" or "left".

    `words` are of a person, or their id, by which those are found who are no longer there.
    """
    found = _about(segment.account, words) if words else MembershipChange.objects.all()
    found = found.filter(account=segment.account_id, segment=segment)
    if way:
        found = found.filter(entered=way == "entered")
    if cause:
        found = found.filter(cause=cause)
    return found


def _about(account: Account, words: str) -> Ledger:
    """The ledger of the people whom some words may mean: few by index, many by looking for them."""
    them = search_people(account, words).values_list("pk", flat=True)
    number = words.removeprefix("#")
    is_id = number.isascii() and number.isdigit() and len(number) < 19
    few = {*them[: FEW + 1], *([int(number)] if is_id else [])}
    if len(few) <= FEW:
        return MembershipChange.objects.of_people(account.pk, few)
    return MembershipChange.objects.filter(
        Q(profile_id__in=them) | (Q(profile_id=int(number)) if is_id else Q())
    )


def ledger_of_person(account: Account, profile: Profile) -> QuerySet[MembershipChange]:
    """Which segments a person entered and left, also under ids that were merged into theirs."""
    merged = ProfileMerge.objects.filter(account=account, profile=profile)
    ids = [profile.pk, *merged.values_list("old_id", flat=True)]
    return MembershipChange.objects.of_people(account.pk, ids).select_related("segment")


@dataclass(frozen=True)
class LedgerRow:
    """A change and whose it is; None for somebody who is no longer there."""

    change: MembershipChange
    profile: Profile | None

    @property
    def why(self) -> str:
        """The cause in words."""
        return causes.told(Cause(self.change.cause))


def with_people(segment: Segment, changes: Sequence[MembershipChange]) -> list[LedgerRow]:
    """The changes with the people they are about, in two queries whatever their number."""
    wanted = {change.profile_id for change in changes}
    people = Profile.objects.filter(account=segment.account_id).in_bulk(wanted)
    return [LedgerRow(change, people.get(change.profile_id)) for change in changes]


@dataclass(frozen=True)
class Then:
    """Somebody who was in a segment once; no profile for somebody who is no longer there."""

    id: int
    profile: Profile | None
    stay: Stay


def stays_of(segment: Segment, ids: Sequence[int], instant: datetime) -> list[Then]:
    """The members of an instant with their profiles, in two queries whatever their number."""
    people = Profile.objects.filter(account=segment.account_id).in_bulk(ids)
    found = stays(segment, ids, instant)
    return [Then(person, people.get(person), found[person]) for person in ids]


# --- definitions told ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A definition as a sentence and a tree; `error` says why there is none."""

    sentence: str = ""
    tree: Line | None = None
    error: str = ""


@dataclass(frozen=True)
class Line:
    """One node of the tree in words, with how many people it matches by itself now."""

    kind: str
    """condition, not, any or all."""
    words: str
    count: int | None
    below: tuple[Line, ...]


def told(segment: Segment, at: datetime) -> Told:
    """Tell a segment's definition, with counts of everyone at `at`."""
    inventory = Inventory(segment.account)
    try:
        tree = decode(segment.definition)
    except Invalid as error:
        return Told(error=str(error))
    try:
        counts = preview(segment.account, tree, at, members=0).nodes
    except (UnknownKey, Unsupported):
        counts = {}

    def line(node: Node, pointer: str) -> Line:
        below = tuple(line(child, pointer + step) for step, child in children(node))
        if isinstance(node, All | Any) and len(below) == 1:
            return below[0]
        words = node.sentence(inventory) if isinstance(node, Condition) else ""
        return Line(
            _KINDS[type(node)] if not words else "condition", words, counts.get(pointer), below
        )

    return Told(describe(tree, inventory), line(tree, ""))


_KINDS = {All: "all", Any: "any", Not: "not"}
