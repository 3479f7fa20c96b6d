"""Who a record speaks of: identifiers attach, conflict, and lead on after a merge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from profiles import identity
from profiles.identity import find, merge, resolve
from profiles.ingest import Outcome, ingest_events, ingest_profiles
from profiles.models import Event, Profile
from profiles.records import read_profile
from profiles.states import write_people
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.errors import NotFound

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def shop() -> Account:
    return create_account(slug="shop")


def people(account: Account, *records: dict[str, Any]) -> Outcome:
    return ingest_profiles(account=account, records=records, at=NOON)


def visit(account: Account, *visitors: dict[str, Any]) -> Outcome:
    records = [
        {"metric": "Visited", "time": NOON, "unique_id": str(n), "profile": who}
        for n, who in enumerate(visitors)
    ]
    return ingest_events(account=account, records=records, at=NOON)


def known(profile_id: int | None) -> dict[str, str]:
    row = Profile.objects.filter(pk=profile_id).values(*identity.IDENTIFIERS).get()
    return {name: value for name, value in row.items() if value is not None}


def problems(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(r.index, r.problem.pointer, r.problem.code) for r in outcome.rejected]


def test_identifiers_attach_to_the_person_that_another_one_finds(shop: Account) -> None:
    outcome = people(
        shop,
        {"anonymous_id": "cookie"},
        {"anonymous_id": "cookie", "email": "a@x.se"},
        {"email": "a@x.se", "phone_number": "+46701234567", "external_id": "1"},
    )
    assert len(set(outcome.profile_ids)) == 1
    assert known(outcome.profile_ids[0]) == {
        "anonymous_id": "cookie",
        "email": "a@x.se",
        "phone_number": "+46701234567",
        "external_id": "1",
    }


def test_a_persons_own_record_may_replace_an_identifier(shop: Account) -> None:
    people(shop, {"external_id": "1", "email": "old@x.se"})
    people(shop, {"external_id": "1", "email": "new@x.se"})
    outcome = people(shop, {"email": "old@x.se"})
    assert known(Profile.objects.get(external_id="1").pk)["email"] == "new@x.se"
    assert known(outcome.profile_ids[0]) == {"email": "old@x.se"}


def test_an_event_only_adds_what_is_missing(shop: Account) -> None:
    (one,) = people(shop, {"external_id": "1", "email": "a@x.se"}).profile_ids
    visitor = {"external_id": "1", "email": "b@x.se", "phone_number": "+46701234567"}
    assert visit(shop, visitor).profile_ids == [one]
    assert known(one) == {"external_id": "1", "email": "a@x.se", "phone_number": "+46701234567"}
    assert visit(shop, {"external_id": "1", "email": None}).profile_ids == [one]
    assert known(one)["email"] == "a@x.se"


def test_an_event_of_two_people_goes_to_the_strongest_identifier(shop: Account) -> None:
    one, two = people(shop, {"email": "a@x.se"}, {"external_id": "2"}).profile_ids
    assert visit(shop, {"external_id": "2", "email": "a@x.se"}).profile_ids == [one]
    assert known(one) == {"email": "a@x.se"}
    assert known(two) == {"external_id": "2"}


def test_a_record_of_two_people_is_a_conflict(shop: Account) -> None:
    one, _two, three = people(
        shop, {"email": "a@x.se"}, {"external_id": "2"}, {"external_id": "3"}
    ).profile_ids
    outcome = people(
        shop,
        {"email": "a@x.se", "external_id": "2", "first_name": "X"},
        {"id": str(three), "email": "a@x.se", "first_name": "X"},
        {"email": "a@x.se", "first_name": "Ada"},
    )
    assert problems(outcome) == [
        (0, "/external_id", "duplicate_profile"),
        (1, "/email", "duplicate_profile"),
    ]
    assert list(Profile.objects.exclude(first_name=None).values_list("pk")) == [(one,)]


def test_two_people_of_a_batch_cannot_share_an_email(shop: Account) -> None:
    batch = [
        {"external_id": "1", "email": "a@x.se"},
        {"external_id": "2", "email": "a@x.se"},
        {"external_id": "3", "email": "c@x.se"},
        {"external_id": "1", "email": "new@x.se"},
    ]
    for _ in range(2):
        outcome = people(shop, *batch)
        assert problems(outcome) == [(1, "/email", "duplicate_profile")]
        assert sorted(Profile.objects.values_list("external_id", "email")) == [
            ("1", "new@x.se"),
            ("3", "c@x.se"),
        ]


def test_an_unknown_id_is_refused_and_makes_nobody(shop: Account) -> None:
    outcome = people(shop, {"id": "123456789"}, {"id": "1", "email": "a@x.se"})
    assert problems(outcome) == [(0, "/id", "not_found"), (1, "/id", "not_found")]
    assert not Profile.objects.exists()


def test_the_same_identifiers_in_two_accounts_are_two_people(shop: Account) -> None:
    other = create_account(slug="other")
    record = {"external_id": "1", "email": "a@x.se", "phone_number": "+46701234567"}
    (ours,) = people(shop, record).profile_ids
    (theirs,) = people(other, record).profile_ids
    assert ours != theirs
    assert find(shop, str(ours)).account_id == shop.pk
    with pytest.raises(NotFound):
        find(shop, str(theirs))
    with pytest.raises(NotFound):
        merge(account=shop, keep_id=int(ours or 0), drop_id=int(theirs or 0), at=NOON)
    assert Profile.objects.count() == 2


@pytest.mark.parametrize("id_", ["", "x", "-1", "1.0", "9" * 19, "9" * 5000, "٣x"])
def test_what_is_no_id_finds_nobody(shop: Account, id_: str) -> None:
    with pytest.raises(NotFound):
        find(shop, id_)


def test_merged_ids_lead_on_however_many_merges(shop: Account) -> None:
    a, b, c = people(*[shop, *({"external_id": n} for n in "abc")]).profile_ids
    assert a is not None
    assert b is not None
    assert c is not None
    merge(account=shop, keep_id=b, drop_id=a, at=NOON)
    merge(account=shop, keep_id=c, drop_id=a, at=NOON)  # by now a is b
    for id_ in (a, b, c):
        assert find(shop, id_).pk == c
        assert people(shop, {"id": str(id_), "title": str(id_)}).profile_ids == [c]
    assert visit(shop, {"id": str(a)}, {"id": str(b)}).profile_ids == [c, c]
    assert Event.objects.filter(profile_id=c).count() == 2
    assert list(Profile.objects.values_list("pk")) == [(c,)]


@pytest.mark.django_db(transaction=True)
def test_what_an_event_adds_is_looked_at_again_under_the_lock(shop: Account) -> None:
    (one,) = people(shop, {"external_id": "1"}).profile_ids
    visitor = read_profile({"external_id": "1", "email": "event@x.se"})
    with transaction.atomic():
        resolution = resolve(shop.pk, [visitor], strict=False)
        assert resolution.ids == [one]
        Profile.objects.filter(pk=one).update(email="own@x.se")
        assert write_people(shop, {int(one or 0): [visitor]}, resolution, NOON) is None
    assert known(one)["email"] == "own@x.se"
