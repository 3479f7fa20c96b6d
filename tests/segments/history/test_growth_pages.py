"""The pages of a segment's past: what they show, and to whom."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiles.ingest.merge import merge
from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, Role, User
from segments.models import Segment, SegmentVersion
from tests.fixtures.cast import AT, SignIn, seat
from tests.segments.ledgers import Entry, ledger_segment, utc, write

pytestmark = pytest.mark.django_db

NOW = utc("2026-03-05T15:00")
IN, OUT = True, False
ERASED = 987_654_321
PAGES = ("growth", "growth.csv", "on", "activity")
QUERIES = 16


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def segment(account: Account, people: list[Profile], marketer: User) -> Segment:
    """Anna is in since 2 March; Bo was for a day; somebody who is gone was from 3 to 4 March."""
    anna, bo, _phone = (person.pk for person in people)
    almost_there = ledger_segment(
        account,
        "Reachable",
        [
            Entry(anna, IN, utc("2026-03-02T10:00"), cause=Cause.DEFINITION),
            Entry(bo, IN, utc("2026-03-02T10:00"), cause=Cause.DEFINITION),
            Entry(bo, OUT, utc("2026-03-02T23:00"), utc("2026-03-03T08:00"), cause=Cause.TIME),
            Entry(ERASED, IN, utc("2026-03-03T10:00")),
            Entry(ERASED, OUT, utc("2026-03-04T10:00"), cause=Cause.ERASE),
        ],
        created=AT,
    )
    SegmentVersion.objects.create(
        segment=almost_there, number=1, definition={}, at=utc("2026-03-02T09:00"), user=marketer
    )
    return almost_there


@pytest.fixture
def client(viewer: User, sign_in: SignIn) -> Client:
    return sign_in(viewer)


def get(client: Client, path: str, data: dict[str, Any] | None = None) -> str:
    response = client.get(path, data)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- growth --------------------------------------------------------------------------------------


def test_growth_is_told_as_chart_and_table(client: Client, segment: Segment) -> None:
    response = client.get(f"/segments/{segment.key}/growth")
    rows = [
        (row["name"], row["period"].size, row["period"].added, row["period"].left, row["is_open"])
        for row in response.context["rows"]
    ]
    assert rows == [
        ("Thu 5 Mar 2026", 1, 0, 0, True),
        ("Wed 4 Mar 2026", 1, 0, 1, False),
        ("Tue 3 Mar 2026", 2, 1, 1, False),
        ("Mon 2 Mar 2026", 2, 2, 0, False),
        ("Sun 1 Mar 2026", 0, 0, 0, False),
    ]
    page = " ".join(response.content.decode().split())
    assert "From 0 people before Sun 1 Mar 2026 to 1 at the end of Thu 5 Mar 2026" in page
    assert "Tue 3 Mar 2026: 2 people, 1 entered, 1 left" in page
    assert "Version 1 of the definition, 2 Mar 2026, 10:00, Marketer" in page
    assert "Event +1,</span>" in page
    assert "Time −1" in page
    assert "style=" not in page
    assert f'href="/segments/{segment.key}/on?day=2026-03-03"' in page


@pytest.mark.parametrize("unit", ["hour", "day", "week", "month"])
def test_each_number_of_people_leads_to_as_many(
    client: Client, segment: Segment, unit: str
) -> None:
    path = f"/segments/{segment.key}/growth"
    rows = client.get(path, {"unit": unit, "from": "2026-03-02"}).context["rows"]
    for row in rows[:30]:
        past = client.get(f"/segments/{segment.key}/on?{row['query']}").context["past"]
        assert past.count == len(past.ids) == row["period"].size, row["name"]


def test_the_answer_to_a_choice_is_a_part_of_the_page(client: Client, segment: Segment) -> None:
    htmx = {"HX-Request": "true"}
    for path in ("growth?unit=hour", "on?day=2026-03-02", "activity?way=left"):
        part = client.get(f"/segments/{segment.key}/{path}", headers=htmx).content.decode()
        assert "<html" not in part
        whole = client.get(f"/segments/{segment.key}/{path}")
        assert "<html" in whole.content.decode()
        assert "HX-Request" in whole["Vary"]
        back = htmx | {"HX-History-Restore-Request": "true"}
        restored = client.get(f"/segments/{segment.key}/{path}", headers=back)
        assert "<html" in restored.content.decode()


def test_the_file_has_the_figures_of_the_page(client: Client, segment: Segment) -> None:
    path = f"/segments/{segment.key}/growth.csv"
    response = client.get(path, {"unit": "day", "from": "2026-03-02", "to": "2026-03-04"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    name = "reachable-day-2026-03-02-2026-03-04.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [(row["size"], row["added"], row["left"]) for row in rows] == [
        ("2", "2", "0"),
        ("2", "1", "1"),
        ("1", "0", "1"),
    ]
    assert rows[0]["definition"] == "1 (Marketer)"
    assert rows[0]["from"] == "2026-03-02T00:00:00+01:00"


def test_a_new_and_an_empty_segment_have_pages_too(client: Client, account: Account) -> None:
    empty = ledger_segment(account, "Empty", [], created=NOW)
    assert "Nothing has happened yet" in get(client, f"/segments/{empty.key}/activity")
    assert "Nobody was in" in get(client, f"/segments/{empty.key}/on")
    for unit in ("hour", "day", "week", "month"):
        page = get(client, f"/segments/{empty.key}/growth", {"unit": unit, "last": "0"})
        assert ("Growth shows from tomorrow." if unit == "day" else 'role="img"') in page


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "0000-00-00", "9999-12-31", "²", "-1"])
def test_nonsense_is_passed_over(client: Client, segment: Segment, text: str) -> None:
    names = ("unit", "from", "to", "last", "day", "until", "before", "after", "way", "cause", "q")
    for path in PAGES:
        for name in names:
            response = client.get(f"/segments/{segment.key}/{path}", {name: text})
            assert response.status_code == 200, (path, name)


# --- who was in ----------------------------------------------------------------------------------


def test_who_was_in_on_a_date(client: Client, segment: Segment, people: list[Profile]) -> None:
    path = f"/segments/{segment.key}/on"
    monday = get(client, path, {"day": "2026-03-02"})
    assert "2 people at the end of 2 Mar 2026" in monday
    assert "Bo Ek" in monday
    assert "3 Mar 2026, 00:00" in monday  # when Bo left
    tuesday = get(client, path, {"day": "2026-03-03"})
    assert "Bo Ek" not in tuesday
    assert f"#{ERASED} · no longer there" in tuesday
    assert "1 person now" in get(client, path)
    assert "1 person now" in get(client, path, {"day": "2026-03-05"})
    assert "0 people at the end of 1 Jan 2020" in get(client, path, {"day": "2020-01-01"})
    until = get(client, path, {"until": "2026-03-02T10:00:00.000001Z"})
    assert "2 people until 2 Mar 2026, 11:00" in until
    assert "0 people until" in get(client, path, {"until": "2026-03-02T11:00:00+01:00"})


def test_who_was_in_has_pages(
    client: Client, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segments.history.views.PAGE_SIZE", 1)
    path = f"/segments/{segment.key}/on"
    first = client.get(path, {"day": "2026-03-02"})
    assert [then.profile.first_name for then in first.context["stays"]] == ["Anna"]
    after = first.context["page"].after
    assert f'href="?day=2026-03-02&amp;after={after}"' in first.content.decode()
    second = client.get(path, {"day": "2026-03-02", "after": str(after)})
    assert [then.profile.first_name for then in second.context["stays"]] == ["Bo"]
    back = client.get(path, {"day": "2026-03-02", "before": str(second.context["page"].before)})
    assert [then.profile.first_name for then in back.context["stays"]] == ["Anna"]


# --- who entered and left ------------------------------------------------------------------------


def test_the_ledger_is_searched_and_filtered(
    client: Client, segment: Segment, people: list[Profile]
) -> None:
    def rows_for(**query: str) -> list[tuple[int, bool]]:
        response = client.get(f"/segments/{segment.key}/activity", query)
        rows = response.context["rows"]
        return [(row.change.profile_id, row.change.entered) for row in rows]

    anna, bo, _phone = (person.pk for person in people)
    assert rows_for() == [(ERASED, OUT), (ERASED, IN), (bo, OUT), (bo, IN), (anna, IN)]
    assert rows_for(way="left") == [(ERASED, OUT), (bo, OUT)]
    assert rows_for(cause="time") == [(bo, OUT)]
    assert rows_for(cause="nonsense", way="nonsense") == rows_for()
    assert rows_for(q="anna") == [(anna, IN)]
    assert rows_for(q="bo", way="entered") == [(bo, IN)]
    assert rows_for(q=f"#{ERASED}") == rows_for(q=str(ERASED)) == [(ERASED, OUT), (ERASED, IN)]
    assert rows_for(q="nobody") == []
    page = get(client, f"/segments/{segment.key}/activity")
    for words in ("something they did", "time that passed", "the person being erased"):
        assert words in page
    nothing = get(client, f"/segments/{segment.key}/activity", {"q": "nobody"})
    assert "Nothing like that has happened" in nothing


def test_every_cause_is_told_in_words(
    client: Client, account: Account, people: list[Profile]
) -> None:
    ledger = [
        Entry(people[0].pk, number % 2 == 0, NOW - timedelta(minutes=60 - number), cause=cause)
        for number, cause in enumerate(Cause)
    ]
    segment = ledger_segment(account, "All", ledger, created=AT)
    rows = client.get(f"/segments/{segment.key}/activity").context["rows"]
    assert len({row.why for row in rows}) == len(Cause)


def test_a_person_s_page_names_what_they_entered_and_left(
    client: Client, account: Account, segment: Segment, people: list[Profile]
) -> None:
    bo = people[1]
    page = get(client, f"/profiles/{bo.pk}/")
    assert "time that passed" in page
    assert "See all" not in page
    phone = get(client, f"/profiles/{people[2].pk}/")
    assert "Has not entered any segment yet." in phone
    other = ledger_segment(account, "Other", [], created=AT)
    ledger = [Entry(bo.pk, n % 2 == 0, AT + timedelta(minutes=n)) for n in range(60)]
    write(other, ledger)
    path = f"/segments/person/{bo.pk}/activity"
    assert f'href="{path}">See all' in get(client, f"/profiles/{bo.pk}/")
    first = client.get(path)
    assert len(first.context["rows"]) == 50
    assert first.context["rows"][0].change.segment == segment
    second = client.get(path, {"after": first.context["page"].after})
    assert len(second.context["rows"]) == 12


def test_a_merged_person_s_ledger_goes_with_them(
    client: Client, account: Account, segment: Segment, people: list[Profile]
) -> None:
    anna, bo = people[0].pk, people[1].pk
    merge(account=account, keep_id=anna, drop_id=bo, at=NOW)
    page = get(client, f"/segments/person/{anna}/activity")
    assert page.count(f"as #{bo}") == 2
    assert f"#{bo} · no longer there" in get(
        client, f"/segments/{segment.key}/on", {"day": "2026-03-02"}
    )


# --- who may, and at what price ------------------------------------------------------------------


def test_a_stranger_learns_nothing(
    segment: Segment, people: list[Profile], stranger: User, sign_in: SignIn
) -> None:
    client = sign_in(stranger)
    for path in PAGES:
        theirs = client.get(f"/segments/{segment.key}/{path}")
        nothing = client.get(f"/segments/nonono/{path}")
        assert theirs.status_code == nothing.status_code == 404
        assert len(theirs.content) == len(nothing.content)
    theirs = client.get(f"/segments/person/{people[0].pk}/activity")
    nothing = client.get("/segments/person/123456789/activity")
    assert theirs.status_code == nothing.status_code == 404
    for wrong in ("x", "²", "-1", "9" * 30):
        assert client.get(f"/segments/person/{wrong}/activity").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_everybody_of_the_account_reads_and_nobody_writes(
    segment: Segment, account: Account, people: list[Profile], role: Role, sign_in: SignIn
) -> None:
    client = sign_in(seat(account, role, f"{role}.two@example.com"))
    for path in (*(f"{segment.key}/{page}" for page in PAGES), f"person/{people[0].pk}/activity"):
        assert client.get(f"/segments/{path}").status_code == 200
        assert client.post(f"/segments/{path}").status_code == 405
        assert Client().get(f"/segments/{path}").status_code == 302


def test_names_cannot_carry_scripts(
    client: Client, segment: Segment, people: list[Profile], marketer: User
) -> None:
    evil = '"><script>alert(1)</script>{{ x }}'
    User.objects.filter(pk=marketer.pk).update(name=evil)
    Profile.objects.update(first_name=evil, email=None)
    Segment.objects.update(name=evil)
    for path in (*(f"{segment.key}/{page}" for page in PAGES), f"person/{people[0].pk}/activity"):
        response = client.get(f"/segments/{path}", {"q": evil, "day": evil, "from": evil})
        if "csv" not in path:
            assert "<script>alert" not in response.content.decode(), path


def test_the_pages_ask_the_same_queries_for_any_number(client: Client, segment: Segment) -> None:
    paths = (
        "growth",
        "growth?last=365",
        "growth?unit=hour&last=14",
        "on?day=2026-03-04",
        "activity",
    )

    def query_counts() -> list[int]:
        counts = []
        for path in paths:
            client.get(f"/segments/{segment.key}/{path}")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/segments/{segment.key}/{path}")
            counts.append(len(queries))
        return counts

    before = query_counts()
    write(segment, [Entry(n, IN, utc("2026-03-04T09:00")) for n in range(10_000, 10_200)])
    assert query_counts() == before
    assert max(before) <= QUERIES
