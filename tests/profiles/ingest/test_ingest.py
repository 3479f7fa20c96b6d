"""Batches of people and events: stored once, wholly, and whatever else is in the batch."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from profiles import changes
from profiles.ingest.parse import FILE_TIMES, read_event
from profiles.ingest.store import ingest_events
from profiles.models import Consent, Event, List, ListMember, Metric, Profile, Suppression
from segmenter.accounts.models import Account, create_account
from tests.builders.shops import at_once
from tests.profiles.ingest.batches import NOON, consent, counts, events, order, people

pytestmark = pytest.mark.django_db


LATER = NOON + timedelta(hours=1)
R = TypeVar("R")


# --- the same again ---


def test_the_same_people_again_change_nothing(shop: Account) -> None:
    batch = [
        {
            "email": f"{n}@x.se",
            "first_name": "Åsa",
            "location": {"city": "Falun", "latitude": 60.6, "timezone": "Europe/Stockholm"},
            "properties": {"size": n, "big": 1e22, "tags": [1, True, None, {"a": 1.5}]},
            "subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}},
            "lists": [{"name": "Newsletter"}],
            "created": "2025-01-01T00:00:00Z",
        }
        for n in range(3)
    ]
    first = people(shop, *batch)
    rows = list(Profile.objects.order_by("pk").values())
    again = people(shop, *batch, at=LATER)

    assert counts(first) == (3, 0, 0)
    assert counts(again) == (0, 3, 0)
    assert again.profile_ids == first.profile_ids
    assert again.created == set()
    assert list(Profile.objects.order_by("pk").values()) == rows


def test_the_same_events_again_change_nothing(shop: Account) -> None:
    batch = [order("a", "1"), order("a", "2"), order("b", "1")]
    assert counts(events(shop, *batch)) == (3, 0, 0)
    assert counts(events(shop, *batch, order("b", "2"), at=LATER)) == (1, 3, 0)
    assert Event.objects.count() == 4


def test_a_unique_id_counts_once_within_a_batch_too(shop: Account) -> None:
    assert counts(events(shop, order("a", "1"), order("a", "1", value=5))) == (1, 1, 0)


@pytest.mark.parametrize("is_known", [False, True])
def test_the_first_of_a_unique_id_in_a_batch_is_the_one_that_counts(
    shop: Account, is_known: bool
) -> None:
    if is_known:
        people(shop, {"external_id": "a"})
    earlier = (NOON - timedelta(days=9)).isoformat()
    twice = [order("a", "1", value=1), order("a", "1", value=2, time=earlier)]
    assert counts(events(shop, *twice)) == (1, 1, 0)
    assert Event.objects.get().value == 1
    assert active("a") == (NOON, NOON)


def test_a_unique_id_is_for_one_person_and_metric(shop: Account) -> None:
    other = order("a", "1") | {"metric": "Refunded Order"}
    assert counts(events(shop, order("a", "1"), order("b", "1"), other)) == (3, 0, 0)


def test_without_a_unique_id_the_second_serves(shop: Account) -> None:
    soon = (NOON + timedelta(milliseconds=400)).isoformat()
    next_second = (NOON + timedelta(seconds=1)).isoformat()
    batch = [order("a"), order("a", time=soon), order("a", time=next_second)]
    assert counts(events(shop, *batch)) == (2, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_a_unique_id_counts_once_however_concurrently_it_is_sent(shop: Account) -> None:
    batch = [order(f"p{n % 7}", str(n)) for n in range(200)]
    outcomes = at_once(*[lambda: events(shop, *batch)] * 4)
    assert sum(outcome.accepted for outcome in outcomes) == 200
    assert sum(outcome.unchanged for outcome in outcomes) == 600
    assert Event.objects.count() == 200
    assert Profile.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_workers_that_make_the_same_person_make_one(shop: Account) -> None:
    for round_ in range(5):
        record = {"email": f"{round_}@x.se", "external_id": f"p{round_}"}
        outcomes = at_once(*[lambda record=record: people(shop, record)] * 4)
        assert len({id_ for outcome in outcomes for id_ in outcome.profile_ids}) == 1
        assert sum(len(outcome.created) for outcome in outcomes) == 1
    assert Profile.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_shuffled_overlapping_batches_all_arrive(shop: Account) -> None:
    def batch(seed: int) -> list[dict[str, Any]]:
        dice = random.Random(seed)
        names = [f"p{n}" for n in range(30)]
        dice.shuffle(names)
        return [
            order(name, f"{seed}-{name}", properties={f"{name}-{n}": n for n in range(3)})
            for name in names
        ]

    def send(seed: int) -> int:
        done = 0
        for part in range(3):
            records = [
                {"external_id": e["profile"]["external_id"], "properties": e["properties"]}
                for e in batch(seed + part)
            ]
            done += events(shop, *batch(seed * 10 + part)).accepted
            done += len(people(shop, *records).profile_ids)
        return done

    assert at_once(*[lambda seed=seed: send(seed) for seed in range(1, 5)]) == [180] * 4
    assert Event.objects.count() == 4 * 90
    assert Profile.objects.count() == 30


# --- fields of a person's record ---


def test_null_clears_and_what_is_not_mentioned_stays(shop: Account) -> None:
    full = {
        "external_id": "a",
        "email": "A@X.se",
        "first_name": "Ada",
        "title": "Dr",
        "location": {"city": "Falun", "country": "Sweden", "latitude": 1, "longitude": 2},
        "properties": {"size": 5, "colour": "red"},
    }
    people(shop, full)
    cleared = {"title": None, "location": {"latitude": None, "longitude": None}}
    people(shop, {"external_id": "a", "properties": {"size": None}, "email": None, **cleared})
    person = Profile.objects.get()
    assert (person.email, person.first_name, person.title) == (None, "Ada", None)
    assert (person.city, person.latitude) == ("Falun", None)
    assert person.point_latitude == pytest.approx(60.6, abs=0.1)
    assert person.properties == {"colour": "red"}


def test_identifiers_are_brought_into_one_form(shop: Account) -> None:
    people(shop, {"email": " Ada@X.SE ", "phone_number": "+46 70 123 45 67"})
    person = Profile.objects.get()
    assert (person.email, person.phone_number) == ("ada@x.se", "+46701234567")
    assert people(shop, {"email": "ADA@x.se"}).profile_ids == [person.pk]


def test_a_property_may_change_its_type(shop: Account) -> None:
    values = [1, True, "1", [1], [True], {"a": 1}, {"a": True}, False, 0]
    for value in values:
        assert counts(people(shop, {"external_id": "a", "properties": {"p": value}})) == (1, 0, 0)
        read_value = Profile.objects.get().properties["p"]
        assert (read_value, repr(read_value)) == (value, repr(value))


def test_created_only_moves_back(shop: Account) -> None:
    people(shop, {"external_id": "a", "created": "2025-05-01T00:00:00Z"})
    people(shop, {"external_id": "a", "created": "2025-06-01T00:00:00Z"})
    assert Profile.objects.get().created == datetime(2025, 5, 1, tzinfo=UTC)
    people(shop, {"external_id": "a", "created": "2024-06-01T00:00:00Z"})
    assert Profile.objects.get().created == datetime(2024, 6, 1, tzinfo=UTC)


def agreed(status: str, date: str | None = None, **more: Any) -> dict[str, Any]:
    statement = {"consent": status, "consent_timestamp": date, **more}
    return {"external_id": "a", "subscriptions": {"email": {"marketing": statement}}}


JANUARY, FEBRUARY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("first", "second", "date"),
    [
        (agreed("SUBSCRIBED", "2026-01-01"), agreed("UNSUBSCRIBED", "2026-02-01"), FEBRUARY),
        (agreed("UNSUBSCRIBED", "2026-02-01"), agreed("SUBSCRIBED", "2026-01-01"), FEBRUARY),
        (agreed("UNSUBSCRIBED", "2026-02-01"), agreed("UNSUBSCRIBED"), FEBRUARY),
        (agreed("SUBSCRIBED", "2026-01-01"), agreed("UNSUBSCRIBED"), NOON),
        (agreed("SUBSCRIBED"), agreed("UNSUBSCRIBED"), NOON),
    ],
)
def test_the_later_statement_holds(
    shop: Account, first: Any, second: Any, date: datetime, together: bool
) -> None:
    if together:
        people(shop, first, second)
    else:
        people(shop, first)
        people(shop, second)
    assert consent() == ("unsubscribed", date)


def test_an_undated_consent_keeps_its_date_when_said_again(shop: Account) -> None:
    people(shop, agreed("SUBSCRIBED", method="FORM"))
    assert counts(people(shop, agreed("SUBSCRIBED", method="FORM"), at=LATER)) == (0, 1, 0)
    assert consent() == ("subscribed", NOON)
    assert counts(people(shop, agreed("UNSUBSCRIBED"), at=LATER)) == (1, 0, 0)
    assert consent() == ("unsubscribed", LATER)


def test_all_that_a_consent_says_is_kept(shop: Account) -> None:
    marketing = {
        "consent": "SUBSCRIBED",
        "method": "FORM",
        "method_detail": "Footer",
        "custom_method_detail": "Fair",
        "double_optin": True,
        "is_rcs_capable": False,
    }
    transactional = {"consent": "SUBSCRIBED", "reachability": "explicitly_reachable"}
    subscriptions = {"sms": {"marketing": marketing}, "whatsapp": {"transactional": transactional}}
    people(shop, {"external_id": "a", "subscriptions": subscriptions})
    names = ("method", "method_detail", "custom_source", "is_double_opt_in", "is_rcs_capable")
    assert Consent.objects.filter(channel="sms").values_list(*names).get() == (
        *("form", "Footer", "Fair", True, False),
    )
    whatsapp = Consent.objects.get(channel="whatsapp_transactional")
    assert whatsapp.reachability == "explicitly_reachable"


def test_suppressions_are_kept_once_with_their_date(shop: Account) -> None:
    def suppressed(date: str | None) -> dict[str, Any]:
        reasons = [{"reason": "HARD_BOUNCE", "timestamp": date}, {"reason": "USER_SUPPRESSED"}]
        channel = {"marketing": {"suppression": reasons}}
        return {"external_id": "a", "subscriptions": {"email": channel}}

    people(shop, suppressed("2026-01-01"))
    assert counts(people(shop, suppressed("2026-01-01"), at=LATER)) == (0, 1, 0)
    assert counts(people(shop, suppressed(None), at=LATER)) == (0, 1, 0)
    rows = Suppression.objects.order_by("reason").values_list("reason", "date")
    assert list(rows) == [("hard_bounce", JANUARY), ("user_suppressed", NOON)]


def test_lists_are_made_when_named_and_joined_once(shop: Account) -> None:
    membership = {"name": "Newsletter", "joined": "2026-01-01T00:00:00Z"}
    people(shop, {"external_id": "a", "lists": [membership, "VIP"]}, {"external_id": "b"})
    people(shop, {"external_id": "a", "lists": ["Newsletter", "VIP"]}, at=LATER)
    assert List.objects.count() == 2
    rows = ListMember.objects.order_by("joined").values_list("list__name", "joined")
    assert list(rows) == [("Newsletter", JANUARY), ("VIP", NOON)]


# --- activity ---


def active(person: str) -> tuple[datetime | None, datetime | None]:
    profile = Profile.objects.get(external_id=person)
    return profile.first_active, profile.last_active


def test_first_and_last_active_follow_the_events(shop: Account) -> None:
    days = [NOON - timedelta(days=d) for d in range(5)]
    events(shop, order("a", "1", time=days[2]))
    assert active("a") == (days[2], days[2])
    events(shop, order("a", "2", time=days[4]), order("a", "3", time=days[1]))
    assert active("a") == (days[4], days[1])
    events(shop, order("a", "4", time=days[3]))
    assert active("a") == (days[4], days[1])


def test_someone_made_with_many_events_is_active_from_the_first_to_the_last(shop: Account) -> None:
    people(shop, {"external_id": "old"})
    batch = [
        order(who, f"{days}", time=NOON + timedelta(days=days))
        for days in (-3, -7, -1, 5)
        for who in ("new", "old")
    ]
    assert counts(events(shop, *batch)) == (8, 0, 0)
    for who in ("new", "old"):
        assert active(who) == (NOON - timedelta(days=7), NOON - timedelta(days=1))
        assert Event.objects.filter(profile__external_id=who).count() == 4


def test_a_future_event_is_no_activity_yet(shop: Account) -> None:
    assert counts(events(shop, order("a", "1", time=NOON + timedelta(days=30)))) == (1, 0, 0)
    assert active("a") == (None, None)


def test_events_that_were_read_before_are_taken_as_they_are(shop: Account) -> None:
    old = order("a", "1", time="1997-01-01T00:00:00")
    event = read_event(old, FILE_TIMES, ZoneInfo("Europe/Stockholm"))
    assert counts(ingest_events(account=shop, records=[event, old], at=NOON)) == (1, 0, 1)
    assert Event.objects.get().time == datetime(1996, 12, 31, 23, tzinfo=UTC)


# --- accounts, and what follows the commit ---


def test_accounts_share_nothing(shop: Account) -> None:
    other = create_account(slug="other")
    (ours,) = events(shop, order("a", "1")).profile_ids
    (theirs,) = events(other, order("a", "1")).profile_ids
    assert ours != theirs
    assert Event.objects.filter(account=other).get().profile_id == theirs
    assert Metric.objects.filter(name="Placed Order").count() == 2
    outcome = people(other, {"id": str(ours), "first_name": "Eve"})
    assert [r.problem.code for r in outcome.rejected] == ["not_found"]
    assert not Profile.objects.filter(first_name="Eve").exists()


@pytest.mark.django_db(transaction=True)
def test_a_nudge_that_fails_harms_nobody(shop: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def fails(account_id: int) -> None:
        raise ConnectionError("The broker is away.")

    monkeypatch.setattr(changes.profile_change, "subscribers", [fails, calls.append])
    assert counts(events(shop, order("a", "1"))) == (1, 0, 0)
    assert calls == [shop.pk]
    assert Event.objects.count() == 1


@pytest.mark.parametrize("unique_id", ["", "  "])
def test_events_with_an_empty_unique_id_are_events_without_one(
    shop: Account, unique_id: str
) -> None:
    days = [order("a", unique_id, time=f"2026-03-0{day}") for day in (1, 2)]
    assert events(shop, *days).accepted == 2
