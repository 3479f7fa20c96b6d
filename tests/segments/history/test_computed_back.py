"""The time before a segment was made on its pages, and figures that lead to who they were."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from profiles.models import Cause, Profile
from segmenter.accounts.models import Account, User
from segments.models import Segment, SegmentVersion
from tests.builders.definitions import Json, of_country, once, when
from tests.fixtures.cast import SignIn
from tests.live.steps import did, events, people, segment
from tests.segments.ledgers import Entry, ledger_segment, utc

pytestmark = pytest.mark.django_db

NOW = utc("2026-03-05T15:00")
DAY = timedelta(days=1)
IN, OUT = True, False


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client(viewer: User, sign_in: SignIn) -> Client:
    return sign_in(viewer)


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def buyers(account: Account) -> Segment:
    """Made now: who bought in the last 2 days. Anna bought on 1 March, Bo on 4 March."""
    people(account, NOW, {"external_id": "anna"}, {"external_id": "bo"})
    bought = (("anna", utc("2026-03-01T10:00")), ("bo", utc("2026-03-04T10:00")))
    events(account, NOW, *(did("Bought", who, at) for who, at in bought))
    return segment(account, NOW, "Buyers", once("Bought", when("in-the-last", 2)))


def test_sizes_before_the_segment_are_computed_by_a_second_request(
    client: Client, buyers: Segment
) -> None:
    path = f"/segments/{buyers.key}/growth?last=7"
    first = client.get(path)
    assert first.context["to_compute"] == 4
    assert f'hx-get="/segments/{buyers.key}/growth?unit=day&amp;last=7&amp;past=1"' in (
        first.content.decode()
    )
    rows = client.get(path + "&past=1").context["rows"]
    assert [(row["name"], row["computed"], row["change"]) for row in rows] == [
        ("Thu 5 Mar 2026", None, None),
        ("Wed 4 Mar 2026", 1, 0),
        ("Tue 3 Mar 2026", 1, 0),
        ("Mon 2 Mar 2026", 1, 0),
        ("Sun 1 Mar 2026", 1, 1),
    ]
    assert rows[0]["period"].size == 1


def test_a_computed_size_leads_to_as_many_people(client: Client, buyers: Segment) -> None:
    path = f"/segments/{buyers.key}"
    for row in client.get(f"{path}/growth?last=7&past=1").context["rows"][1:]:
        on = client.get(f"{path}/on?{row['query']}")
        assert on.context["past"].count == len(on.context["stays"]) == row["computed"]
        assert "Computed back" in on.content.decode()


def test_the_file_says_which_sizes_are_computed_back(client: Client, buyers: Segment) -> None:
    content = client.get(f"/segments/{buyers.key}/growth.csv?last=7").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["size"], row["added"], row["source"]) for row in rows] == [
        *[("1", "", "computed back")] * 4,
        ("1", "1", "ledger"),
    ]


@pytest.mark.parametrize(
    ("dates", "ends"),
    [
        ("last=7", (0, 1, True)),
        ("from=2026-03-02&to=2026-03-05", (None, 1, True)),
        ("from=2026-03-01&to=2026-03-03", (0, 1, False)),
        ("from=2026-03-05&to=2026-03-05", (0, 1, True)),
    ],
)
def test_the_size_before_and_the_changes_lead_to_the_size_after(
    client: Client, buyers: Segment, dates: str, ends: tuple[int | None, int, bool]
) -> None:
    """Anna would have been in on 1 March, before the segment; Bo entered when it was built."""
    page = client.get(f"/segments/{buyers.key}/growth?{dates}&past=1")
    head, report = page.context["ends"], page.context["report"]
    assert (head.before, head.after, head.has_changes) == ends
    if head.has_changes and head.before is not None:
        assert head.before + report.added - report.left == head.after
    figures = re.findall(r"<dd>(.*?)</dd>", page.content.decode(), re.DOTALL)[:4]
    is_dash = [re.sub(r"\s", "", figure) == "–" for figure in figures]
    assert is_dash == [head.before is None, *[not head.has_changes] * 2, False]


def test_of_many_periods_the_latest_are_computed(client: Client, account: Account) -> None:
    people(account, NOW, {"external_id": "anna"})
    events(account, NOW, did("Bought", "anna", NOW - 300 * DAY))
    ever = segment(account, NOW, "Ever", once("Bought"))
    report = client.get(f"/segments/{ever.key}/growth?last=365&past=1")
    assert report.context["computed"].left_out == 300 - 62
    assert len(report.context["rows"]) == 63
    assert "238 earlier periods are left out" in " ".join(report.content.decode().split())


def test_a_condition_without_a_past_is_named(client: Client, account: Account) -> None:
    people(account, NOW, {"external_id": "anna", "location": {"country": "Sweden"}})
    events(account, NOW, did("Bought", "anna", NOW - 30 * DAY))
    swedes = segment(account, NOW, "Swedes", once("Bought"), of_country("Sweden"))
    for page in ("growth?last=30&past=1", "on?day=2026-02-20"):
        page_text = text(client, f"/segments/{swedes.key}/{page}")
        assert "one condition is only known as it is now: people whose country" in page_text


# --- figures lead to who they were ---------------------------------------------------------------


@pytest.fixture
def ledger(account: Account, people: list[Profile]) -> Segment:
    """Bo left on 2 March, which was written on the 3rd."""
    anna, bo, phone = (person.pk for person in people)
    return ledger_segment(
        account,
        "Reachable",
        [
            Entry(anna, IN, utc("2026-02-10T10:00"), cause=Cause.DEFINITION),
            Entry(bo, IN, utc("2026-02-10T10:00"), cause=Cause.DEFINITION),
            Entry(anna, OUT, utc("2026-02-20T10:00")),
            Entry(bo, OUT, utc("2026-03-02T22:30"), utc("2026-03-03T08:00"), cause=Cause.TIME),
            Entry(phone, IN, utc("2026-03-04T10:00"), cause=Cause.DEFINITION),
        ],
        created=utc("2026-02-10T09:00"),
    )


@pytest.mark.parametrize("unit", ["hour", "day", "week", "month"])
def test_each_figure_leads_to_as_many_changes(client: Client, ledger: Segment, unit: str) -> None:
    path = f"/segments/{ledger.key}"
    growth = client.get(f"{path}/growth?unit={unit}&from=2026-02-25&to=2026-03-05")
    moves = 0
    for row in growth.context["rows"]:
        for way, number in (("entered", row["period"].added), ("left", row["period"].left)):
            activity = client.get(f"{path}/activity?{row['moves']}&way={way}")
            assert activity.context["total"] == len(activity.context["rows"]) == number
            moves += number
    assert moves >= 2
    links = re.findall(r'href="([^"]*activity[^"]*way=left)"', growth.content.decode())
    assert len(links) >= 2  # the figure of all periods, and of one


def test_who_left_last_month(client: Client, ledger: Segment) -> None:
    path = f"/segments/{ledger.key}/activity?way=left"
    presets = {preset.label: query for preset, query in client.get(path).context["presets"]}
    page = client.get(f"/segments/{ledger.key}/activity?{presets['Last month']}")
    assert [row.profile.first_name for row in page.context["rows"]] == ["Anna"]
    assert page.context["dates"].parameters == {"from": "2026-02-01", "to": "2026-02-28"}


def test_a_second_time_stands_only_where_it_differs(client: Client, ledger: Segment) -> None:
    rows = client.get(f"/segments/{ledger.key}/activity").context["rows"]
    assert [row.written_late is not None for row in rows] == [False, True, False, False, False]


def test_only_the_first_build_is_called_so(client: Client, ledger: Segment) -> None:
    for number, at in ((1, "2026-02-10T09:00"), (2, "2026-03-04T09:00")):
        SegmentVersion.objects.create(
            segment=ledger, number=number, definition={}, at=utc(at), user=None
        )
    rows = client.get(f"/segments/{ledger.key}/activity").context["rows"]
    assert [row.why for row in rows if row.change.cause == Cause.DEFINITION] == [
        "a changed definition",
        "the segment being first built",
        "the segment being first built",
    ]


@pytest.mark.parametrize(
    ("dates", "parameters"),
    [
        ("from=2026-03-02&to=2026-03-01", {"from": "2026-03-01", "to": "2026-03-02"}),
        ("from=x&to=2026-03-01", {"to": "2026-03-01"}),
        ("since=2026-03-01&until=²", {}),
        ("from=9999-12-31&to=0000-01-01", {}),
    ],
)
def test_dates_that_cannot_be_are_put_right_or_passed_over(
    client: Client, ledger: Segment, dates: str, parameters: Json
) -> None:
    page = client.get(f"/segments/{ledger.key}/activity?{dates}")
    assert page.context["dates"].parameters == parameters


def test_pages_say_which_rows_they_show(client: Client, account: Account) -> None:
    entries = [Entry(10_000 + n, IN, utc("2026-03-01T10:00")) for n in range(120)]
    many = ledger_segment(account, "Many", entries, created=utc("2026-02-10T09:00"))
    path = f"/segments/{many.key}/activity"
    page = client.get(path)
    assert "1–50 of 120" in " ".join(page.content.decode().split())
    after = client.get(path, {"after": page.context["page"].after})
    assert "51–100 of 120" in " ".join(after.content.decode().split())
    last = client.get(path, {"after": after.context["page"].after})
    assert "101–120 of 120" in " ".join(last.content.decode().split())
    back = client.get(path, {"before": last.context["page"].before})
    assert "51–100 of 120" in " ".join(back.content.decode().split())


def test_nothing_of_a_segment_s_past_is_for_strangers(
    sign_in: SignIn, stranger: User, buyers: Segment
) -> None:
    for path in ("growth?past=1", "growth.csv", "on?day=2026-03-02", "activity?from=2026-03-01"):
        assert sign_in(stranger).get(f"/segments/{buyers.key}/{path}").status_code == 404
