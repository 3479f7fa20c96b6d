"""Windows, zones, outages and late events over months, each step compared with the oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from segmenter.accounts.models import Account
from segments.engine.audit import audit
from segments.engine.editing import set_active
from segments.engine.watermark import watermark
from segments.models import MembershipChange, Segment
from tests.builders.definitions import about, in_group, never, once, when
from tests.draws import portion
from tests.live.judge import expect_right
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
    segment,
    settle,
)

pytestmark = pytest.mark.django_db


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
    since = {(row.segment_id, row.profile_id, row.entered): row.true_since for row in rows}
    half_past, late = start + 30 * MINUTE, timedelta(minutes=1)
    assert half_past <= since[lately.pk, first, False] <= half_past + late
    assert half_past <= since[ever.pk, second, True] <= half_past + late
    assert half_past <= since[lately.pk, second, True] <= half_past + late
    assert half_past + HOUR <= since[lately.pk, second, False] <= half_past + HOUR + late


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
        filters = [{"property": "Day", "filter": filter_}]
        segment(shop, start, f"Bought: {name}", once("Bought", metric_filters=filters))
    total = {**once("Bought"), "measurement": "sum", "measurement_property": "Day"}
    segment(shop, start, "Sum", total)
    settle(shop, start)
    for step in (MINUTE, 14 * HOUR, 3 * DAY):
        settle(shop, start + step)
        counts = audit(shop, start + step)
        assert counts.differences == 0
    inside = {members.name: names(members) for members in Segment.objects.filter(account=shop)}
    assert inside["Ago"] == inside["Bought: Ago"] == {"p0", "p2", "p5", "p8"}
    assert inside["Next"] >= {"p1", "p3"}


def test_whoever_is_gone_is_in_no_segment_not_even_in_a_paused_one() -> None:
    start = datetime(2026, 5, 4, 10, tzinfo=UTC)
    shop = new_account("UTC", start)
    erased, dropped, kept_id = people(shop, start, *bare("a", "b", "c"))
    paused = segment(shop, start, "Paused", never("Bought"))
    going = segment(shop, start, "Going", never("Bought"))
    settle(shop, start)
    set_active(paused, on=False, at=start)
    erase(account=shop, profile_id=erased, at=start)
    merge(account=shop, keep_id=kept_id, drop_id=dropped, at=start)
    settle(shop, start + MINUTE)
    expect_right(shop, start + MINUTE)
    for segment_ in (going, paused):
        assert names(segment_) == {"c"}
        segment_.refresh_from_db()
        assert segment_.size == 1


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
