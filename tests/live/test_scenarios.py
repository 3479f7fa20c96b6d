"""Months of time in seconds: each step is followed and held to the oracle, dates of change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.lists.editing import remove_from_list
from profiles.models import List, Profile
from segmenter.accounts.models import Account
from segments.engine.audit import audit
from segments.engine.editing import set_active
from segments.engine.watermark import watermark
from segments.models import Membership, MembershipChange, Segment
from tests.builders.definitions import ALL_TIME, about, in_group, never, number, once, times, when
from tests.draws import portion
from tests.live.judge import expect_right
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
    settle,
)

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def names(held: Segment) -> set[str]:
    inside = list(Membership.objects.filter(segment=held).values_list("profile_id", flat=True))
    return {str(row.external_id) for row in Profile.objects.filter(pk__in=inside)}


def bare(*who: str) -> list[dict[str, Any]]:
    return [{"external_id": name} for name in who]


def test_a_win_back_over_seven_months() -> None:
    start = midnight(date(2025, 9, 20), STOCKHOLM)
    shop = new_account("Europe/Stockholm", start)
    people(shop, start, *bare(*"abcdefgh"))
    for index, who in enumerate("abcdef"):
        late = start - timedelta(days=17 * index, hours=5 * index, minutes=30)
        events(shop, start, did("Bought", who, late), did("Viewed", who, late - 40 * DAY))
    quarter = when("in-the-last", 3, unit="month")
    lost = segment(shop, start, "Lost", once("Bought"), never("Bought", quarter))
    segment(shop, start, "Slipping", once("Bought", when("between", 60, 89)))
    segment(shop, start, "Long gone", never("Bought", when("in-the-last", 20, unit="week")))
    segment(shop, start, "Was here", once("Viewed", when("at-least", 1, unit="month")))
    segment(shop, start, "Regular", times("Bought", "greater-than", 1, when("in-the-last", 45)))
    watch = Watch(shop, start)
    day, last = date(2025, 9, 21), date(2026, 4, 20)
    while day <= last:
        quiet = day.day % 9 != 0
        now = midnight(day, STOCKHOLM)
        if not quiet:  # somebody comes back
            events(shop, now - MINUTE, did("Bought", "abcdefgh"[day.month % 8], now - MINUTE))
        watch.on(now, quiet=quiet)
        day += DAY
    assert watch.flips > 20
    assert audit(shop, watch.at).differences == 0
    assert names(lost)


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
    joined = [start - 50 * HOUR, start - DAY, start - HOUR, start + 2 * DAY]
    people(
        shop,
        start,
        *(
            {
                "external_id": f"p{i}",
                "lists": [{"name": "Letter", "joined": moment.isoformat()}],
            }
            for i, moment in enumerate(joined)
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
    gone = profile_id(shop, "p2")
    remove_from_list(account=shop, key=key, profile_ids=[gone], at=watch.at)
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
    said = [
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
            for i, subscriptions in enumerate(said)
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
    held = Profile.objects.get(account=shop, external_id="a")
    assert held.first_active == start + timedelta(hours=5, seconds=10)
    assert held.last_active == start + timedelta(hours=30)
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
    left = segment(shop, start, "Left", funnel("DAYS_3", ("Viewed", True), ("Bought", False)))
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
    assert names(left) == set()
    watch.through(viewed.replace(second=0) + 3 * DAY, 2 * HOUR)
    assert names(left) == set()
    watch.on(viewed.replace(second=0) + 3 * DAY + MINUTE)
    assert names(left) == {"a", "c"}
    watch.through(start + 9 * DAY, 6 * HOUR)
    assert names(left) == {"a", "c", "d", "e"}


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


def test_in_the_next_seven_days() -> None:
    start = midnight(date(2026, 3, 20), STOCKHOLM)
    shop = new_account("Europe/Stockholm", start)
    days = [date(2026, 3, 31), "2026-03-29 02:30", "2026-03-28T23:30:00Z", "2026-03-27", "soon"]
    people(
        shop,
        start,
        *(
            {"external_id": f"p{i}", "properties": {"Renewal": str(text)}}
            for i, text in enumerate(days)
        ),
    )
    for index, text in enumerate(days):
        properties = {"Delivery": str(text)}
        events(shop, start, did("Bought", f"p{index}", start - HOUR, properties=properties))
    path = "properties['Renewal']"
    segment(shop, start, "Soon", about(path, when("in-the-next", 7)))
    segment(shop, start, "Tomorrow", about(path, when("in-the-next", 24, unit="hour")))
    segment(shop, start, "Over", about(path, when("at-least", 1)))
    coming = [{"property": "Delivery", "filter": when("in-the-next", 7)}]
    arrived = [{"property": "Delivery", "filter": when("between", 1, 2)}]
    segment(shop, start, "On its way", once("Bought", metric_filters=coming))
    segment(shop, start, "Not on its way", never("Bought", metric_filters=coming))
    segment(shop, start, "Arrived", once("Bought", when("in-the-last", 10), metric_filters=arrived))
    watch = Watch(shop, start)
    watch.through(start + 16 * DAY, 6 * HOUR)
    assert watch.flips >= 25


CHANGES = [
    ("Europe/Stockholm", date(2026, 3, 27)),
    ("Europe/Stockholm", date(2026, 10, 23)),
    ("America/Sao_Paulo", date(2018, 11, 2)),
    ("America/Sao_Paulo", date(2018, 2, 16)),
    ("America/Havana", date(2026, 10, 30)),
    ("America/Havana", date(2026, 3, 6)),
    ("Australia/Lord_Howe", date(2026, 4, 3)),
    ("Asia/Kathmandu", date(2026, 2, 27)),
    ("Pacific/Apia", date(2011, 12, 28)),
]


@pytest.mark.parametrize(("zone", "first"), portion(CHANGES, 3))
def test_days_around_a_change_of_clocks(zone: str, first: date) -> None:
    tz = ZoneInfo(zone)
    start = midnight(first, tz)
    shop = new_account(zone, start)
    spread = [timedelta(hours=7 * n, minutes=15 * n) for n in range(-3, 7)]
    people(shop, start, *bare(*(f"p{i}" for i in range(len(spread)))))
    for index, offset in enumerate(spread):
        events(shop, start, did("Bought", f"p{index}", start + offset))
    text = [(start + offset).astimezone(tz).replace(tzinfo=None) for offset in spread]
    people(
        shop,
        start,
        *(
            {"external_id": f"p{i}", "properties": {"Day": moment.isoformat(" ", "minutes")}}
            for i, moment in enumerate(text)
        ),
    )
    day = "properties['Day']"
    segment(shop, start, "Last day", once("Bought", when("in-the-last", 1)))
    segment(shop, start, "A day ago", once("Bought", when("between", 1, 1)))
    segment(shop, start, "Two days ago", about(day, when("at-least", 2)))
    segment(shop, start, "Next day", about(day, when("in-the-next", 1)))
    segment(shop, start, "24 hours", once("Bought", when("in-the-last", 24, unit="hour")))
    segment(shop, start, "This day", about(day, when("anniversary")))
    watch = Watch(shop, start)
    for step in range(1, 5):
        turn = midnight(first + timedelta(days=step), tz)
        watch.through(turn - 2 * MINUTE, 5 * HOUR)
        for moment in (turn - MINUTE, turn, turn + MINUTE, turn + HOUR):
            if moment > watch.at:
                watch.on(moment)
    assert watch.flips >= 40


def test_a_worker_away_for_three_weeks_catches_up() -> None:
    start = midnight(date(2026, 3, 16), STOCKHOLM)
    shop = new_account("Europe/Stockholm", start)
    people(shop, start, *bare(*"abcdefgh"))
    for index, who in enumerate("abcdef"):
        events(shop, start, did("Bought", who, start - timedelta(days=2 * index, hours=index)))
    events(shop, start, did("Bought", "g", start + timedelta(days=11, hours=3)))
    segment(shop, start, "Week", once("Bought", when("in-the-last", 7)))
    segment(shop, start, "Weeks ago", once("Bought", when("between", 2, 3, unit="week")))
    segment(shop, start, "Gone", never("Bought", when("in-the-last", 1, unit="month")))
    segment(shop, start, "Hours", once("Bought", when("at-least", 300, unit="hour")))
    segment(shop, start, "Not this week", in_group("Week", inside=False))
    watch = Watch(shop, start)
    watch.on(start + 21 * DAY + 7 * MINUTE)
    assert watch.flips >= 12
    away = watch.at
    events(
        shop,
        away + 2 * DAY,
        did("Bought", "h", away + DAY),
        did("Bought", "a", away - 15 * DAY),
    )
    watch.on(away + 21 * DAY, quiet=False)
    assert audit(shop, watch.at).differences == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Europe/Stockholm", "Pacific/Apia"),
        ("Pacific/Apia", "America/Los_Angeles"),
        ("UTC", "Asia/Kathmandu"),
    ],
)
def test_an_account_moves_to_another_zone(before: str, after: str) -> None:
    start = datetime(2026, 5, 4, 10, tzinfo=UTC)
    shop = new_account(before, start)
    people(
        shop,
        start,
        *({"external_id": f"p{i}", "properties": {"Day": f"2026-05-0{i + 1}"}} for i in range(8)),
    )
    for index in range(8):
        events(shop, start, did("Bought", f"p{index}", start - index * 5 * HOUR))
    segment(shop, start, "Today", once("Bought", when("in-the-last", 0)))
    segment(shop, start, "Yesterday", once("Bought", when("between", 1, 1)))
    segment(shop, start, "Day", about("properties['Day']", when("in-the-next", 1)))
    fixed = {"type": "date", "operator": "before", "date": "2026-05-04"}
    segment(shop, start, "Before", once("Bought", fixed))
    segment(shop, start, "Not today", in_group("Today", inside=False))
    watch = Watch(shop, start)
    watch.through(start + 5 * HOUR, HOUR)
    Account.objects.filter(pk=shop.pk).update(time_zone=after)
    watch.on(watch.at + MINUTE, quiet=False)
    watch.through(watch.at + 2 * DAY, 2 * HOUR)
    Account.objects.filter(pk=shop.pk).update(time_zone=before)
    watch.on(watch.at + MINUTE, quiet=False)
    watch.through(watch.at + DAY, 3 * HOUR)
    assert audit(shop, watch.at).differences == 0


def test_the_watermark_tells_how_far_membership_is_true() -> None:
    start = datetime(2026, 5, 4, 10, tzinfo=UTC)
    shop = new_account("UTC", start)
    people(shop, start, *bare("a"))
    events(shop, start, did("Bought", "a", start - DAY))
    segment(shop, start, "Lately", once("Bought", when("in-the-last", 1)))
    settle(shop, start)
    assert watermark(shop, start).time == start
    later = start + 20 * MINUTE
    events(shop, later, did("Bought", "a", later))
    assert watermark(shop, later + HOUR).time <= later
    settle(shop, later + HOUR)
    assert watermark(shop, later + HOUR).time == later + HOUR
    assert watermark(shop, later + DAY).time < later + DAY


def test_edges_between_midnights_keep_their_minute_when_followed_late() -> None:
    start = datetime(2026, 5, 4, 10, tzinfo=UTC)
    shop = new_account("UTC", start)
    first, second = people(shop, start, *bare("a", "b"))
    events(shop, start, did("Bought", "a", start - 30 * MINUTE))
    events(shop, start, did("Bought", "b", start + 30 * MINUTE))
    hour = when("in-the-last", 1, unit="hour")
    lately = segment(shop, start, "Lately", once("Bought", hour))
    ever = segment(shop, start, "Ever", once("Bought"))
    settle(shop, start)
    settle(shop, start + 6 * HOUR)
    rows = MembershipChange.objects.filter(account=shop, at__gt=start).order_by("pk")
    told = {(row.segment_id, row.profile_id, row.entered): row.true_since for row in rows}
    half_past, late = start + 30 * MINUTE, timedelta(minutes=1)
    assert half_past <= told[lately.pk, first, False] <= half_past + late
    assert half_past <= told[ever.pk, second, True] <= half_past + late
    assert half_past <= told[lately.pk, second, True] <= half_past + late
    assert half_past + HOUR <= told[lately.pk, second, False] <= half_past + HOUR + late


def test_far_dates_and_strange_values_hold_nobody_up() -> None:
    start = datetime(2026, 2, 27, 10, tzinfo=UTC)
    shop = new_account("America/New_York", start)
    far = ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31 23:59:59"]
    far += ["9999-12-31T23:59:59-12:00", "1582-10-10", "2026-02-30", "2026-13-01", "1969-12-31"]
    values: list[Any] = [*far, 10**18, -1e14, True, [], {"a": [None]}, "", " 2026-03-01", "\u0130"]
    people(
        shop,
        start,
        *({"external_id": f"p{i}", "properties": {"Day": v}} for i, v in enumerate(values)),
    )
    for index, value in enumerate(values):
        record = did("Bought", f"p{index}", start - HOUR, properties={"Day": value}, value=9e14)
        events(shop, start, record)
    day = "properties['Day']"
    most = 100_000
    for name, filter_ in {
        "Ago": when("at-least", 3),
        "Long ago": when("at-least", most, unit="year"),
        "Last": when("in-the-last", most, unit="day"),
        "Last months": when("in-the-last", most, unit="month"),
        "Next": when("in-the-next", most, unit="year"),
        "Between": when("between", 3, most, unit="week"),
        "Hours": when("in-the-next", most, unit="hour"),
        "Anniversary": when("anniversary"),
        "Anniversary to come": when("anniversary-next", 2),
        "Anniversary past": when("anniversary-last", most, unit="year"),
        "After": {"type": "date", "operator": "after", "date": "9999-12-31"},
        "Before": {"type": "date", "operator": "before", "date": "0001-01-01"},
    }.items():
        segment(shop, start, name, about(day, filter_))
        tested = [{"property": "Day", "filter": filter_}]
        segment(shop, start, f"Bought: {name}", once("Bought", metric_filters=tested))
    spent = {**once("Bought"), "measurement": "sum", "measurement_property": "Day"}
    segment(shop, start, "Sum", spent)
    settle(shop, start)
    for step in (MINUTE, 14 * HOUR, 3 * DAY):
        settle(shop, start + step)
        counts = audit(shop, start + step)
        assert counts.differences == 0
    inside = {held.name: names(held) for held in Segment.objects.filter(account=shop)}
    assert inside["Ago"] == inside["Bought: Ago"] == {"p0", "p2", "p5", "p8"}
    assert inside["Next"] >= {"p1", "p3"}


def test_whoever_is_gone_is_in_no_segment_not_even_in_a_paused_one() -> None:
    start = datetime(2026, 5, 4, 10, tzinfo=UTC)
    shop = new_account("UTC", start)
    erased, dropped, kept = people(shop, start, *bare("a", "b", "c"))
    paused = segment(shop, start, "Paused", never("Bought"))
    going = segment(shop, start, "Going", never("Bought"))
    settle(shop, start)
    set_active(paused, on=False, at=start)
    erase(account=shop, profile_id=erased, at=start)
    merge(account=shop, keep_id=kept, drop_id=dropped, at=start)
    settle(shop, start + MINUTE)
    expect_right(shop, start + MINUTE)
    for held in (going, paused):
        assert names(held) == {"c"}
        held.refresh_from_db()
        assert held.size == 1


def test_an_event_of_the_future_that_comes_due_while_nobody_follows() -> None:
    start = datetime(2025, 2, 26, 14, tzinfo=UTC)
    shop = new_account("America/Havana", start)
    people(shop, start, *bare("a", "b"))
    events(shop, start, did("Bought", "a", start + 17 * MINUTE))
    yet = segment(shop, start, "Not yet", never("Bought"))
    settle(shop, start)
    settle(shop, start + 39 * HOUR)
    assert names(yet) == {"b"}
    expect_right(shop, start + 39 * HOUR)
