"""The ledger of membership for the pages: who entered and left, and who was a member when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from profiles.models import Cause, Profile, ProfileMerge
from profiles.queries import search_people
from segmenter.accounts.models import Account
from segments.engine.growth import Stay, stays
from segments.history import causes
from segments.models import MembershipChange, Segment
from segments.models.membership import Ledger

FEW = 200
"""Up to this many people, the ledger is read person by person."""


def ledger_of(
    segment: Segment, *, way: str = "", cause: str = "", words: str = ""
) -> QuerySet[MembershipChange]:
    """Who entered and who left; only one of the two if `way` is "entered" or "left".

    `words` search for people, or are an id, which also matches people who no longer exist.
    """
    rows = _about(segment.account, words) if words else MembershipChange.objects.all()
    rows = rows.filter(account=segment.account_id, segment=segment)
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

    @property
    def why(self) -> str:
        """The cause in words."""
        return causes.cause_text(Cause(self.change.cause))


def with_people(segment: Segment, changes: Sequence[MembershipChange]) -> list[LedgerRow]:
    """The changes with their people, in two queries whatever their number."""
    ids = {change.profile_id for change in changes}
    people = Profile.objects.filter(account=segment.account_id).in_bulk(ids)
    return [LedgerRow(change, people.get(change.profile_id)) for change in changes]


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
