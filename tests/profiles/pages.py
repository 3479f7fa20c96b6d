"""What the tests of pages of people, lists and metrics share."""

from __future__ import annotations

import re

from django.test import Client

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.lists.editing import add_to_list, create_list
from profiles.models import List, Profile
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT


def text(client: Client, path: str, **query: str) -> str:
    """A page with single spaces, wherever its template breaks lines."""
    response = client.get(path, query)
    assert response.status_code == 200, path
    return re.sub(r"\s+", " ", response.content.decode())


def crowd(account: Account, number: int, start: int = 0) -> None:
    records = [
        {"email": f"p{n:03}@example.com", "lists": [{"name": "Crowd"}]}
        for n in range(start, start + number)
    ]
    ingest_profiles(account=account, records=records, at=AT)


def fill(account: Account, newsletter: List) -> None:
    """Add 40 people, all of them on the list, 20 metrics and 10 lists."""
    crowd(account, 40)
    ids = list(Profile.objects.values_list("pk", flat=True))
    add_to_list(account=account, key=newsletter.key, profile_ids=ids, at=AT)
    events = [
        {"metric": f"Metric {n}", "time": AT.isoformat(), "profile": {"email": "bo@example.com"}}
        for n in range(20)
    ]
    ingest_events(account=account, records=events, at=AT)
    for number in range(10):
        create_list(account=account, name=f"List {number}", at=AT)
