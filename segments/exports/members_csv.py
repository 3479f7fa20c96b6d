"""Members of a segment as CSV: all of one instant, in a stream, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Generator, Sequence

import psycopg.sql as sql
from django.db import connection

from segments.models import Segment

COLUMNS = (
    "id",
    "external_id",
    "email",
    "first_name",
    "last_name",
    "phone_number",
    "city",
    "region",
    "country",
    "entered",
)
"""What every file holds; chosen properties come after it."""
CHUNK = 65_536
"""Bytes after which a piece of the file is handed on."""

# PostgreSQL and Python read the two patterns alike: brackets of plain characters, no classes whose
# meaning depends on the language. \s in Python is what is spelt out here, without tabs and breaks.
_SKIPPED = (
    r"\u000b\u000c\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    r"\u0022'\u0060\u00b4\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
    r"\u00ad\u200b-\u200f\u2060\ufeff"
)
"""What a spreadsheet may pass over before a formula: spaces, quotes, marks of no width."""
_FORMULA = rf"\A[{_SKIPPED}]*[=+@\u002d\u0009\u000d\u000a\uff1d\uff0b\uff0d\uff20\u2212]"
_NUMBER = r"\A[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\Z"
_IS_FORMULA, _IS_NUMBER = re.compile(_FORMULA), re.compile(_NUMBER)


def defused(cell: str) -> str:
    """The cell, with an apostrophe before it if a spreadsheet could take it for a formula.

    Dangerous is what begins with = + - @ (ASCII or full-width), a tab or a line break, also after
    quotes and spaces. A plain number is left as it is.
    """
    if _IS_FORMULA.match(cell) and not _IS_NUMBER.match(cell):
        return f"'{cell}"
    return cell


def defused_in_sql(cell: sql.Composable) -> sql.Composable:
    """An expression that is `defused` of a text column; null where that is null or empty.

    Most cells begin with a letter or a digit, which is tested without a regular expression.
    """
    return sql.SQL(
        "CASE WHEN ascii({cell}) BETWEEN 97 AND 122 OR ascii({cell}) BETWEEN 48 AND 57"
        " OR ascii({cell}) BETWEEN 65 AND 90 THEN {cell} WHEN {cell} = '' THEN NULL"
        " WHEN {cell} ~ {formula} AND {cell} !~ {number} THEN '''' || {cell} ELSE {cell} END"
    ).format(cell=cell, formula=sql.Literal(_FORMULA), number=sql.Literal(_NUMBER))


def write_members(segment: Segment, properties: Sequence[str] = ()) -> Generator[bytes]:
    """Yield the members as CSV in UTF-8, header first, by profile id; of the instant of the query.

    `properties` are names of custom properties, one column each; lists and objects as JSON. The
    thread's database connection is taken until the file has ended or is closed.
    """
    head = io.StringIO()
    csv.writer(head, lineterminator="").writerow(map(defused, (*COLUMNS, *properties)))
    with connection.cursor() as cursor, cursor.copy(_query(segment, properties)) as rows:
        lines, size = [head.getvalue().encode()], 0
        for row in rows:
            lines.append(row[:-1])  # without the line feed that is no part of a cell
            size += len(row)
            if size >= CHUNK:
                yield _joined(lines)
                lines, size = [], 0
    yield _joined(lines)


def _joined(lines: list[bytes]) -> bytes:
    return b"\r\n".join([*lines, b""])


def _query(segment: Segment, properties: Sequence[str]) -> sql.Composable:
    """COPY, which is one query, so that all rows are of one instant."""
    texts = [defused_in_sql(sql.Identifier("p", name)) for name in COLUMNS[1:-1]]
    names = [sql.Identifier("own", f"c{place}") for place in range(len(properties))]
    own = [
        sql.SQL("p.properties ->> {} AS {}").format(sql.Literal(name), sql.Identifier(f"c{place}"))
        for place, name in enumerate(properties)
    ]
    return sql.SQL(
        """COPY (
            SELECT {cells} FROM segments_membership m JOIN profiles_profile p ON p.id = m.profile_id
            {own} WHERE m.account_id = {account} AND m.segment_id = {segment} ORDER BY m.profile_id
        ) TO STDOUT WITH (FORMAT csv)"""
    ).format(
        cells=sql.SQL(", ").join(
            [
                sql.SQL("p.id"),
                *texts,
                sql.SQL(
                    "to_char(m.entered AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
                ),
                *map(defused_in_sql, names),
            ]
        ),
        # OFFSET 0: each is taken out of the object once and not wherever it is looked at.
        own=sql.SQL("CROSS JOIN LATERAL (SELECT {} OFFSET 0) AS own").format(
            sql.SQL(", ").join(own)
        )
        if own
        else sql.SQL(""),
        account=sql.Literal(segment.account_id),
        segment=sql.Literal(segment.pk),
    )
