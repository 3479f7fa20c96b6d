"""Months in seconds: each step is compared with the oracle, dates of change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from profiles.lists.editing import remove_from_list
from profiles.models import List, Profile
from segments.engine.audit import audit
from segments.models import MembershipChange
from tests.builders.definitions import ALL_TIME, about, in_group, never, number, once, times, when
from tests.live.scenario_parts import STOCKHOLM, bare, midnight, names
from tests.live.steps import (
    DAY,
    HOUR,
    MINUTE,
    Watch,
    did,
    events,
    new_account,
    people,
    profile_id,
    segment,
)

pytestmark = pytest.mark.django_db


def test_a_win_back_over_seven_months() -> None:
    start = midnight(date(2025, 9, 20), STOCKHOLM)
    shop = new_account("Europe/Stockholm", start)
    people(shop, start, *bare(*"abcdefgh"))
    for index, who in enumerate("abcdef"):
        late = start - timedelta(days=17 * index, hours=5 * index, minutes=30)
        events(shop, start, did("Bought", who, late), did("Viewed", who, late - 40 * DAY))
    quarter = when("in-the-last", 3, unit="month")
    lapsed = segment(shop, start, "Lost", once("Bought"), never("Bought", quarter))
    segment(shop, start, "Slipping", once("Bought", when("between", 60, 89)))
    segment(shop, start, "Long gone", never("Bought", when("in-the-last", 20, unit="week")))
    segment(shop, start, "Was here", once("Viewed", when("at-least", 1, unit="month")))
    segment(shop, start, "Regular", times("Bought", "greater-than", 1, when("in-the-last", 45)))
    watch = Watch(shop, start)
    day, last = date(2025, 9, 21), date(2026, 4, 20)
    while day <= last:
        quiet = day.day % 9 != 0
        now = midnight(day, STOCKHOLM)
        if not quiet:  # p0 orders again
            events(shop, now - MINUTE, did("Bought", "abcdefgh"[day.month % 8], now - MINUTE))
        watch.on(now, quiet=quiet)
        day += DAY
    assert watch.flips > 20
    assert audit(shop, watch.at).differences == 0
    assert names(lapsed)


def test_hours_minute_by_minute() -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    shop = new_account("Asia/Kathmandu", noon)
    people(shop, noon, *bare(*"abcde"))
    bought = [
        did("Bought", "a", noon - 30 * MINUTE),
        did("Bought", "b", noon - HOUR),
        did("Bought", "b", noon - 2 * HOUR - timedelta(microseconds=1)),
        did("Bought", "c", noon - timedelta(minutes=59, seconds=59, microseconds=999_999)),
        did("Bought", "d", noon + timedelta(minutes=20, seconds=30)),
        did("Bought", "d", noon + timedelta(hours=2)),
    ]
    events(shop, noon, *bought)
    segment(shop, noon, "Just now", once("Bought", when("in-the-last", 1, unit="hour")))
    segment(shop, noon, "Quiet", never("Bought", when("in-the-last", 2, unit="hour")))
    segment(shop, noon, "Before", once("Bought", when("at-least", 1, unit="hour")))
    segment(shop, noon, "Between", once("Bought", when("between", 1, 2, unit="hour")))
    segment(shop, noon, "Soon", once("Bought", when("in-the-next", 1, unit="hour")))
    segment(shop, noon, "Ever", once("Bought"))
    watch = Watch(shop, noon)
    watch.through(noon + 150 * MINUTE, MINUTE)
    assert watch.flips >= 18


@pytest.mark.parametrize(("zone", "year"), [("America/New_York", 2024), ("Europe/Stockholm", 2025)])
def test_birthdays_around_the_29th_of_february(zone: str, year: int) -> None:
    tz = ZoneInfo(zone)
    start = midnight(date(year, 2, 24), tz)
    shop = new_account(zone, start)
    born = ["1996-02-29", "1995-02-28", "1990-03-01", "1996-02-29 23:30", "1988-02-29T00:10:00Z"]
    born += ["1970-03-01 00:00:00", "2000-03-30T12:00:00+05:45", "not a date"]
    people(
        shop,
        start,
        *({"external_id": f"p{i}", "properties": {"Born": day}} for i, day in enumerate(born)),
        {"external_id": "unset"},
    )
    path = "properties['Born']"
    segment(shop, start, "Today", about(path, when("anniversary")))
    segment(shop, start, "Month", about(path, when("anniversary-month")))
    march: dict[str, Any] = {"type": "date", "operator": "calendar-month", "value": 3}
    segment(shop, start, "March", about(path, march))
    segment(shop, start, "Next 2", about(path, when("anniversary-next", 2)))
    segment(shop, start, "Last 2", about(path, when("anniversary-last", 2)))
    segment(shop, start, "Next month", about(path, when("anniversary-next", 1, unit="month")))
    segment(shop, start, "Next 36 h", about(path, when("anniversary-next", 36, unit="hour")))
    watch = Watch(shop, start)
    watch.through(midnight(date(year, 3, 4), tz), 6 * HOUR)
    assert watch.flips > 15


def test_a_birthday_comes_after_four_years_away() -> None:
    start = datetime(2024, 3, 5, 10, tzinfo=UTC)
    shop = new_account("Europe/Stockholm", start)
    people(shop, start, {"external_id": "p", "properties": {"Born": "1996-02-29"}})
    today = segment(shop, start, "Today", about("properties['Born']", when("anniversary")))
    watch = Watch(shop, start)
    watch.on(midnight(date(2028, 2, 29), STOCKHOLM))
    assert names(today) == {"p"}
    watch.on(midnight(date(2028, 3, 1), STOCKHOLM))
    assert names(today) == set()


def test_on_a_list_since_so_many_days() -> None:
    start = midnight(date(2026, 3, 25), STOCKHOLM)
    shop = new_account("Europe/Stockholm", start)
    since = [start - 50 * HOUR, start - DAY, start - HOUR, start + 2 * DAY]
    people(
        shop,
        start,
        *(
            {
                "external_id": f"p{i}",
                "lists": [{"name": "Letter", "joined": moment.isoformat()}],
            }
            for i, moment in enumerate(since)
        ),
        {"external_id": "nowhere"},
    )
    for name, timeframe in {
        "New": when("in-the-last", 3),
        "Settled": when("at-least", 3),
        "In between": when("between", 1, 2),
        "First hours": when("in-the-last", 36, unit="hour"),
        "Coming": when("in-the-next", 1),
    }.items():
        segment(shop, start, name, in_group("Letter", timeframe=timeframe))
    on = segment(shop, start, "On", in_group("Letter"))
    segment(shop, start, "Off", in_group("Letter", inside=False))
    watch = Watch(shop, start)
    watch.through(start + 3 * DAY, 6 * HOUR)
    assert names(on) == {"p0", "p1", "p2", "p3"}
    key = List.objects.get(account=shop, name="Letter").key
    leaver = profile_id(shop, "p2")
    remove_from_list(account=shop, key=key, profile_ids=[leaver], at=watch.at)
    watch.on(watch.at + HOUR, quiet=False)
    people(shop, watch.at, {"external_id": "p2", "lists": [{"name": "Letter"}]})
    watch.on(watch.at + HOUR, quiet=False)
    watch.through(watch.at + 6 * DAY, 12 * HOUR)
    assert watch.flips > 15


def consented(status: str, when: datetime, **more: Any) -> dict[str, Any]:
    return {"marketing": {"consent": status, "consent_timestamp": when.isoformat(), **more}}


def receiving(channel: str, subscription: str, can: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "type": "profile-marketing-consent",
        "consent": {
            "channel": channel,
            "can_receive_marketing": can,
            "consent_status": {"subscription": subscription, **more},
        },
    }


def test_consent_and_suppression_dated_in_the_future() -> None:
    start = midnight(date(2026, 10, 23), STOCKHOLM)
    shop = new_account("Europe/Stockholm", start)
    soon = start + timedelta(hours=30, seconds=20)
    bounce = {"reason": "HARD_BOUNCE", "timestamp": (start + 40 * HOUR).isoformat()}
    whatsapp = {
        "marketing": {
            "consent": "SUBSCRIBED",
            "consent_timestamp": (start + 20 * HOUR).isoformat(),
            "reachability": "explicitly_reachable",
        }
    }
    consents = [
        {"email": consented("SUBSCRIBED", soon, method="FORM")},
        {"email": consented("UNSUBSCRIBED", soon)},
        {"email": consented("SUBSCRIBED", start - 2 * DAY, suppression=[bounce])},
        {"sms": consented("SUBSCRIBED", soon + DAY), "whatsapp": whatsapp},
        {"mobile_push": consented("SUBSCRIBED", soon)},
        {"mobile_push": consented("SUBSCRIBED", start - 2 * DAY, suppression=[bounce])},
        {"sms": consented("SUBSCRIBED", start - 2 * DAY, suppression=[bounce])},
        {},
    ]
    people(
        shop,
        start,
        *(
            {
                "external_id": f"p{i}",
                "email": f"p{i}@example.com",
                "phone_number": f"+4670174060{i}",
                "subscriptions": subscriptions,
            }
            for i, subscriptions in enumerate(consents)
        ),
    )
    recent = {"field": "status_date", "filter": when("in-the-last", 1)}
    bounced = {"field": "bounce_date", "filter": when("in-the-last", 12, unit="hour")}
    by_form = {"field": "method", "method": "form"}
    segment(shop, start, "May get mail", receiving("email", "any"))
    segment(shop, start, "Never said", receiving("email", "never_subscribed"))
    segment(shop, start, "By form", receiving("email", "subscribed", filters=[by_form]))
    segment(shop, start, "Fresh", receiving("email", "subscribed", filters=[recent]))
    segment(shop, start, "Refused", receiving("email", "unsubscribed", can=False))
    segment(shop, start, "Bounced", receiving("email", "any", can=False, filters=[bounced]))
    segment(shop, start, "May get texts", receiving("sms", "subscribed"))
    segment(shop, start, "May not be pushed", receiving("push", "any", can=False))
    segment(
        shop,
        start,
        "WhatsApp",
        {
            "type": "profile-permissions",
            "channel": "whatsapp_marketing",
            "permission": {
                "reachable_status": "explicitly_reachable",
                "filters": [{"field": "effective_date", "filter": when("in-the-last", 2)}],
            },
        },
    )
    watch = Watch(shop, start)
    watch.through(start + 5 * DAY, 2 * HOUR)
    assert watch.flips >= 16


def test_events_of_the_future_come_due() -> None:
    start = datetime(2026, 6, 1, 9, tzinfo=UTC)
    shop = new_account("Europe/Stockholm", start)
    people(shop, start, *bare(*"abc"))
    events(
        shop,
        start,
        did("Bought", "a", start + timedelta(hours=5, seconds=10), value=10),
        did("Bought", "a", start + timedelta(hours=30), value=5),
        did("Bought", "b", start - 9 * DAY, value=7),
        did("Viewed", "b", start + timedelta(hours=28, minutes=1)),
    )
    segment(shop, start, "Ever", once("Bought"))
    segment(shop, start, "Never", never("Bought"))
    segment(shop, start, "Twice", times("Bought", "equals", 2))
    segment(shop, start, "Spent", {**once("Bought"), "measurement": "sum"})
    segment(shop, start, "Coming", once("Bought", when("in-the-next", 1)))
    segment(shop, start, "Active", about("last_active", when("in-the-last", 1)))
    segment(shop, start, "Long known", about("first_active", when("at-least", 2)))
    unset = {"type": "existence", "operator": "not-set"}
    silent = segment(shop, start, "Silent", about("last_active", unset))
    watch = Watch(shop, start)
    assert names(silent) == {"a", "c"}
    watch.through(start + 4 * DAY, HOUR)
    assert names(silent) == {"c"}
    person = Profile.objects.get(account=shop, external_id="a")
    assert person.first_active == start + timedelta(hours=5, seconds=10)
    assert person.last_active == start + timedelta(hours=30)
    assert watch.flips >= 10


def funnel(window: Any, *steps: tuple[str, bool], timeframe: Any = ALL_TIME) -> dict[str, Any]:
    return {
        "type": "profile-metric-funnel",
        "timeframe_filter": timeframe,
        "completion_window_seconds": window,
        "steps": [{"metric": metric, "metric_exists": exists} for metric, exists in steps],
    }


def test_a_then_not_b_comes_true_when_the_window_ends() -> None:
    start = datetime(2026, 3, 27, 8, tzinfo=UTC)
    shop = new_account("Europe/Stockholm", start)
    people(shop, start, *bare(*"abcde"))
    viewed = start - timedelta(hours=10, seconds=30)
    events(
        shop,
        start,
        did("Viewed", "a", viewed),
        did("Viewed", "b", viewed),
        did("Bought", "b", viewed + 2 * DAY),  # still to come
        did("Viewed", "c", viewed),
        did("Bought", "c", viewed + 3 * DAY),  # just too late to count
        did("Viewed", "d", viewed + 5 * HOUR),
        did("Opened", "d", viewed + 7 * HOUR),
        did("Viewed", "e", start + 26 * HOUR),
    )
    lookers = segment(shop, start, "Left", funnel("DAYS_3", ("Viewed", True), ("Bought", False)))
    segment(
        shop,
        start,
        "Left lately",
        funnel(
            "DAYS_3",
            ("Viewed", True),
            ("Bought", False),
            timeframe=when("in-the-last", 4),
        ),
    )
    segment(shop, start, "Not since", funnel(None, ("Viewed", True), ("Bought", False)))
    segment(shop, start, "Went on", funnel("DAYS_3", ("Viewed", True), ("Bought", True)))
    segment(
        shop,
        start,
        "Straight",
        funnel(5400, ("Viewed", True), ("Opened", False), ("Bought", True), ("Viewed", False)),
    )
    segment(
        shop,
        start,
        "Opened, no more",
        funnel("DAYS_1", ("Viewed", True), ("Opened", True), ("Bought", False)),
    )
    watch = Watch(shop, start)
    assert names(lookers) == set()
    watch.through(viewed.replace(second=0) + 3 * DAY, 2 * HOUR)
    assert names(lookers) == set()
    watch.on(viewed.replace(second=0) + 3 * DAY + MINUTE)
    assert names(lookers) == {"a", "c"}
    watch.through(start + 9 * DAY, 6 * HOUR)
    assert names(lookers) == {"a", "c", "d", "e"}


def test_a_segment_of_a_segment_of_a_segment() -> None:
    start = midnight(date(2026, 1, 30), STOCKHOLM)
    shop = new_account("Europe/Stockholm", start)
    people(shop, start, *({"external_id": f"p{i}", "properties": {"size": i}} for i in range(6)))
    for index in range(5):
        events(shop, start, did("Bought", f"p{index}", start - index * DAY - HOUR))
    large = about("properties['size']", number("greater-than", 1))
    recent = segment(shop, start, "Recent", once("Bought", when("in-the-last", 7)))
    segment(shop, start, "Recent and large", in_group("Recent"), large)
    rest = segment(shop, start, "The rest", in_group("Recent and large", inside=False))
    segment(
        shop,
        start,
        "Two days in",
        in_group("Recent", timeframe=when("at-least", 2)),
        in_group("The rest", "Recent and large"),
    )
    segment(
        shop,
        start,
        "Just in",
        in_group("The rest", timeframe=when("in-the-last", 12, unit="hour")),
    )
    watch = Watch(shop, start)
    watch.through(start + 3 * DAY, 12 * HOUR)
    events(shop, watch.at, did("Bought", "p5", watch.at))
    watch.on(watch.at + HOUR, quiet=False)
    watch.through(start + 14 * DAY, 12 * HOUR)
    assert names(recent) == set()
    assert names(rest) == {f"p{i}" for i in range(6)}
    causes = MembershipChange.objects.filter(segment=rest).values_list("cause", flat=True)
    assert "segment" in causes or "time" in causes
