"""A segment with people and a destination of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from profiles.ingest.store import ingest_profiles
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account
from segments.destinations.access import encrypt_secrets
from segments.destinations.kind import ListDestination, list_destinations
from segments.destinations.sync import bring_up_to_date
from segments.models import (
    Destination,
    Membership,
    MembershipChange,
    Schedule,
    Segment,
    SegmentStatus,
)
from tests.fixtures.cast import AT

HOUR = timedelta(hours=1, seconds=20)
"""A little more than an hour: what a worker does takes time."""
DAY = timedelta(days=1, seconds=20)


@contextmanager
def installed(name: str, kind: ListDestination) -> Iterator[None]:
    """Have a kind of list destination for a while."""
    list_destinations.add(name, kind)
    try:
        yield
    finally:
        del list_destinations._entries[name]


def new_segment(account: Account, name: str = "Buyers") -> Segment:
    return Segment.objects.create(
        account=account,
        name=name,
        definition={},
        status=SegmentStatus.READY,
        as_of=AT,
        created=AT,
        updated=AT,
    )


def new_destination(segment: Segment, kind: str = "receiver", **changed: Any) -> Destination:
    values: dict[str, Any] = {
        "name": "List",
        "settings": {"list": "77"},
        "secrets": encrypt_secrets({"token": "secret"}),
        "schedule": Schedule.HOURLY,
        "next_at": AT,
        "created": AT,
    }
    return Destination.objects.create(
        account=segment.account, segment=segment, kind=kind, **values | changed
    )


def person(account: Account, at: datetime = AT, **record: Any) -> Profile:
    outcome = ingest_profiles(account=account, records=[record], at=at)
    assert not outcome.rejected
    (profile_id,) = outcome.profile_ids
    assert profile_id is not None
    return Profile.objects.get(pk=profile_id)


def let_in(segment: Segment, *records: dict[str, Any], at: datetime = AT) -> list[Profile]:
    """People with these records, members of the segment."""
    people = [person(segment.account, at, **record) for record in records]
    for each in people:
        enter(segment, each, at)
    return people


def enter(segment: Segment, who: Profile, at: datetime = AT) -> None:
    """Somebody enters, with a row of the ledger, as the live path writes it."""
    Membership.objects.create(account=segment.account, segment=segment, profile=who, entered=at)
    _note(segment, who.pk, at, entered=True)


def leave(segment: Segment, who: Profile, at: datetime = AT) -> None:
    if Membership.objects.filter(segment=segment, profile=who).delete()[0]:
        _note(segment, who.pk, at, entered=False)


def _note(segment: Segment, profile_id: int, at: datetime, *, entered: bool) -> None:
    MembershipChange.objects.create(
        account=segment.account,
        segment=segment,
        profile_id=profile_id,
        entered=entered,
        cause=Cause.EVENT,
        true_since=at,
        at=at,
    )


def run(destination: Destination, at: datetime = AT) -> Destination:
    """A worker has its turn; something was due."""
    assert bring_up_to_date(destination.pk, at)
    destination.refresh_from_db()
    return destination
