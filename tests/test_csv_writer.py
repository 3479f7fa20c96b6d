"""One writer of CSV: what a spreadsheet could run is harmless, and every file comes from it."""

from __future__ import annotations

import ast
import csv
import io
import re
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import psycopg.sql as sql
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from segmenter.kernel.csv_writer import (
    BYTE_ORDER_MARK,
    csv_lines,
    escape_formula,
    escape_formula_sql,
    unescape_formula,
)
from tests.draws import draws

PROJECT = Path(__file__).parents[1]

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
    "\u00ad=1",
    "\u202e=1",
    "\u2066=1",
    "\u061c=1",
    "\x00=1",
    "\x07=1",
    "\u180e=1",
    "\U000e0020=1",
    "`=1",
    "«=1»",
    "‹=1›",
    "„=1“",
    "「=1」",
    "\u27951",
    "\u20101",
    "–1+1",
    "﹣1",
    "﹦1",
    "﹫x",
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
    "-1,5",
    "-1,234.50",
    "+46701234567",
    "-.5",
    "-1e-7",
    "1E+10",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_what_a_spreadsheet_could_run_is_defused(cell: str) -> None:
    assert escape_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_what_is_harmless_stays(cell: str) -> None:
    assert escape_formula(cell) == cell


SPLIT = [
    ("a;=1+1", ",", "a;'=1+1"),
    ("a; \t@x;b", ",", "a;' \t@x;b"),
    ("a;=1+1", ";", "a;=1+1"),
    ("a,=1+1", ";", "a,'=1+1"),
    ("a,=1+1", ",", "a,=1+1"),
    ("a,=1;-x", "\t", "a,'=1;'-x"),
    ("=a;=b", ",", "'=a;'=b"),
    ('one\n=two\r\n"+three', ",", "one\n'=two\r\n'\"+three"),
    ("S;-5;+46701234567;-1,5", ",", "S;-5;+46701234567;-1,5"),
    ("-1,5", ";", "-1,5"),
    ("a;-5 kr", ",", "a;'-5 kr"),
    ("one\r\n\r\ntwo; three", ",", "one\r\n\r\ntwo; three"),
]
"""A cell, the file's delimiter, and what is written."""


@pytest.mark.parametrize(("cell", "delimiter", "cell_written"), SPLIT)
def test_what_another_delimiter_would_split_off_is_defused(
    cell: str, delimiter: str, cell_written: str
) -> None:
    assert escape_formula(cell, delimiter) == cell_written
    assert unescape_formula(cell_written, delimiter) == cell


@given(st.text(st.sampled_from("=+-@a1,;\t\n\r' \""), max_size=12), st.sampled_from(",;"))
def test_no_spreadsheet_finds_a_formula_whatever_it_splits_lines_at(
    cell: str, delimiter: str
) -> None:
    other = {",": ";", ";": ","}[delimiter]
    for part in re.split(f"[{other}\r\n]", escape_formula(cell, delimiter)):
        if part.lstrip("\t '\"")[:1] in {*"=+-@"} and not part.startswith("'"):
            assert re.fullmatch(r"[+-]?[0-9.,]+", part, re.ASCII), (cell, part)


def begins_a_formula(cell: str) -> bool:
    """The Unicode category of the first visible character that is no quote."""
    for character in cell:
        if character in "\t\r\n":
            return True
        if character in "\"'`´" or unicodedata.category(character) in PASSED_OVER:
            continue
        plain = unicodedata.normalize("NFKC", character)
        return plain in set("=+-@\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
    return False


PASSED_OVER = {"Cc", "Cf", "Zs", "Zl", "Zp", "Pi", "Pf"}
ODD = st.sampled_from(
    "=+-@﬩⩵\t\r\n\v \"'`´“«‹„,;\\.5eEx0٣Å＝＋－＠−﹣﹦⁼₊–\u200b\u00a0\u2028\x85\x1f\x7f\u202e\u2066"
)
CELLS = st.text(ODD | st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=1), min_size=1), st.booleans())
@settings(deadline=None)
def test_no_cell_of_a_file_begins_a_formula_and_nothing_else_of_it_changes(
    rows: list[list[str]], byte_order_mark: bool
) -> None:
    content = csv_lines(rows, byte_order_mark=byte_order_mark)
    assert content.startswith(BYTE_ORDER_MARK) or not byte_order_mark
    text = content.decode().removeprefix("\ufeff" if byte_order_mark else "")
    rows_read = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows_read) == len(rows)
    for row, cells in zip(rows, rows_read, strict=True):
        assert len(row) == len(cells)
        for was, cell in zip(row, cells, strict=True):
            assert unescape_formula(cell) == was
            if cell == was and begins_a_formula(cell):
                assert re.fullmatch(r"[+-]?[0-9.,]+(?:[eE][+-]?[0-9]+)?", cell, re.ASCII), cell


