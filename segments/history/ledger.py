"""The ledger of membership for the pages: who entered and left, and who was a member when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from profiles.models import Cause, Profile, ProfileMerge
from profiles.queries import search_people
from segmenter.accounts.models import Account
from segments.engine.growth import Stay, counted_between, stays
from segments.history import causes
from segments.history.activity_dates import ActivityDates
from segments.models import MembershipChange, Segment, SegmentVersion
from segments.models.membership import Ledger

FEW = 200
"""Up to this many people, the ledger is read person by person."""
NOTABLE = timedelta(minutes=1)
"""A change that is written later than this after it became true shows both times."""
EVER = ActivityDates()


def ledger_of(
    segment: Segment,
    dates: ActivityDates = EVER,
    *,
    way: str = "",
    cause: str = "",
    words: str = "",
) -> QuerySet[MembershipChange]:
    """Who entered and who left; only one of the two if `way` is "entered" or "left".

    Of some dates, those changes that the growth report counts in them. `words` search for people,
    or are an id, which also matches people who no longer exist.
    """
    rows = _about(segment.account, words) if words else MembershipChange.objects.all()
    rows = rows.filter(account=segment.account_id, segment=segment)
    if dates.start or dates.end:
        rows = rows.filter(pk__in=counted_between(segment, dates.start, dates.end))
    if way:
        rows = rows.filter(entered=way == "entered")
    if cause:
        rows = rows.filter(cause=cause)
    return rows


def _about(account: Account, words: str) -> Ledger:
    """The ledger of the people whom some words match: few by index, many by a subquery."""
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
    rows = MembershipChange.objects.of_people(account.pk, ids).filter(segment__deleted=None)
    return rows.select_related("segment")


@dataclass(frozen=True)
class LedgerRow:
    """A change with its person; None if the person no longer exists."""

    change: MembershipChange
    profile: Profile | None
    is_first_build: bool = False
    """Whether it was written when the segment was first built."""

    @property
    def why(self) -> str:
        """The cause in words."""
        return causes.cause_text(Cause(self.change.cause), first_build=self.is_first_build)

    @property
    def written_late(self) -> datetime | None:
        """When it was written, if that was later than a minute after it became true."""
        change = self.change
        return change.at if change.at - change.true_since >= NOTABLE else None


def with_people(segment: Segment, changes: Sequence[MembershipChange]) -> list[LedgerRow]:
    """The changes with their people, in a fixed number of queries."""
    ids = {change.profile_id for change in changes}
    people = Profile.objects.filter(account=segment.account_id).in_bulk(ids)
    first = _first_builds(segment.account_id, changes)
    return [
        LedgerRow(change, people.get(change.profile_id), change.pk in first) for change in changes
    ]


def with_person(
    account: Account, profile: Profile, changes: Sequence[MembershipChange]
) -> list[LedgerRow]:
    """The changes of one person, in a fixed number of queries."""
    first = _first_builds(account.pk, changes)
    return [LedgerRow(change, profile, change.pk in first) for change in changes]


def _first_builds(account_id: int, changes: Sequence[MembershipChange]) -> set[int]:
    """Which of the changes were written by the first build of their segment.

    A build writes its rows at one moment; the first one is before the second version.
    """
    rows = [change for change in changes if change.cause == Cause.DEFINITION]
    ledger = MembershipChange.objects.filter(segment=OuterRef("pk")).order_by("at")
    second = SegmentVersion.objects.filter(segment=OuterRef("pk"), number=2)
    segments = Segment.objects.filter(
        account=account_id, pk__in={change.segment_id for change in changes}
    ).annotate(first=Subquery(ledger.values("at")[:1]), second=Subquery(second.values("at")[:1]))
    moments = {
        pk: first
        for pk, first, second_at in segments.values_list("pk", "first", "second")
        if second_at is None or first < second_at
    }
    return {change.pk for change in rows if moments.get(change.segment_id) == change.at}


@dataclass(frozen=True)
class PastMember:
    """Somebody who was a member; without a profile if the person no longer exists."""

    id: int
    profile: Profile | None
    stay: Stay


def stays_of(segment: Segment, ids: Sequence[int], instant: datetime) -> list[PastMember]:
    """The members at an instant with their profiles, in two queries whatever their number."""
    people = Profile.objects.filter(account=segment.account_id).in_bulk(ids)
    stay_of = stays(segment, ids, instant)
    return [PastMember(person, people.get(person), stay_of[person]) for person in ids]
