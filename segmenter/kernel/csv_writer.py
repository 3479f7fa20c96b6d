"""The only writer of CSV files that a person may open in a spreadsheet.

Cells that a spreadsheet could run as a formula are escaped with a leading apostrophe, in Python and
in PostgreSQL (for COPY). The encoding is UTF-8; Excel recognizes it by the byte order mark.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from functools import cache

import psycopg.sql as sql

BYTE_ORDER_MARK = codecs.BOM_UTF8

# The patterns mean the same in PostgreSQL and Python: brackets of plain characters, no classes that
# depend on the locale. _SPACES is Python's \s without tabs and line breaks.
_SPACES = r"\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CONTROLS = r"\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
_QUOTES = (
    r"\u0022'\u0060\u00b4\u00ab\u00bb\u02b9-\u02bc\u2018-\u201f\u2032-\u2037\u2039\u203a"
    r"\u2e02-\u2e0d\u2e1c\u2e1d\u2e20\u2e21\u300c-\u300f\u301d-\u301f\uff02\uff07"
)
_INVISIBLE = (
    r"\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SKIPPED = _SPACES + _CONTROLS + _QUOTES + _INVISIBLE
"""Characters that a spreadsheet may skip before a formula: spaces, quotes, zero-width marks."""
_SIGNS = (
    r"=\ufe66\uff1d\u207c\u208c\u2a75\u2a76"
    r"+\ufe62\uff0b\u207a\u208a\u2795\ufb29"
    r"\u002d\u02d7\u2010-\u2015\u207b\u208b\u2212\u2796\ufe58\ufe63\uff0d"
    r"@\ufe6b\uff20"
)
"""First characters of formulas, and those that look alike or may be converted to them."""
_FORMULA = rf"[{_SIGNS}\u0009\u000a\u000d]"
_SQL_FORMULA = rf"\A[{_SKIPPED}]*{_FORMULA}"  # no text of the database holds U+0000
_NUMERAL = r"[+-]?([0-9]+([.,][0-9]+)*[.]?|[.][0-9]+)([eE][+-]?[0-9]+)?"
_NUMBER = rf"\A{_NUMERAL}\Z"
_IS_FORMULA = re.compile(rf"\A[\u0000{_SKIPPED}]*{_FORMULA}")
_IS_NUMBER = re.compile(_NUMBER)
_SEPARATORS = ",;"
"""What Excel splits lines at, by the country that the computer is set to."""


def _splits(delimiter: str) -> str:
    """A class of the places at which a reader splits a cell who takes another delimiter.

    Nor does that reader heed quotes within a line, so that a line break ends the line. Who takes
    the file's own delimiter heeds them, and cells that hold it are quoted.
    """
    return rf"[{_SEPARATORS.replace(delimiter, '')}\u000a\u000d]"


def _part(delimiter: str, *, before: str = "", passed: str = "") -> str:
    """A split with a formula after it that is no number; `passed` may stand before its sign."""
    splits = _splits(delimiter)
    formula = rf"[{passed}\u0009{_SKIPPED}]*[{_SIGNS}]"
    return rf"({splits}){before}(?={formula})(?!{_NUMERAL}({splits}|\Z))"


@cache
def _parts(delimiter: str, before: str = "") -> re.Pattern[str]:
    return re.compile(_part(delimiter, before=before, passed=r"\u0000"))


def escape_formula(cell: str, delimiter: str = ",") -> str:
    """Return the cell, with an apostrophe before what a spreadsheet could run as a formula.

    Dangerous is what begins with = + - @ (or looks like it), a tab or a line break, also after
    quotes, spaces and marks without width: at the beginning of the cell, or where a spreadsheet
    splits it that takes another delimiter than the file's ("a;=1+1" in a file with commas). A
    plain number, a telephone number in E.164 among them, is left as it is.
    """
    inside = _parts(delimiter).sub(r"\1'", cell)
    if _IS_FORMULA.match(cell) and not _IS_NUMBER.match(cell):
        return f"'{inside}"
    return inside


def unescape_formula(cell: str, delimiter: str = ",") -> str:
    """Return a cell of which `escape_formula` is this one."""
    plain = _parts(delimiter, "'").sub(r"\1", cell)
    for candidate in (plain.removeprefix("'"), plain):
        if escape_formula(candidate, delimiter) == cell:
            return candidate
    return cell


def escape_formula_sql(cell: sql.Composable, delimiter: str = ",") -> sql.Composable:
    """Return the SQL of `escape_formula` for a text column; null for null and empty texts.

    Most cells begin with a letter or a digit and cannot be split, which is tested without a
    regular expression.
    """
    splits = [*_SEPARATORS.replace(delimiter, ""), "\n", "\r"]
    cannot_be_split = [
        sql.SQL("strpos({}, {}) = 0").format(cell, sql.Literal(split)) for split in splits
    ]
    return sql.SQL(
        "CASE WHEN (ascii({cell}) BETWEEN 97 AND 122 OR ascii({cell}) BETWEEN 65 AND 90"
        " OR ascii({cell}) BETWEEN 48 AND 57 OR ascii({cell}) BETWEEN 192 AND 591)"
        " AND {cannot_be_split} THEN {cell} WHEN {cell} = '' OR {cell} IS NULL THEN NULL"
        " WHEN {cell} ~ {number} THEN {cell}"
        " ELSE CASE WHEN {cell} ~ {formula} THEN '''' ELSE '' END"
        " || regexp_replace({cell}, {part}, {repair}, 'g') END"
    ).format(
        cell=cell,
        cannot_be_split=sql.SQL(" AND ").join(cannot_be_split),
        part=sql.Literal(_part(delimiter)),
        repair=sql.Literal(r"\1'"),
        formula=sql.Literal(_SQL_FORMULA),
        number=sql.Literal(_NUMBER),
    )


def csv_lines(
    rows: Iterable[Iterable[object]], *, byte_order_mark: bool = False, delimiter: str = ","
) -> bytes:
    """Return rows as lines of CSV, formulas escaped; bytes that were no text stay as \\udc80.

    `byte_order_mark` is for the start of files that people open in a spreadsheet.
    """
    page = io.StringIO()
    csv.writer(page, delimiter=delimiter, lineterminator="\r\n").writerows(
        [escape_formula(cell, delimiter) if isinstance(cell, str) else cell for cell in row]
        for row in rows
    )
    lines = page.getvalue().encode("utf-8", "backslashreplace")
    return BYTE_ORDER_MARK + lines if byte_order_mark else lines
