"""Workers that race for one identifier: no person is mixed up, nothing is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from profiles.ingest.store import IngestResult, ingest_events, ingest_profiles
from profiles.models import Event, Profile
from segmenter.accounts.models import Account
from tests.builders.shops import at_once

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PHONE = "+46701000031"
ROUNDS = 12


def people(account: Account, *records: dict[str, Any]) -> IngestResult:
    return ingest_profiles(account=account, records=records, at=NOON)


def visit(account: Account, unique_id: str, who: dict[str, Any]) -> IngestResult:
    event = {"metric": "Visited", "time": NOON, "unique_id": unique_id, "profile": who}
    return ingest_events(account=account, records=[event], at=NOON)


def test_a_family_that_comes_at_once_is_as_many_people_with_one_phone(shop: Account) -> None:
    def come(name: str) -> None:
        for n in range(ROUNDS):
            who = {"email": f"{name}{n}@x.se", "phone_number": f"{PHONE}{n}", "title": name}
            outcome = visit(shop, name, who) if name in "ab" else people(shop, who)
            assert not outcome.rejected

    at_once(*(lambda name=name: come(name) for name in "abcd"))
    rows = [(str(one.email), one.phone_number, str(one.title)) for one in Profile.objects.all()]
    assert sorted(email for email, _, _ in rows) == sorted(
        f"{name}{n}@x.se" for name in "abcd" for n in range(ROUNDS)
    )
    assert all(email[0] == title for email, _, title in rows)
    phones = [phone for _, phone, _ in rows if phone is not None]
    assert sorted(phones) == sorted(f"{PHONE}{n}" for n in range(ROUNDS))


def test_a_device_that_many_use_at_once_is_one_persons_in_the_end(shop: Account) -> None:
    people(shop, *({"email": f"{name}@x.se"} for name in "abcd"))

    def come(name: str) -> None:
        for n in range(ROUNDS):
            who = {"email": f"{name}@x.se", "anonymous_id": "device"}
            outcome = visit(shop, f"{name}-{n}", who)
            assert not outcome.rejected

    at_once(*(lambda name=name: come(name) for name in "abcd"))
    assert Profile.objects.count() == 4
    whose = Event.objects.values_list("profile__email", "unique_id")
    assert all(str(email)[0] == unique_id[0] for email, unique_id in whose)
    assert Event.objects.count() == 4 * ROUNDS
    last = Profile.objects.get(anonymous_id="device")
    outcome = visit(shop, "nameless", {"anonymous_id": "device"})
    assert outcome.profile_ids == [last.pk]
