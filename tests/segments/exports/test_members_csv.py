"""Members as CSV: complete, of one instant, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.csv_writer import BYTE_ORDER_MARK, escape_formula
from segments.exports import members_csv
from segments.exports.members_csv import COLUMNS, write_members
from segments.models import Membership, Segment
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT


def rows(segment: Segment, *properties: str) -> list[dict[str, str]]:
    text = b"".join(write_members(segment, properties)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account, size=0)


def let_in(segment: Segment, records: list[dict[str, Any]]) -> list[Profile]:
    """People with these records, members since AT."""
    outcome = ingest_profiles(account=segment.account, records=records, at=AT)
    assert not outcome.rejected
    people = [Profile.objects.get(pk=pk) for pk in outcome.profile_ids if pk]
    Membership.objects.bulk_create(
        Membership(account=segment.account, segment=segment, profile=person, entered=AT)
        for person in people
    )
    return people


@pytest.mark.django_db
def test_every_column_is_there(segment: Segment) -> None:
    person = let_in(
        segment,
        [
            {
                "email": "anna@example.com",
                "external_id": "=A1",
                "phone_number": "+46701234567",
                "first_name": '=HYPERLINK("x")',
                "last_name": "O'Brien, jr",
                "location": {"city": "Falun", "region": "Dalarna", "country": "Sweden"},
                "properties": {
                    "Points": 12.5,
                    "Blue": True,
                    "Sizes": ["S", "=M"],
                    "Note": "two\nlines",
                    "@evil": "-1+1",
                },
            }
        ],
    )[0]
    row = rows(segment, "Points", "Blue", "Sizes", "Note", "@evil", "None")[0]
    assert row == {
        "id": str(person.pk),
        "external_id": "'=A1",
        "email": "anna@example.com",
        "first_name": '\'=HYPERLINK("x")',
        "last_name": "O'Brien, jr",
        "phone_number": "+46701234567",
        "city": "Falun",
        "region": "Dalarna",
        "country": "Sweden",
        "entered": "2026-03-01T12:00:00.000000Z",
        "Points": "12.5",
        "Blue": "true",
        "Sizes": '["S", "=M"]',
        "Note": "two\nlines",
        "'@evil": "'-1+1",
        "None": "",
    }


@pytest.mark.django_db
def test_a_segment_of_nobody_is_a_header(segment: Segment) -> None:
    header = ",".join(COLUMNS).encode() + b"\r\n"
    assert b"".join(write_members(segment)) == BYTE_ORDER_MARK + header


@pytest.mark.django_db
def test_excel_is_told_that_the_file_is_utf_8(segment: Segment) -> None:
    let_in(segment, [{"email": "asa@example.com", "first_name": "Åsa"}])
    content = b"".join(write_members(segment))
    assert content.startswith(b"\xef\xbb\xbfid,")
    assert content.count(b"\xef\xbb\xbf") == 1
    assert "Åsa".encode() in content


@pytest.mark.django_db
def test_the_file_is_what_pythons_own_writer_would_write(segment: Segment) -> None:
    texts = ["Anna", "", "a,b", 'say "hi"', "a\r\nb", "a\nb", " x ", "=1", "å=1", "\\N", "\\."]
    people = let_in(segment, [{"external_id": f"x{n}"} for n in range(len(texts))])
    for person, text in zip(people, texts, strict=True):
        person.first_name, person.properties = text, {"Own, in full": text, "7": [text, None]}
        person.save()
    page_text = b"".join(write_members(segment, ["Own, in full", "7"])).decode("utf-8-sig")
    page = io.StringIO()
    csv.writer(page, lineterminator="\r\n").writerows(
        csv.reader(io.StringIO(page_text, newline=""))
    )
    assert page_text == page.getvalue()
    records = list(csv.DictReader(io.StringIO(page_text, newline="")))
    assert [row["first_name"] for row in records] == [escape_formula(text) for text in texts]
    assert [row["Own, in full"] for row in records] == [escape_formula(text) for text in texts]
    assert [json.loads(row["7"]) for row in records] == [[text, None] for text in texts]


@pytest.mark.django_db(transaction=True)
def test_all_members_are_of_the_instant_at_which_the_file_began(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members_csv, "CHUNK", 300)
    people = let_in(segment, [{"email": f"p{n}@example.com"} for n in range(25)])
    pieces = write_members(segment)
    first = next(pieces)

    def change() -> None:
        Membership.objects.filter(profile__in=people[12:]).delete()
        let_in(segment, [{"email": "late@example.com"}])
        connection.close()

    other = threading.Thread(target=change)
    other.start()
    other.join()
    rest = list(pieces)
    assert Membership.objects.count() == 13
    file_rows = csv.DictReader(
        io.StringIO((first + b"".join(rest)).decode("utf-8-sig"), newline="")
    )
    assert [row["id"] for row in file_rows] == [str(person.pk) for person in people]
    assert len(rest) > 1
    assert all(len(piece) < 500 for piece in (first, *rest))


@pytest.mark.django_db(transaction=True)
def test_a_file_that_nobody_reads_to_its_end_leaves_the_connection_free(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members_csv, "CHUNK", 100)
    let_in(segment, [{"external_id": f"{n}-" + "x" * 200} for n in range(5_000)])
    pieces = write_members(segment)
    next(pieces)
    pieces.close()
    assert Membership.objects.count() == 5_000


@pytest.mark.django_db
def test_times_are_told_in_utc(segment: Segment) -> None:
    let_in(segment, [{"email": "anna@example.com"}])
    later = datetime(2026, 7, 1, 0, 30, 0, 250_000, tzinfo=UTC) + timedelta(hours=2)
    Membership.objects.update(entered=later)
    assert rows(segment)[0]["entered"] == "2026-07-01T02:30:00.250000Z"


@pytest.mark.django_db
def test_members_of_others_stay_out(segment: Segment, other_account: Account) -> None:
    theirs = new_segment(other_account)
    let_in(theirs, [{"email": "eve@example.com"}])
    assert rows(segment) == []
