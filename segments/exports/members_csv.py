"""Members of a segment as CSV: all of one instant, in a stream, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import psycopg.sql as sql
from django.db import connection

from segmenter.kernel.csv_writer import csv_lines, escape_formula_sql
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


def write_members(segment: Segment, properties: Sequence[str] = ()) -> Generator[bytes]:
    """Yield the members as CSV, header first, by profile id; of the instant of the query.

    `properties` are names of custom properties, one column each; lists and objects as JSON. The
    thread's database connection is taken until the file has ended or is closed.
    """
    head = csv_lines([(*COLUMNS, *properties)], byte_order_mark=True)
    with connection.cursor() as cursor, cursor.copy(_query(segment, properties)) as rows:
        lines, size = [head.removesuffix(b"\r\n")], 0
        for row in rows:
            lines.append(row[:-1])  # without the line feed that is no part of a cell
            size += len(row)
            if size >= CHUNK:
                yield _block(lines)
                lines, size = [], 0
    yield _block(lines)


def _block(lines: list[bytes]) -> bytes:
    return b"\r\n".join([*lines, b""])


def _query(segment: Segment, properties: Sequence[str]) -> sql.Composable:
    """COPY, which is one query, so that all rows are of one instant."""
    texts = [escape_formula_sql(sql.Identifier("p", name)) for name in COLUMNS[1:-1]]
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
                *map(escape_formula_sql, names),
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
