"""What stands in the files, format by format, as other programs read them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.csv_writer import escape_formula
from segments.member_files.column import Shop, offers_of
from segments.member_files.file_format import formats_by_rank
from segments.member_files.formats import xlsx
from segments.models import Segment
from tests.segments.member_files.shop import PEOPLE, add_orders, add_segment, export, let_in

pytestmark = pytest.mark.django_db

FORMATS = ("csv", "jsonl", "parquet", "xlsx")
COLUMNS = (
    "email,phone_number,latitude,Points,Blue,Sizes,Any,utm_medium,Note,consent.email,"
    "consent.email.can_receive,consent.email.date,lists,list.VIP,count:Placed Order,"
    "sum:Placed Order:60d,sum(Items):Placed Order,predicted_clv,entered"
)


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = add_segment(account)
    let_in(segment, PEOPLE)
    today = now()
    add_orders(
        account, "anna@example.com", (today.isoformat(), 100.25), ("2020-01-01T10:00:00Z", 10)
    )
    return segment


def rows_of(file: Path, **options: Any) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines, **options))


def test_a_csv_file_holds_what_was_asked_for_in_its_order(segment: Segment, tmp_path: Path) -> None:
    answer = export("Readers", tmp_path / "out.csv", "--columns", COLUMNS)
    anna, bo, phone = rows_of(tmp_path / "out.csv")
    assert list(anna) == answer["columns"] == COLUMNS.split(",")
    assert anna == {
        "email": "anna@example.com",
        "phone_number": "",
        "latitude": "60.6",
        "Points": "12.5",
        "Blue": "true",
        "Sizes": '["S", "M"]',
        "Any": "7",
        "utm_medium": "email",
        "Note": "'=1+1",
        "consent.email": "subscribed",
        "consent.email.can_receive": "true",
        "consent.email.date": "2026-01-02 11:00:00",
        "lists": "Newsletter, VIP",
        "list.VIP": "true",
        "count:Placed Order": "2",
        "sum:Placed Order:60d": "100.25",
        "sum(Items):Placed Order": "110.25",
        "predicted_clv": "",
        "entered": "2026-03-01 13:00:00",
    }
    assert (bo["consent.email"], bo["consent.email.can_receive"]) == ("unsubscribed", "false")
    assert (bo["Any"], phone["Any"]) == ("seven", '{"a": [1]}')
    assert (phone["consent.email"], phone["phone_number"]) == ("never_subscribed", "+46701234567")
    assert (bo["count:Placed Order"], bo["lists"]) == ("0", "")


def test_json_lines_keep_types_and_say_null(segment: Segment, tmp_path: Path) -> None:
    export("Readers", tmp_path / "out.jsonl", "--columns", COLUMNS)
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    anna, bo, phone = map(json.loads, lines)
    assert anna["Sizes"] == ["S", "M"]
    assert anna["Blue"] is True
    assert anna["Note"] == "=1+1"
    assert anna["lists"] == ["Newsletter", "VIP"]
    assert anna["sum:Placed Order:60d"] == 100.25
    assert anna["entered"] == "2026-03-01T12:00:00+00:00"
    assert bo["phone_number"] is None
    assert (phone["Points"], phone["Any"], phone["lists"]) == (-3, {"a": [1]}, [])


def test_parquet_has_types(segment: Segment, tmp_path: Path) -> None:
    export("Readers", tmp_path / "out.parquet", "--columns", f"id,{COLUMNS}")
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert table["id"].dtype == np.int64
    assert table["Points"].tolist()[::2] == [12.5, -3.0]
    assert table["Blue"].tolist()[0] is True
    assert table["list.VIP"].tolist() == [True, False, False]
    assert table["entered"].iloc[0] == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert table["phone_number"].isna().tolist() == [True, True, False]
    assert table["Any"].tolist() == ["7", "seven", '{"a": [1]}']


def test_a_workbook_has_numbers_times_and_truths(segment: Segment, tmp_path: Path) -> None:
    export("Readers", tmp_path / "out.xlsx", "--columns", COLUMNS)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    heads, anna, bo, phone = ([cell.value for cell in row] for row in sheet.iter_rows())
    row = dict(zip(heads, anna, strict=True))
    assert row["Points"] == 12.5
    assert row["Blue"] is True
    assert row["Any"] == 7
    assert row["Note"] == "=1+1"
    assert sheet.cell(2, heads.index("Note") + 1).data_type == "s"
    assert row["entered"] == datetime.fromisoformat("2026-03-01T13:00:00")
    assert row["sum:Placed Order:60d"] == 100.25
    assert bo[heads.index("phone_number")] is None
    assert phone[heads.index("phone_number")] == "+46701234567"


def test_rows_that_do_not_fit_on_a_sheet_go_to_another_one(
    segment: Segment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    export("Readers", tmp_path / "out.xlsx", "--columns", "email,phone_number")
    sheets = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets
    assert [[cell.value for cell in sheet["A"]] for sheet in sheets] == [
        ["email", "anna@example.com", "bo@example.com"],
        ["email", None],
    ]


def test_numbers_have_the_sign_that_is_chosen_and_lines_the_delimiter(
    segment: Segment, tmp_path: Path
) -> None:
    options = ("--delimiter", ";", "--decimal", ",", "--bom", "--language", "sv")
    export("Readers", tmp_path / "out.csv", "--columns", "Points,predicted_clv,Any", *options)
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfPoints;")
    assert content.endswith(b"\r\n")
    assert [row["Points"] for row in rows_of(tmp_path / "out.csv", delimiter=";")] == [
        *("12,5", "", "-3"),
    ]
    table = pd.read_csv(tmp_path / "out.csv", sep=";", decimal=",")
    assert table["Points"].tolist()[::2] == [12.5, -3.0]


HOSTILE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "＝1+1",
    "a;=1+1",
    "a,=1+1",
    "a\n=1+1",
    "a\r\n-x",
    'say "hi"; ok',
    "\\N",
    "\\.",
    "-5",
    "1,5",
    "1;5",
    "åäö ż 日本 \U0001f600",
    "\u202eevil",
    "line one\nline two\r\n\r\n",
    "   ",
    "NULL",
    "null",
    "x" * 40_000,
    '{"a": 1}',
    "\x01\x02\x1f",
    "_x0041_",
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_hostile_text_is_harmless_and_whole_in_csv(
    account: Account, tmp_path: Path, delimiter: str
) -> None:
    let_in(add_segment(account), [_hostile(place) for place in range(len(HOSTILE))])
    export("Readers", tmp_path / "out.csv", "--columns", "title,Note", "--delimiter", delimiter)
    text = (tmp_path / "out.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    texts = [escape_formula(text, delimiter) for text in HOSTILE]
    assert [row["Note"] for row in rows] == texts
    other = {",": ";", ";": ",", "\t": ","}[delimiter]
    for line in text.splitlines():
        for part in line.split(other):
            assert not part.startswith(("=", "+1+", "@")), line


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "xlsx"])
def test_a_hostile_text_stays_as_it_is_where_cells_have_types(
    account: Account, tmp_path: Path, kind: str
) -> None:
    let_in(add_segment(account), [_hostile(place) for place in range(len(HOSTILE))])
    out = tmp_path / f"out.{kind}"
    export("Readers", out, "--columns", "Note")
    if kind == "jsonl":
        texts = [json.loads(line)["Note"] for line in out.read_text().split("\n")[:-1]]
    elif kind == "parquet":
        texts = pd.read_parquet(out)["Note"].tolist()
    else:
        column = openpyxl.load_workbook(out).active["A"][1:]
        assert {cell.data_type for cell in column} <= {"s", "n"}
        texts = [openpyxl.utils.escape.unescape(str(cell.value)) for cell in column]
    expected = [text[:32_767] if kind == "xlsx" else text for text in HOSTILE]
    if kind == "xlsx":  # XML knows no carriage returns
        texts = [text.replace("\r\n", "\n") for text in texts]
        expected = [text.replace("\r\n", "\n") for text in expected]
    assert texts == expected


def _hostile(place: int) -> dict[str, Any]:
    return {"external_id": f"h{place:03}", "properties": {"Note": HOSTILE[place]}}


NUMBERS = [0.1, -0.0, 1e-7, 1e20, 123456789012345678, 5, -2.5]


@pytest.mark.parametrize("kind", FORMATS)
def test_numbers_stay_numbers(account: Account, tmp_path: Path, kind: str) -> None:
    records = [{"external_id": f"n{n}", "properties": {"N": n}} for n in NUMBERS]
    let_in(add_segment(account), records)
    out = tmp_path / f"out.{kind}"
    export("Readers", out, "--columns", "N")
    readers: dict[str, Any] = {
        "csv": pd.read_csv,
        "jsonl": lambda file: pd.DataFrame(map(json.loads, file.read_text().splitlines())),
        "parquet": pd.read_parquet,
        "xlsx": pd.read_excel,
    }
    assert [float(number) for number in readers[kind](out)["N"]] == pytest.approx(NUMBERS)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_column_that_is_offered_can_be_written(
    segment: Segment, tmp_path: Path, kind: str
) -> None:
    shop = Shop(segment.account, now())
    names = [column.name for _family, columns in offers_of(shop) for column in columns]
    column_names = ",".join(f'"{name}"' for name in names)
    answer = export("Readers", tmp_path / f"out.{kind}", "--columns", column_names)
    assert answer["rows"] == 3
    assert answer["columns"] == names
    assert len(names) > 60


@pytest.mark.parametrize("kind", FORMATS)
def test_a_segment_of_nobody_makes_a_file_that_can_be_read(
    account: Account, tmp_path: Path, kind: str
) -> None:
    add_segment(account)
    out = tmp_path / f"out.{kind}"
    assert export("Readers", out, "--columns", "email")["rows"] == 0
    if kind == "parquet":
        assert pd.read_parquet(out).empty
    elif kind == "xlsx":
        assert pd.read_excel(out).columns.tolist() == ["email"]
    else:
        assert out.read_bytes() == (b"email\r\n" if kind == "csv" else b"")


def test_all_formats_are_tested() -> None:
    assert {name for name, _format in formats_by_rank()} == set(FORMATS)


def test_blocks_follow_each_other_without_a_gap(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segments.member_files.member_rows.BLOCK", 7)
    segment = add_segment(account)
    let_in(segment, [{"external_id": f"p{n}"} for n in range(50)])
    add_orders(account, "late@example.com", ("2026-01-01T00:00:00Z", 1))  # who is no member
    answer = export("Readers", tmp_path / "out.csv", "--columns", "external_id,count:Placed Order")
    assert answer["rows"] == 50
    assert [row["external_id"] for row in rows_of(tmp_path / "out.csv")] == [
        f"p{n}" for n in range(50)
    ]


@pytest.mark.parametrize("kind", FORMATS)
def test_pandas_reads_the_same_from_every_format(
    segment: Segment, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / f"out.{kind}"
    export("Readers", out, "--columns", "email,Points,Blue,entered")
    readers: dict[str, Any] = {
        "csv": pd.read_csv,
        "jsonl": lambda file: pd.read_json(file, lines=True),
        "parquet": pd.read_parquet,
        "xlsx": pd.read_excel,
    }
    table = readers[kind](out)
    assert table["email"].fillna("").tolist() == ["anna@example.com", "bo@example.com", ""]
    assert table["Points"].fillna(0).tolist() == [12.5, 0, -3]
    assert table["Blue"].iloc[0] in (True, 1.0)
    assert table["Blue"].isna().tolist() == [False, True, True]
    entered = pd.to_datetime(table["entered"])
    if entered.dt.tz is None:  # spreadsheets know no zones: that of the account
        entered = entered.dt.tz_localize("Europe/Stockholm")
    assert entered.dt.tz_convert("UTC").unique().tolist() == [pd.Timestamp("2026-03-01T12:00:00Z")]


def test_a_workbook_looks_like_a_table_to_who_opens_it(segment: Segment, tmp_path: Path) -> None:
    export("Readers", tmp_path / "out.xlsx", "--columns", "email,entered", "--language", "sv")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet.freeze_panes == "A2"
    assert [cell.font.bold for cell in sheet[1]] == [True, True]
    assert sheet["B2"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert sheet.column_dimensions["B"].width >= 10
