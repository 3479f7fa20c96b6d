"""A segment on two dates: both, left and entered, as the pages of each date have them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.fixtures.cast import AT, SignIn
from tests.segments.ledgers import Entry, ledger_segment, utc

pytestmark = pytest.mark.django_db

NOW = utc("2026-03-05T15:00")
IN, OUT = True, False
ERASED = 987_654_321


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def segment(account: Account, people: list[Profile]) -> Segment:
    """Anna stays but for an hour; Bo leaves on 3 March; the phone enters on 4 March, and somebody
    who is gone by now was in from 2 to 4 March."""
    anna, bo, phone = (person.pk for person in people)
    return ledger_segment(
        account,
        "Reachable",
        [
            Entry(anna, IN, utc("2026-03-02T10:00"), cause=Cause.DEFINITION),
            Entry(bo, IN, utc("2026-03-02T10:00"), cause=Cause.DEFINITION),
            Entry(ERASED, IN, utc("2026-03-02T10:00")),
            Entry(anna, OUT, utc("2026-03-03T10:00")),
            Entry(anna, IN, utc("2026-03-03T11:00")),
            Entry(bo, OUT, utc("2026-03-03T20:00"), cause=Cause.TIME),
            Entry(ERASED, OUT, utc("2026-03-04T10:00"), cause=Cause.ERASE),
            Entry(phone, IN, utc("2026-03-04T12:00")),
        ],
        created=AT,
    )


@pytest.fixture
def client(viewer: User, sign_in: SignIn) -> Client:
    return sign_in(viewer)


def context(client: Client, segment: Segment, **query: str) -> Any:
    response = client.get(f"/segments/{segment.key}/dates", query)
    assert response.status_code == 200
    return response.context


def test_both_left_and_entered_with_their_causes(client: Client, segment: Segment) -> None:
    rows = context(client, segment, first="2026-03-02", second="2026-03-05")["rows"]
    assert [(row["label"], row["count"], sorted(row["causes"])) for row in rows] == [
        ("In on both dates", 1, []),
        ("Left", 2, [("Erase", 1), ("Time", 1)]),
        ("Entered", 1, [("Event", 1)]),
    ]


def test_each_number_leads_to_as_many_people(client: Client, segment: Segment) -> None:
    days = [AT.date() + timedelta(days=n) for n in range(5)]
    for first in days:
        for second in days:
            page = context(client, segment, first=first.isoformat(), second=second.isoformat())
            for row in page["rows"]:
                path = f"/segments/{segment.key}/dates/people?{row['query']}"
                assert client.get(path).context["page"].count == row["count"]
            for day, size in (
                (min(first, second), page["comparison"].first_size),
                (max(first, second), page["comparison"].second_size),
            ):
                past = client.get(f"/segments/{segment.key}/on?day={day}").context["past"]
                assert past.count == size, (first, second)


def test_somebody_who_is_gone_is_a_number(client: Client, segment: Segment) -> None:
    query = "first=2026-03-02&second=2026-03-05&way=left"
    text = client.get(f"/segments/{segment.key}/dates/people?{query}").content.decode()
    assert f"#{ERASED}" in text
    assert "Bo Ek" in text


def test_dates_before_the_segment_or_unreadable_are_put_right(
    client: Client, segment: Segment
) -> None:
    page = context(client, segment, first="2020-01-01", second="2030-01-01")
    dates = page["dates"]
    assert (dates.first, dates.second) == (AT.date(), NOW.date())
    assert dates.is_cut
    usual = context(client, segment, first="x", second="2026-02-31")["dates"]
    assert (usual.first, usual.second, usual.is_cut) == (AT.date(), NOW.date(), False)
    early = context(client, segment, first="2020-01-01", second="2020-01-02")["dates"]
    assert (early.first, early.second) == (AT.date(), AT.date())


def test_a_stranger_and_an_unknown_part_find_nothing(
    client: Client, stranger: User, sign_in: SignIn, segment: Segment
) -> None:
    assert client.get(f"/segments/{segment.key}/dates/people?way=x").status_code == 404
    other = sign_in(stranger)
    for path in ("dates", "dates/people?way=left"):
        assert other.get(f"/segments/{segment.key}/{path}").status_code == 404
