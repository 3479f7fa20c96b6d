"""The person of a record: identifiers attach, conflict, and stay valid after a merge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from profiles.ingest.merge import merge
from profiles.ingest.parse import read_profile
from profiles.ingest.resolve import find, resolve
from profiles.ingest.store import IngestResult, ingest_events, ingest_profiles
from profiles.ingest.write_profiles import write_people
from profiles.models import IDENTIFIERS, Event, Profile, ProfileChange
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.errors import NotFound

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def people(
    account: Account, *records: dict[str, Any], refuse_contested: bool = False
) -> IngestResult:
    return ingest_profiles(
        account=account, records=records, at=NOON, refuse_contested=refuse_contested
    )


def visit(account: Account, *visitors: dict[str, Any]) -> IngestResult:
    records = [
        {"metric": "Visited", "time": NOON, "unique_id": str(n), "profile": who}
        for n, who in enumerate(visitors)
    ]
    return ingest_events(account=account, records=records, at=NOON)


def identifiers_of(profile_id: int | None) -> dict[str, str]:
    row = Profile.objects.filter(pk=profile_id or 0).values(*IDENTIFIERS).get()
    return {name: value for name, value in row.items() if value is not None}


def problems(outcome: IngestResult) -> list[tuple[int, str, str]]:
    return [(r.index, r.problem.pointer, r.problem.code) for r in outcome.rejected]


def test_identifiers_attach_to_the_person_that_another_one_finds(shop: Account) -> None:
    outcome = people(
        shop,
        {"anonymous_id": "cookie"},
        {"anonymous_id": "cookie", "email": "a@x.se"},
        {"email": "a@x.se", "phone_number": "+46701234567", "external_id": "1"},
    )
    assert len(set(outcome.profile_ids)) == 1
    assert identifiers_of(outcome.profile_ids[0]) == {
        "anonymous_id": "cookie",
        "email": "a@x.se",
        "phone_number": "+46701234567",
        "external_id": "1",
    }


def test_a_persons_own_record_may_replace_an_identifier(shop: Account) -> None:
    people(shop, {"external_id": "1", "email": "old@x.se"})
    people(shop, {"external_id": "1", "email": "new@x.se"})
    outcome = people(shop, {"email": "old@x.se"})
    assert identifiers_of(Profile.objects.get(external_id="1").pk)["email"] == "new@x.se"
    assert identifiers_of(outcome.profile_ids[0]) == {"email": "old@x.se"}


def test_an_event_only_adds_what_is_missing(shop: Account) -> None:
    (one,) = people(shop, {"external_id": "1", "email": "a@x.se"}).profile_ids
    visitor = {"external_id": "1", "email": "b@x.se", "phone_number": "+46701234567"}
    assert visit(shop, visitor).profile_ids == [one]
    assert identifiers_of(one) == {
        "external_id": "1",
        "email": "a@x.se",
        "phone_number": "+46701234567",
    }
    assert visit(shop, {"external_id": "1", "email": None}).profile_ids == [one]
    assert identifiers_of(one)["email"] == "a@x.se"


def test_an_event_of_two_people_goes_to_the_strongest_identifier(shop: Account) -> None:
    one, two = people(shop, {"email": "a@x.se"}, {"external_id": "2"}).profile_ids
    assert visit(shop, {"external_id": "2", "email": "a@x.se"}).profile_ids == [two]
    assert identifiers_of(one) == {"email": "a@x.se"}
    assert identifiers_of(two) == {"external_id": "2"}


def test_a_record_of_two_people_is_a_conflict_where_that_is_asked_for(shop: Account) -> None:
    one, _two, three = people(
        shop, {"email": "a@x.se"}, {"external_id": "2"}, {"external_id": "3"}
    ).profile_ids
    outcome = people(
        shop,
        {"email": "a@x.se", "external_id": "2", "first_name": "X"},
        {"id": str(three), "email": "a@x.se", "first_name": "X"},
        {"email": "b@x.se", "phone_number": "+46701000001"},
        {"email": "c@x.se", "phone_number": "+46701000001", "first_name": "X"},
        {"email": "a@x.se", "first_name": "Ada"},
        refuse_contested=True,
    )
    assert problems(outcome) == [
        (0, "/external_id", "duplicate_profile"),
        (1, "/email", "duplicate_profile"),
        (3, "/phone_number", "duplicate_profile"),
    ]
    assert list(Profile.objects.exclude(first_name=None).values_list("pk")) == [(one,)]


# --- two people stay two ---


PHONE, OTHER_PHONE = "+46701000031", "+46701000032"


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("store", [people, visit])
def test_two_addresses_with_one_phone_are_two_people(
    shop: Account, store: Any, together: bool
) -> None:
    anna = {"email": "anna@home.example", "first_name": "Anna", "phone_number": PHONE}
    bert = {"email": "bert@home.example", "first_name": "Bert", "phone_number": PHONE}
    if together:
        outcome = store(shop, anna, bert)
        one, two = outcome.profile_ids
    else:
        (one,) = store(shop, anna).profile_ids
        outcome = store(shop, bert)
        (two,) = outcome.profile_ids
    assert identifiers_of(one) == {"email": "anna@home.example", "phone_number": PHONE}
    assert identifiers_of(two) == {"email": "bert@home.example"}
    assert outcome.contested == {"phone_number": 1}
    names = Profile.objects.order_by("pk").values_list("first_name", flat=True)
    assert list(names) == ["Anna", "Bert"]
    again = store(shop, bert)
    assert again.profile_ids == [two]
    assert again.created == set()


@pytest.mark.parametrize("store", [people, visit])
def test_an_address_of_a_person_with_another_external_id_stays_there(
    shop: Account, store: Any
) -> None:
    (one,) = people(shop, {"external_id": "shop-1", "email": "both@x.se"}).profile_ids
    outcome = store(shop, {"external_id": "shop-2", "email": "both@x.se"})
    (two,) = outcome.profile_ids
    assert identifiers_of(one) == {"external_id": "shop-1", "email": "both@x.se"}
    assert identifiers_of(two) == {"external_id": "shop-2"}
    assert outcome.contested == {"email": 1}
    assert not outcome.rejected


@pytest.mark.parametrize("store", [people, visit])
def test_a_weaker_identifier_leads_to_who_lacks_the_stronger_one(shop: Account, store: Any) -> None:
    (one,) = people(shop, {"phone_number": PHONE}).profile_ids
    outcome = store(
        shop,
        {"external_id": "1", "phone_number": PHONE},
        {"email": "a@x.se", "phone_number": PHONE},
        {"external_id": "2", "email": "a@x.se"},
    )
    assert outcome.profile_ids[:2] == [one, one]
    assert identifiers_of(one) == {"external_id": "1", "email": "a@x.se", "phone_number": PHONE}
    assert identifiers_of(outcome.profile_ids[2]) == {"external_id": "2"}
    assert outcome.contested == {"email": 1}


@pytest.mark.parametrize("store", [people, visit])
def test_past_a_contested_address_an_uncontested_phone_leads_on(shop: Account, store: Any) -> None:
    one, two = people(
        shop, {"external_id": "1", "email": "a@x.se"}, {"phone_number": PHONE}
    ).profile_ids
    outcome = store(shop, {"external_id": "2", "email": "a@x.se", "phone_number": PHONE})
    assert outcome.profile_ids == [two]
    assert identifiers_of(one) == {"external_id": "1", "email": "a@x.se"}
    assert identifiers_of(two) == {"external_id": "2", "phone_number": PHONE}


def test_nothing_is_replaced_or_cleared_through_something_weaker(shop: Account) -> None:
    (one,) = people(shop, {"email": "a@x.se", "phone_number": PHONE}).profile_ids
    people(
        shop,
        {"phone_number": PHONE, "email": None, "first_name": "Ada"},
        {"phone_number": PHONE, "email": "b@x.se"},
    )
    assert identifiers_of(one) == {"email": "a@x.se", "phone_number": PHONE}
    people(shop, {"email": "a@x.se", "phone_number": OTHER_PHONE})
    assert identifiers_of(one) == {"email": "a@x.se", "phone_number": OTHER_PHONE}


def test_a_person_keeps_one_identifier_at_least(shop: Account) -> None:
    (one,) = people(shop, {"email": "a@x.se", "phone_number": PHONE}).profile_ids
    outcome = people(
        shop,
        {"id": str(one), "phone_number": None},
        {"id": str(one), "email": None, "first_name": "Nobody"},
    )
    assert problems(outcome) == [(1, "/email", "no_identifier")]
    assert identifiers_of(one) == {"email": "a@x.se"}
    assert not Profile.objects.filter(first_name="Nobody").exists()


def test_addresses_may_change_hands_within_a_batch(shop: Account) -> None:
    one, two = people(
        shop, {"external_id": "1", "email": "a@x.se"}, {"external_id": "2", "email": "b@x.se"}
    ).profile_ids
    outcome = people(
        shop,
        {"external_id": "1", "email": "c@x.se"},
        {"external_id": "2", "email": "a@x.se"},
        {"external_id": "3", "email": "b@x.se"},
        {"external_id": "1", "email": "d@x.se"},
    )
    assert not outcome.rejected
    emails = dict(Profile.objects.values_list("external_id", "email"))
    assert emails == {"1": "d@x.se", "2": "a@x.se", "3": "b@x.se"}
    assert outcome.profile_ids[:2] == [one, two]


# --- devices ---


def test_a_device_of_two_addresses_goes_to_the_latest_who_used_it(shop: Account) -> None:
    outcome = visit(
        shop,
        {"anonymous_id": "device-1"},
        {"anonymous_id": "device-1", "email": "one@dev.example"},
        {"anonymous_id": "device-1"},
        {"anonymous_id": "device-1", "email": "two@dev.example"},
        {"anonymous_id": "device-1"},
        {"anonymous_id": "device-1", "email": "one@dev.example"},
        {"anonymous_id": "device-1"},
        {"email": "two@dev.example"},
    )
    one, two = outcome.profile_ids[0], outcome.profile_ids[3]
    assert outcome.profile_ids == [one, one, one, two, two, one, one, two]
    assert identifiers_of(one) == {"email": "one@dev.example", "anonymous_id": "device-1"}
    assert identifiers_of(two) == {"email": "two@dev.example"}
    assert not outcome.contested


def test_a_device_moves_between_people_who_were_known_before(shop: Account) -> None:
    one, two = people(shop, {"email": "one@x.se"}, {"email": "two@x.se"}).profile_ids
    for email, whose in (("one@x.se", one), ("two@x.se", two), ("one@x.se", one)):
        visit(shop, {"anonymous_id": "d", "email": email})
        assert visit(shop, {"anonymous_id": "d"}).profile_ids == [whose]
    people(shop, {"email": "two@x.se", "anonymous_id": "d"})
    assert visit(shop, {"anonymous_id": "d"}).profile_ids == [two]
    assert identifiers_of(one) == {"email": "one@x.se"}


def test_whoever_loses_a_device_is_told_of_as_changed(shop: Account) -> None:
    (one,) = people(shop, {"email": "one@x.se", "anonymous_id": "d"}).profile_ids
    ProfileChange.objects.all().delete()
    (two,) = visit(shop, {"anonymous_id": "d", "email": "two@x.se"}).profile_ids
    facts = {change.profile_id: set(change.facts) for change in ProfileChange.objects.all()}
    assert "attribute:anonymous_id" in facts[int(one or 0)]
    assert facts.keys() == {one, two}


# --- placeholders ---


def test_guests_with_the_customer_number_0_are_themselves(shop: Account) -> None:
    visitors = [{"external_id": "0", "email": f"g{n}@guest.example"} for n in range(3)]
    outcome = visit(shop, *visitors, {"external_id": "0"})
    assert len(set(outcome.profile_ids[:3])) == 3
    assert problems(outcome) == [(3, "/profile", "no_identifier")]
    assert "'0' in external_id is a placeholder" in outcome.rejected[0].problem.message
    assert not Profile.objects.exclude(external_id=None).exists()


def test_a_placeholder_that_is_stored_already_attracts_nobody(shop: Account) -> None:
    old = Profile.objects.create(
        account=shop, external_id="0", email="first@x.se", created=NOON, updated=NOON
    )
    outcome = visit(shop, {"external_id": "0", "email": "second@x.se"})
    assert outcome.profile_ids != [old.pk]
    assert people(shop, {"external_id": "7", "email": "first@x.se"}).profile_ids == [old.pk]
    assert identifiers_of(old.pk) == {"external_id": "7", "email": "first@x.se"}


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
    a, b, c = people(shop, *({"external_id": n} for n in "abc")).profile_ids
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
        resolution = resolve(shop.pk, [visitor], own=False)
        assert resolution.ids == [one]
        Profile.objects.filter(pk=one or 0).update(email="own@x.se")
        assert write_people(shop, {int(one or 0): [visitor]}, resolution, NOON) is None
    assert identifiers_of(one)["email"] == "own@x.se"