def test_letters_of_the_excluded_kind_stay_readable() -> None:
    assert csv_lines([["a\udcff", 5, None]]) == b"a\\udcff,5,\r\n"


def by_the_database(cells: Sequence[str], delimiter: str = ",") -> list[str | None]:
    """What the database makes of some cells, in their order."""
    with connection.cursor() as cursor:
        query = sql.SQL(
            "SELECT {} FROM unnest(%s::text[]) WITH ORDINALITY AS t(cell, place) ORDER BY place"
        ).format(escape_formula_sql(sql.Identifier("t", "cell"), delimiter))
        cursor.execute(query, [list(cells)])
        return [cell for (cell,) in cursor.fetchall()]


@pytest.mark.django_db
def test_the_database_defuses_as_we_do() -> None:
    cells = [cell for cell in (*DANGEROUS, *HARMLESS[1:]) if "\0" not in cell]
    assert by_the_database(cells) == [escape_formula(cell) for cell in cells]
    assert by_the_database([""]) == [None]


@pytest.mark.django_db
def test_the_database_agrees_about_every_character_before_a_formula() -> None:
    codes = (*range(1, 0xD800), *range(0xE000, 0x11000), *range(0xE0000, 0xE1001))
    characters = [*map(chr, codes), "\U0001d173", "\U0001d17b"]
    cells = [before + "=1" for before in characters] + [first + "1" for first in characters]
    assert by_the_database(cells) == [escape_formula(cell) for cell in cells]


def test_all_kinds_of_spaces_are_passed_over() -> None:
    spaces = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    assert [space for space in spaces if escape_formula(f"{space}=1") == f"{space}=1"] == []


class Agreement(TestCase):
    @given(
        st.lists(
            st.text(ODD | st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
            min_size=1,
        ),
        st.sampled_from(",;\t"),
    )
    @settings(max_examples=draws(100, nightly=300), deadline=None)
    def test_the_database_defuses_any_text_as_we_do(self, cells: list[str], delimiter: str) -> None:
        assert by_the_database(cells, delimiter) == [
            escape_formula(cell, delimiter) for cell in cells
        ]


def writers_of_csv(file: Path) -> list[str]:
    """The places of a file that write CSV by themselves."""
    tree = ast.parse(file.read_bytes())
    places = []
    for node in ast.walk(tree):
        of_csv = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "csv"
        attribute = node.attr if isinstance(node, ast.Attribute) and of_csv else ""
        is_import = isinstance(node, ast.ImportFrom) and node.module == "csv"
        imported = {one.name for one in node.names} if isinstance(node, ast.ImportFrom) else set()
        if {attribute, *(imported if is_import else ())} & {"writer", "DictWriter"}:
            places.append(f"{file.relative_to(PROJECT)}:{getattr(node, 'lineno', 0)}")
    return places


def test_nothing_else_writes_csv() -> None:
    parts = ("segmenter", "profiles", "predictions", "segments", "forms_targeting")
    files = [file for part in parts for file in sorted((PROJECT / part).rglob("*.py"))]
    elsewhere = [place for file in files for place in writers_of_csv(file)]
    own = [place for place in elsewhere if place.startswith("segmenter/kernel/csv_writer.py:")]
    tables = [place for place in elsewhere if place.startswith("profiles/data/rebuild.py:")]
    assert len(own) == 1
    assert tables  # the shipped tables are no files for a spreadsheet
    assert sorted({*elsewhere} - {*own, *tables}) == []


@given(st.text(alphabet=st.sampled_from("'=+-@ \t1a\u00a0\u2019"), max_size=8))
def test_what_was_defused_can_be_restored(cell: str) -> None:
    assert unescape_formula(escape_formula(cell)) == cell
