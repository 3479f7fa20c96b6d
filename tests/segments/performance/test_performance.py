"""Performance counts what people did in periods, the same as the database, and of few nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account, User
from segments.models import Segment
from segments.performance.figures import (
    PerformanceMeasure,
    PerformancePeriod,
    WhoseMembers,
    performance,
)
from segments.performance.periods import read_report
from tests.builders.shops import new_segment
from tests.fixtures.cast import SignIn
from tests.segments.ledgers import Entry, ledger_segment, utc

pytestmark = pytest.mark.django_db

NOW = utc("2026-03-25T12:00")
CROWD = 40
EDGES = [utc("2026-03-02T00:00") + timedelta(days=7 * n) for n in range(4)]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def crowd(account: Account) -> list[int]:
    """40 people get a mail in the first week; the first 20 open it, every second by a machine;
    the first 10 click; the first 5 order in the second week for 10 each, one of them twice."""
    people = [{"email": f"p{i}@example.com"} for i in range(CROWD)]
    outcome = ingest_profiles(account=account, records=people, at=utc("2026-01-01T00:00"))
    events: list[dict[str, Any]] = []

    def add(metric: str, who: int, time: str, **more: Any) -> None:
        events.append(
            {
                "metric": metric,
                "time": time,
                "unique_id": f"{metric}-{len(events)}",
                "profile": {"email": f"p{who}@example.com"},
                **more,
            }
        )

    for i in range(CROWD):
        add("Received Email", i, "2026-03-03T10:00:00Z")
    for i in range(20):
        machine = [True, "True"][i // 10]
        properties = {"Apple Privacy Open": machine} if i % 2 else {}
        add("Opened Email", i, "2026-03-04T10:00:00Z", properties=properties)
    for i in range(10):
        add("Clicked Email", i, "2026-03-04T11:00:00Z")
    for i in (0, 1, 2, 3, 4, 4):
        add("Placed Order", i, "2026-03-10T11:00:00Z", value=10)
    ingest_events(account=account, records=events, at=NOW)
    return [pk for pk in outcome.profile_ids if pk is not None]


@pytest.fixture
def segment(account: Account, crowd: list[int]) -> Segment:
    """The first 20 since February, but 8 of them left in the first week."""
    ledger = [Entry(pk, True, utc("2026-02-02T00:00")) for pk in crowd[:20]]
    ledger += [Entry(pk, False, utc("2026-03-05T00:00")) for pk in crowd[:8]]
    return ledger_segment(account, "Readers", ledger, created=utc("2026-02-01T00:00"))


def values(period: PerformancePeriod, measure: PerformanceMeasure) -> tuple[Any, Any]:
    here = period.here.value(measure) if period.here else None
    return here, period.everyone.value(measure)


def test_members_are_those_of_the_beginning_of_each_period(segment: Segment) -> None:
    first, second, _third = performance(segment, EDGES, WhoseMembers.THEN)
    assert [p.here.people if p.here else None for p in (first, second)] == [20, 12]
    assert values(first, PerformanceMeasure.OPENED) == (1.0, 0.5)
    assert values(first, PerformanceMeasure.OPENED_WITHOUT_MACHINES) == (0.5, 0.25)
    assert values(first, PerformanceMeasure.CLICKED) == (0.5, 0.25)
    assert values(second, PerformanceMeasure.ORDERS) == (0.0, 6 / 40)
    assert values(second, PerformanceMeasure.REVENUE) == (0.0, 60 / 40)


def test_present_members_can_be_followed_back(segment: Segment) -> None:
    first, second, _third = performance(segment, EDGES, WhoseMembers.NOW)
    assert [p.here.people if p.here else None for p in (first, second)] == [12, 12]
    assert values(first, PerformanceMeasure.CLICKED) == (2 / 12, 0.25)


def test_before_the_segment_existed_it_has_no_figures(segment: Segment) -> None:
    Segment.objects.filter(pk=segment.pk).update(created=EDGES[1])
    segment.refresh_from_db()
    first, second, _third = performance(segment, EDGES, WhoseMembers.THEN)
    assert first.here is None
    assert second.here is not None


def test_of_few_people_nothing_is_said(account: Account, crowd: list[int]) -> None:
    few = new_segment(account, "Few", *crowd[:9], created=utc("2026-02-01T00:00"))
    first, second, _third = performance(few, EDGES, WhoseMembers.NOW)
    assert values(first, PerformanceMeasure.OPENED)[0] is None
    assert values(second, PerformanceMeasure.REVENUE)[0] is None


def test_everyones_figures_are_those_of_the_database(segment: Segment) -> None:
    for period in performance(segment, EDGES, WhoseMembers.NOW):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), coalesce(sum(value), 0) FROM profiles_event e"
                " JOIN profiles_metric m ON m.id = e.metric_id WHERE m.name = 'Placed Order'"
                " AND e.account_id = %s AND e.time >= %s AND e.time < %s",
                [segment.account_id, period.start, period.end],
            )
            orders, revenue = cursor.fetchone()
        assert period.everyone.count[PerformanceMeasure.ORDERS] == orders
        assert period.everyone.count[PerformanceMeasure.REVENUE] == pytest.approx(revenue)


def test_people_count_from_when_they_are_known(
    account: Account, segment: Segment, crowd: list[int]
) -> None:
    ingest_profiles(account=account, records=[{"email": "new@example.com"}], at=NOW)
    *_, third = performance(segment, EDGES, WhoseMembers.NOW)
    assert third.everyone.people == CROWD


# --- the range -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "unit", "periods", "first"),
    [
        ({}, "week", 12, "2026-01-04T23:00"),
        ({"unit": "week", "last": "26"}, "week", 26, "2025-09-28T22:00"),
        ({"unit": "month"}, "month", 12, "2025-03-31T22:00"),
        ({"unit": "month", "last": "24"}, "month", 24, "2024-03-31T22:00"),
        ({"unit": "year", "last": "-1", "members": "x"}, "week", 12, "2026-01-04T23:00"),
    ],
)
def test_the_range_is_read_or_as_usual(
    segment: Segment, query: dict[str, str], unit: str, periods: int, first: str
) -> None:
    choice = read_report(query, segment, NOW)
    assert (choice.unit, len(choice.edges) - 1) == (unit, periods)
    assert choice.edges[0] == utc(first)
    assert choice.edges[-2] <= NOW < choice.edges[-1]


@pytest.mark.parametrize(
    ("created", "whose"),
    [("2026-03-24T00:00", "now"), ("2026-03-17T00:00", "now"), ("2026-02-01T00:00", "then")],
)
def test_a_young_segment_shows_its_present_members(
    segment: Segment, created: str, whose: str
) -> None:
    segment.created = utc(created)
    assert read_report({}, segment, NOW).whose == whose


# --- pages ---------------------------------------------------------------------------------------


@pytest.fixture
def client(viewer: User, sign_in: SignIn) -> Client:
    return sign_in(viewer)


def test_the_page_has_charts_and_a_table_with_the_same_figures(
    client: Client, segment: Segment
) -> None:
    response = client.get(f"/segments/{segment.key}/performance")
    text = " ".join(response.content.decode().split())
    assert len(response.context["charts"]) == 5
    assert "2 Mar to 8 Mar 2026 (week 10): members 100.0 %, everyone 50.0 %" in text
    assert "Members are those of the beginning of each period" in text
    assert "style=" not in text
    part = client.get(
        f"/segments/{segment.key}/performance?unit=month", headers={"HX-Request": "true"}
    )
    assert "<html" not in part.content.decode()


def test_the_file_has_the_figures_of_the_page(client: Client, segment: Segment) -> None:
    response = client.get(f"/segments/{segment.key}/performance.csv?unit=week&members=now")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    week = next(row for row in rows if row["from"].startswith("2026-03-02"))
    assert (week["members"], week["everyone"]) == ("12", "40")
    assert (week["opened_members"], week["opened_everyone"]) == ("1.0", "0.5")
    assert datetime.fromisoformat(week["to"]) > datetime.fromisoformat(week["from"])


def test_without_events_the_page_says_what_belongs_there(client: Client, account: Account) -> None:
    empty = new_segment(account, "Nobody")
    assert (
        "Nothing to show yet" in client.get(f"/segments/{empty.key}/performance").content.decode()
    )


def test_a_stranger_finds_nothing(stranger: User, sign_in: SignIn, segment: Segment) -> None:
    client = sign_in(stranger)
    for path in ("performance", "performance.csv"):
        assert client.get(f"/segments/{segment.key}/{path}").status_code == 404
