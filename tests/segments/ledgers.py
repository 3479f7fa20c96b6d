"""Ledgers for tests: written as rows, and replayed one row after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from profiles.models import Cause
from segmenter.accounts.models import Account
from segments.models import Membership, MembershipChange, Segment
from tests.builders.shops import new_segment


class Entry(NamedTuple):
    """One row: person, direction, when it became true, when it was written (by default then)."""

    person: int
    entered: bool
    since: datetime
    at: datetime | None = None
    cause: Cause = Cause.EVENT


def ledger_segment(
    account: Account, name: str, ledger: Sequence[Entry], *, created: datetime
) -> Segment:
    """A segment with this ledger, and the members and size that it leads to."""
    segment = new_segment(account, name, created=created, updated=created, as_of=created)
    write(segment, ledger)
    return segment


def write(segment: Segment, ledger: Sequence[Entry]) -> None:
    """Append to a segment's ledger, and make its members and size so."""
    MembershipChange.objects.bulk_create(
        MembershipChange(
            account_id=segment.account_id,
            segment=segment,
            profile_id=entry.person,
            entered=entry.entered,
            cause=entry.cause,
            true_since=entry.since,
            at=entry.at or entry.since,
        )
        for entry in ledger
    )
    Membership.objects.filter(segment=segment).delete()
    inside = {}
    for change in MembershipChange.objects.filter(segment=segment).order_by("pk"):
        if change.entered:
            inside[change.profile_id] = change.true_since
        else:
            del inside[change.profile_id]
    Membership.objects.bulk_create(
        Membership(account_id=segment.account_id, segment=segment, profile_id=person, entered=since)
        for person, since in inside.items()
    )
    segment.size = len(inside)
    segment.save()


def counting(ledger: Iterable[Entry]) -> list[tuple[datetime, Entry]]:
    """From when each row counts: never before the person's last one, never after it was written."""
    last: dict[int, datetime] = {}
    rows = []
    for entry in ledger:
        counts = entry.since
        if entry.at is not None and entry.at < counts:
            counts = entry.at
        if entry.person in last and last[entry.person] > counts:
            counts = last[entry.person]
        last[entry.person] = counts
        rows.append((counts, entry))
    return rows


def inside(ledger: Iterable[Entry], instant: datetime) -> set[int]:
    """Who is in at an instant."""
    people: set[int] = set()
    for counts, entry in counting(ledger):
        if counts <= instant:
            (people.add if entry.entered else people.remove)(entry.person)
    return people


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def long_ledger(first: datetime, days: int, people: int = 60) -> list[Entry]:
    """A ledger to look at: everyone comes and goes, weekly more and less, always the same."""
    ledger, is_in = [], dict.fromkeys(range(1, people + 1), False)
    state = 1
    for day in range(days):
        for person in is_in:
            state = (state * 1_103_515_245 + 12_345) % 2**31
            likely = (3 + day % 7) if not is_in[person] else 2
            if state // 65_536 % 60 < likely:
                is_in[person] = not is_in[person]
                cause = (Cause.EVENT, Cause.PROPERTY, Cause.TIME)[state // 65_536 % 3]
                since = first + timedelta(days=day, minutes=state // 65_536 % 1_440)
                ledger.append(Entry(person, is_in[person], since, cause=cause))
    return ledger
