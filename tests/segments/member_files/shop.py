"""A shop whose members are exported, and its files made without a worker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.models import Membership, Segment
from tests.fixtures.cast import AT

PEOPLE: list[dict[str, Any]] = [
    {
        "email": "anna@example.com",
        "external_id": "A-1",
        "first_name": "Anna",
        "location": {"city": "Falun", "latitude": 60.6, "longitude": 15.6},
        "properties": {
            "Points": 12.5,
            "Blue": True,
            "Sizes": ["S", "M"],
            "Initial UTM Medium": "email",
            "Note": "=1+1",
            "Any": 7,
        },
        "subscriptions": {
            "email": {
                "marketing": {
                    "consent": "SUBSCRIBED",
                    "consent_timestamp": "2026-01-02T10:00:00Z",
                    "method": "FORM",
                }
            }
        },
        "lists": [{"name": "Newsletter"}, {"name": "VIP"}],
    },
    {
        "email": "bo@example.com",
        "first_name": "",
        "properties": {"Any": "seven"},
        "subscriptions": {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}},
    },
    {"phone_number": "+46701234567", "properties": {"Points": -3, "Any": {"a": [1]}}},
]


def add_segment(account: Account, name: str = "Readers") -> Segment:
    """A segment of nobody yet, built."""
    return Segment.objects.create(
        account=account,
        name=name,
        definition={},
        created=AT,
        updated=AT,
        as_of=AT,
        status="ready",
    )


def let_in(
    segment: Segment, records: Sequence[dict[str, Any]], *, entered: datetime = AT
) -> list[Profile]:
    """People with these records, members since `entered`."""
    outcome = ingest_profiles(account=segment.account, records=list(records), at=AT)
    assert not outcome.rejected, outcome.rejected
    people = [Profile.objects.get(pk=pk) for pk in outcome.profile_ids if pk]
    Membership.objects.bulk_create(
        Membership(account=segment.account, segment=segment, profile=person, entered=entered)
        for person in people
    )
    return people


def add_orders(account: Account, email: str, *orders: tuple[str, float]) -> None:
    """Orders of a person: time and value of each, with as many items as it is worth."""
    records = [
        {
            "metric": "Placed Order",
            "time": time,
            "value": value,
            "unique_id": f"{email}-{time}",
            "properties": {"Items": value},
            "profile": {"email": email},
        }
        for time, value in orders
    ]
    outcome = ingest_events(account=account, records=records, at=AT)
    assert not outcome.rejected, outcome.rejected


def export(segment: str, out: Path, *options: str) -> dict[str, Any]:
    """What the command says of the file that it makes."""
    output = StringIO()
    call_command(
        "export_segment", segment, "--account", "shop", "--out", str(out), *options, stdout=output
    )
    said: dict[str, Any] = json.loads(output.getvalue().splitlines()[-1])
    return said
