"""Bulk inserts by COPY: its text format and its errors.

Knows no table; callers have validated the values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection

from profiles.ingest.checks import dump

NULL = "\\N"
_CHUNK = 500


def copy_rows(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write rows into a table; each line has a field for each column.

    Lines are sent in chunks: the database stores the first while the next are made. Raises what an
    INSERT raises; then nothing is written.
    """
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        iterator = iter(lines)
        while chunk := list(islice(iterator, _CHUNK)):
            copy.write("\n".join(chunk) + "\n")


def line(values: Iterable[Any]) -> str:
    """Return a row of values: texts, numbers, aware datetimes, JSON objects, None."""
    return "\t".join(map(_field, values))


def text_field(text: str) -> str:
    """Return a text as a field."""
    plain = text.isprintable() and "\\" not in text
    return text if plain else text.translate(_ESCAPES)


@lru_cache(1 << 14)
def time_field(moment: datetime) -> str:
    """Return an aware datetime as a field. Cached: in logs with dates only, many rows share one."""
    return moment.isoformat()


def json_field(value: Any) -> str:
    """Return JSON as a field; its text has no control characters, only backslashes."""
    return dump(value).replace("\\", "\\\\") if value else "{}"


def _field(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return text_field(value)
    if isinstance(value, datetime):
        return time_field(value)
    return json_field(value) if isinstance(value, dict) else repr(value)


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
