"""Members as CSV: complete, of one instant, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg.sql as sql
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from profiles.ingest import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.exports import members_csv
from segments.exports.members_csv import COLUMNS, defused, defused_in_sql, write_members
from segments.models import Membership, Segment
from tests.fixtures.cast import AT

DANGEROUS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.com";"click")',
    "+1+1",
    "+46 70 123 45 67",
    "-1+1",
    "-",
    "+",
    "@SUM(A1)",
    "@anna",
    "\t=1",
    "\tplain",
    "\rplain",
    "\nplain",
    " =1",
    "   +1+2",
    "\u00a0=1",
    "\u3000=1",
    "\u200b=1",
    "\ufeff=1",
    '"=1+1"',
    "'=1",
    "''=1",
    "“=1”",
    " \" ' =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "−1",
    "-1,5",
    "-1 000",
    "+1e5x",
    "--1",
    "-0x10",
    "-∞",
    "-٣",
    "=",
    "@",
    " \t@x",
    "'\rx",
]
HARMLESS = [
    "",
    "Anna",
    "a=1",
    "anna@example.com",
    "1+1",
    "5 - 3",
    "O'Brien",
    "'quoted'",
    '"quoted"',
    " leading space",
    "\u00e5=1",
    "#1",
    "|",
    "%",
    "0",
    "-5",
    "+5",
    "-5.25",
    "+46701234567",
    "-.5",
    "-1e-7",
    "1E+10",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_what_a_spreadsheet_could_run_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_what_is_harmless_stays(cell: str) -> None:
    assert defused(cell) == cell


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n \"'＝＋－＠5.eEx\u200b\u00a0"), max_size=6))
def test_no_cell_begins_a_formula(cell: str) -> None:
    safe = defused(cell)
    assert safe in (cell, f"'{cell}")
    stripped = safe.lstrip(' "\u200b\u00a0')
    if safe == cell and stripped[:1] in "=+-@\t\r\n＝＋－＠" and stripped:
        float(cell)


def by_the_database(cells: Sequence[str]) -> list[str | None]:
    """What the database makes of some cells, in their order."""
    with connection.cursor() as cursor:
        query = sql.SQL(
            "SELECT {} FROM unnest(%s::text[]) WITH ORDINALITY AS t(cell, place) ORDER BY place"
        ).format(defused_in_sql(sql.Identifier("t", "cell")))
        cursor.execute(query, [list(cells)])
        return [cell for (cell,) in cursor.fetchall()]


@pytest.mark.django_db
def test_the_database_defuses_as_we_do() -> None:
    cells = [*DANGEROUS, *HARMLESS[1:]]
    assert by_the_database(cells) == [defused(cell) for cell in cells]
    assert by_the_database([""]) == [None]


@pytest.mark.django_db
def test_the_database_agrees_about_every_character_before_a_formula() -> None:
    characters = [chr(code) for code in range(1, 0x11000) if not 0xD800 <= code < 0xE000]
    cells = [before + "=1" for before in characters] + [first + "1" for first in characters]
    assert by_the_database(cells) == [defused(cell) for cell in cells]


def test_all_kinds_of_spaces_are_passed_over() -> None:
    spaces = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    assert [space for space in spaces if defused(f"{space}=1") == f"{space}=1"] == []


class Agreement(TestCase):
    odd = st.sampled_from("=+-@\t\r\n\v \"'`´“«,;\\.5eEx0٣Å＝＋－＠−\u200b\u00a0\u2028\x85\x1f\x7f")

    @given(
        st.lists(
            st.text(odd | st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
            min_size=1,
        )
    )
    @settings(max_examples=300, deadline=None)
    def test_the_database_defuses_any_text_as_we_do(self, cells: list[str]) -> None:
        assert by_the_database(cells) == [defused(cell) for cell in cells]


def rows(segment: Segment, *properties: str) -> list[dict[str, str]]:
    text = b"".join(write_members(segment, properties)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def segment(account: Account) -> Segment:
    return Segment.objects.create(
        account=account, name="All", definition={}, created=AT, updated=AT, size=0
    )


def let_in(segment: Segment, records: list[dict[str, Any]]) -> list[Profile]:
    """People with these records, members since AT."""
    outcome = ingest_profiles(account=segment.account, records=records, at=AT)
    assert not outcome.rejected
    people = [Profile.objects.get(pk=pk) for pk in outcome.profile_ids]
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
    assert b"".join(write_members(segment)) == ",".join(COLUMNS).encode() + b"\r\n"


@pytest.mark.django_db
def test_the_file_is_what_pythons_own_writer_would_write(segment: Segment) -> None:
    texts = ["Anna", "", "a,b", 'say "hi"', "a\r\nb", "a\nb", " x ", "=1", "å=1", "\\N", "\\."]
    people = let_in(segment, [{"external_id": f"x{n}"} for n in range(len(texts))])
    for person, text in zip(people, texts, strict=True):
        person.first_name, person.properties = text, {"Own, in full": text, "7": [text, None]}
        person.save()
    found = b"".join(write_members(segment, ["Own, in full", "7"])).decode()
    page = io.StringIO()
    csv.writer(page, lineterminator="\r\n").writerows(csv.reader(io.StringIO(found, newline="")))
    assert found == page.getvalue()
    read = list(csv.DictReader(io.StringIO(found, newline="")))
    assert [row["first_name"] for row in read] == [defused(text) for text in texts]
    assert [row["Own, in full"] for row in read] == [defused(text) for text in texts]
    assert [json.loads(row["7"]) for row in read] == [[text, None] for text in texts]


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
    found = csv.DictReader(io.StringIO((first + b"".join(rest)).decode(), newline=""))
    assert [row["id"] for row in found] == [str(person.pk) for person in people]
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
    theirs = Segment.objects.create(
        account=other_account, name="All", definition={}, created=AT, updated=AT
    )
    let_in(theirs, [{"email": "eve@example.com"}])
    assert rows(segment) == []
