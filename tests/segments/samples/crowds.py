"""Segments with members for tests of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiles.ingest.store import ingest_profiles
from profiles.models import ListMember
from segmenter.accounts.models import Account
from segments.models import Membership, Sample, Segment, SegmentStatus
from tests.fixtures.cast import AT

EVERYBODY = {
    "condition_groups": [
        {
            "conditions": [
                {
                    "type": "profile-property",
                    "property": "email",
                    "filter": {"type": "existence", "operator": "is-set"},
                }
            ]
        }
    ]
}


def segment_of(account: Account, records: Sequence[dict[str, Any]], name: str = "All") -> Segment:
    """A segment that is ready and holds these people."""
    segment = Segment.objects.create(
        account=account,
        name=name,
        definition=EVERYBODY,
        status=SegmentStatus.READY,
        size=len(records),
        as_of=AT,
        created=AT,
        updated=AT,
    )
    outcome = ingest_profiles(account=account, records=records, at=AT)
    assert not outcome.rejected
    Membership.objects.bulk_create(
        Membership(account=account, segment=segment, profile_id=person, entered=AT)
        for person in outcome.profile_ids
        if person is not None
    )
    return segment


def crowd(account: Account, size: int, name: str = "All") -> Segment:
    """A segment of `size` people: every fifth has no e-mail address, two of three are in Sweden."""
    records = [
        {
            ("external_id" if number % 5 == 0 else "email"): f"p{number}@example.com",
            "location": {"country": "Sweden" if number % 3 else "Norway"},
            "properties": {"Size": "SML"[number % 7 % 3]},
        }
        for number in range(size)
    ]
    return segment_of(account, records, name)


def people_on(sample: Sample) -> list[set[int]]:
    """The people on a sample's lists, group by group."""
    return [
        set(ListMember.objects.filter(list=group.list_id).values_list("profile_id", flat=True))
        for group in sample.groups.order_by("place")
    ]
