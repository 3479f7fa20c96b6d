"""Which statement of consent holds: the later one, and of two of an unknown time the "no"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Cause, Consent, ListMember, Profile, ProfileChange, Suppression
from segmenter.accounts.models import Account, create_account
from tests.draws import draws

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
JANUARY, FEBRUARY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
YES, NO, NEVER = "SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"
Holds = tuple[str, datetime | None]


def stated(status: str, date: datetime | None = None, person: str = "a", **more: Any) -> Any:
    statement = {"consent": status, "consent_timestamp": date and date.isoformat(), **more}
    return {"external_id": person, "subscriptions": {"email": {"marketing": statement}}}


def from_file(account: Account, *records: Any, at: datetime = NOON) -> None:
    outcome = ingest_profiles(account=account, records=records, at=at, cause=Cause.IMPORT)
    assert not outcome.rejected


def said_now(account: Account, *records: Any, at: datetime = NOON) -> None:
    assert not ingest_profiles(account=account, records=records, at=at).rejected


def holds(account: Account) -> Holds:
    row = Consent.objects.get(account=account)
    return row.status.upper(), row.status_date


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("first", "then", "holds_after"),
    [
        ((NO, None), (YES, None), (NO, None)),
        ((YES, None), (NO, None), (NO, None)),
        ((NEVER, None), (YES, None), (YES, None)),
        ((NO, None), (NEVER, None), (NO, None)),
        ((NO, JANUARY), (YES, None), (NO, JANUARY)),
        ((YES, JANUARY), (NO, None), (YES, JANUARY)),
        ((NO, None), (YES, JANUARY), (YES, JANUARY)),
        ((YES, FEBRUARY), (NO, JANUARY), (YES, FEBRUARY)),
        ((NO, JANUARY), (YES, JANUARY), (NO, JANUARY)),
        ((YES, JANUARY), (NO, JANUARY), (NO, JANUARY)),
    ],
)
def test_what_a_file_states_without_a_date_is_older_than_what_has_one(
    shop: Account, first: Holds, then: Holds, holds_after: Holds, together: bool
) -> None:
    if together:
        from_file(shop, stated(*first), stated(*then))
    else:
        from_file(shop, stated(*first))
        from_file(shop, stated(*then), at=LATER)
    assert holds(shop) == holds_after


def test_an_event_in_a_file_states_consent_as_a_person_there_does(shop: Account) -> None:
    from_file(shop, stated(NO))
    event = {"metric": "Visited", "time": NOON, "profile": stated(YES)}
    ingest_events(account=shop, records=[event], at=LATER, cause=Cause.IMPORT)
    assert holds(shop) == (NO, None)
    ingest_events(account=shop, records=[event], at=LATER)
    assert holds(shop) == (YES, LATER)


@pytest.mark.parametrize("before", [(NO, None), (NO, JANUARY), (YES, None)])
def test_what_is_stated_elsewhere_without_a_date_is_of_now(shop: Account, before: Holds) -> None:
    from_file(shop, stated(*before))
    said_now(shop, stated(YES), at=LATER)
    assert holds(shop) == (YES, LATER)
    said_now(shop, stated(YES, method="FORM"), at=LATER + timedelta(days=1))
    assert holds(shop) == (YES, LATER)
    from_file(shop, stated(NO), at=LATER + timedelta(days=2))
    assert holds(shop) == (YES, LATER)


TOMORROW = NOON + timedelta(days=1)
MINUTE_AHEAD = NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("one", "other", "holds_after"),
    [
        ((YES, TOMORROW), (NO, JANUARY), (NO, JANUARY)),
        ((YES, TOMORROW), (YES, JANUARY), (YES, JANUARY)),
        ((YES, TOMORROW), (NO, None), (NO, None)),
        ((NO, TOMORROW), (YES, JANUARY), (NO, TOMORROW)),
        ((YES, MINUTE_AHEAD), (NO, JANUARY), (YES, MINUTE_AHEAD)),
    ],
)
def test_consent_of_the_future_hides_nothing_that_counts_already(
    shop: Account, one: Holds, other: Holds, holds_after: Holds
) -> None:
    from_file(shop, stated(*one, person="a"), stated(*other, person="a"))
    from_file(shop, stated(*other, person="b"), stated(*one, person="b"))
    rows = Consent.objects.filter(account=shop).values_list("status", "status_date")
    assert [(status.upper(), date) for status, date in rows] == [holds_after, holds_after]


def test_consent_of_the_future_is_undone_by_a_no_of_now(shop: Account) -> None:
    from_file(shop, stated(YES, TOMORROW))
    said_now(shop, stated(NO))
    assert holds(shop) == (NO, NOON)
    said_now(shop, stated(YES, TOMORROW))
    assert holds(shop) == (NO, NOON)


def test_a_merge_keeps_a_no_beside_consent_of_the_future(shop: Account) -> None:
    for keep, drop in ("ab", "ba"):
        Profile.objects.all().delete()
        from_file(shop, stated(YES, TOMORROW, "a"), stated(NO, JANUARY, "b"))
        ids = dict(Profile.objects.values_list("external_id", "pk"))
        merge(account=shop, keep_id=ids[keep], drop_id=ids[drop], at=NOON)
        assert holds(shop) == (NO, JANUARY)


STATEMENTS = st.lists(
    st.tuples(
        st.sampled_from([YES, NO, NEVER]),
        st.sampled_from([None, None, JANUARY, FEBRUARY, NOON + timedelta(days=9)]),
        st.sampled_from(["FORM", "API"]),
        st.sampled_from(["a", "b"]),
    ),
    min_size=1,
    max_size=6,
)
EXAMPLES = settings(
    max_examples=draws(20, nightly=60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def state(account: Account) -> list[tuple[Any, ...]]:
    names = ("profile__external_id", "status", "status_date", "method")
    return sorted(Consent.objects.filter(account=account).values_list(*names))


@pytest.mark.parametrize("store", [from_file, said_now])
def test_one_batch_of_statements_is_the_same_as_one_after_another(store: Any) -> None:
    @EXAMPLES
    @given(before=STATEMENTS, batch=STATEMENTS)
    def check(before: list[Any], batch: list[Any]) -> None:
        whole, single = create_account(slug=uuid4().hex), create_account(slug=uuid4().hex)
        statements = [stated(status, date, who, method=how) for status, date, how, who in batch]
        for account in (whole, single):
            for status, date, how, who in before:
                from_file(account, stated(status, date, who, method=how))
        store(whole, *statements, at=LATER)
        for one in statements:
            store(single, one, at=LATER)
        assert state(whole) == state(single)

    check()


@EXAMPLES
@given(statements=STATEMENTS, data=st.data())
def test_the_order_of_files_makes_no_difference(statements: list[Any], data: st.DataObject) -> None:
    other_way = data.draw(st.permutations(statements))
    outcomes = []
    for order in (statements, other_way):
        account = create_account(slug=uuid4().hex)
        for status, date, _how, _who in order:
            from_file(account, stated(status, date))
        outcomes.append(holds(account))
    counting = [s for s in statements if s[0] == NO or not s[1] or s[1] <= NOON] or statements
    latest = max((date for _, date, _, _ in counting if date), default=None)
    of_then = {status for status, date, _, _ in counting if date == latest}
    cautious = next(status for status in (NO, YES, NEVER) if status in of_then)
    assert {status for status, _ in outcomes} == {cautious}
    assert outcomes[0] == outcomes[1]


# --- merge ---


@pytest.mark.parametrize("keep_first", [True, False])
@pytest.mark.parametrize(
    ("one", "other", "holds_after"),
    [
        ((YES, JANUARY), (NO, FEBRUARY), (NO, FEBRUARY)),
        ((NO, JANUARY), (YES, FEBRUARY), (YES, FEBRUARY)),
        ((YES, None), (NO, None), (NO, None)),
        ((NO, None), (YES, JANUARY), (YES, JANUARY)),
        ((NEVER, None), (YES, None), (YES, None)),
    ],
)
def test_a_merge_keeps_the_later_statement_of_each_channel(
    shop: Account, one: Holds, other: Holds, holds_after: Holds, keep_first: bool
) -> None:
    from_file(shop, stated(*one, person="one", method=one[0]))
    from_file(shop, stated(*other, person="other", method=other[0], double_optin=True))
    ids = list(Profile.objects.order_by("pk").values_list("pk", flat=True))
    keep, drop = ids if keep_first else reversed(ids)
    merge(account=shop, keep_id=keep, drop_id=drop, at=LATER)
    assert holds(shop) == holds_after
    row = Consent.objects.get()
    assert (row.profile_id, row.method) == (keep, holds_after[0].lower())
    assert bool(row.is_double_opt_in) is (holds_after == other)


def test_a_merge_moves_suppressions_and_keeps_the_earlier_joining(shop: Account) -> None:
    suppressed = {"marketing": {"suppression": [{"reason": "SPAM_COMPLAINT"}]}}
    said_now(
        shop,
        {"external_id": "keep", "lists": [{"name": "VIP", "joined": FEBRUARY.isoformat()}]},
        {
            "external_id": "drop",
            "lists": [{"name": "VIP", "joined": JANUARY.isoformat()}],
            "subscriptions": {"email": suppressed},
        },
    )
    keep, drop = Profile.objects.order_by("pk").values_list("pk", flat=True)
    merge(account=shop, keep_id=keep, drop_id=drop, at=LATER)
    assert ListMember.objects.values_list("profile_id", "joined").get() == (keep, JANUARY)
    assert Suppression.objects.values_list("profile_id", "reason").get() == (keep, "spam_complaint")


# --- what was stored before ---


def test_dates_that_were_made_up_are_forgotten_and_the_people_marked(shop: Account) -> None:
    migration = import_module("profiles.migrations.0005_undated_consent")
    said_now(shop, stated(YES, person="undated"), stated(YES, JANUARY, person="dated"))
    ProfileChange.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(migration.FORGET_DATES)
    dates = dict(Consent.objects.values_list("profile__external_id", "status_date"))
    assert dates == {"undated": None, "dated": JANUARY}
    change = ProfileChange.objects.get()
    assert change.profile_id == Profile.objects.get(external_id="undated").pk
    assert (change.cause, change.facts) == ("consent", ["consent:email"])
    with connection.cursor() as cursor:
        cursor.execute(migration.DATE_AGAIN)
    assert Consent.objects.get(profile__external_id="undated").status_date == NOON
