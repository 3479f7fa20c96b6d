"""Members of a segment as CSV: all of one instant, in a stream, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F, Func, TextField
from django.db.models.fields.json import KeyTransform

from segments.models import Membership, Segment

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
CHUNK = 2_000
"""Rows that are fetched, and written out, at a time."""

_SKIPPED = r"(?:[^\S\t\r\n]|[\"'`´‘’“”„«»\u00ad\u200b-\u200f\u2060\ufeff])*"
"""What a spreadsheet may pass over before a formula: spaces, quotes, marks of no width."""
_FORMULA = re.compile(rf"{_SKIPPED}[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20\u2212]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def defused(cell: str) -> str:
    """The cell, with an apostrophe before it if a spreadsheet could take it for a formula.

    Dangerous is what begins with = + - @ (ASCII or full-width), a tab or a line break, also after
    quotes and spaces. A plain number is left as it is.
    """
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def write_members(segment: Segment, properties: Sequence[str] = ()) -> Iterator[str]:
    """Yield the members as CSV text, header first, by profile id; of the instant of the query.

    `properties` are names of custom properties, one column each; lists and objects as JSON.
    """
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow([defused(head) for head in (*COLUMNS, *properties)])
    for number, row in enumerate(_rows(segment, properties), start=1):
        writer.writerow([_cell(value) for value in row])
        if number % CHUNK == 0:
            yield _torn_off(page)
    yield _torn_off(page)


def _rows(segment: Segment, properties: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """One query, read through a cursor on the server, so that all rows are of one instant."""
    wanted = [F("profile_id" if name == "id" else f"profile__{name}") for name in COLUMNS[:-1]]
    chosen = {
        f"property_{i}": KeyTransform(name, "profile__properties")
        for i, name in enumerate(properties)
    }
    members = Membership.objects.filter(account=segment.account_id, segment=segment)
    rows = members.annotate(entered_text=_Utc("entered"), **chosen).order_by("profile_id")
    return iter(rows.values_list(*wanted, "entered_text", *chosen).iterator(chunk_size=CHUNK))


class _Utc(Func):
    """A time as ISO 8601 in UTC. The database writes it faster than we do."""

    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    output_field = TextField()


def _torn_off(page: io.StringIO) -> str:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value[:1].isalpha() else defused(value)
    if type(value) is int:
        return str(value)
    return defused(json.dumps(value, ensure_ascii=False))
