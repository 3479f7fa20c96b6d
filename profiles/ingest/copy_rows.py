"""Many rows into a table at once, by COPY: the form of a row, and its errors.

Part of ingest. Knows no table; whoever calls has checked the values.
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
_SENT = 500


def copy_rows(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write rows into a table; each line has a field for each column.

    They are sent bit by bit: the database stores the first while the next ones are made. Raises
    what an INSERT raises; then nothing is written.
    """
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        rest = iter(lines)
        while some := list(islice(rest, _SENT)):
            copy.write("\n".join(some) + "\n")


def line(values: Iterable[Any]) -> str:
    """Return a row of values: texts, numbers, aware datetimes, JSON objects, None."""
    return "\t".join(map(_field, values))


def text_field(text: str) -> str:
    """Return a text as a field."""
    plain = text.isprintable() and "\\" not in text
    return text if plain else text.translate(_ESCAPED)


@lru_cache(1 << 14)
def time_field(moment: datetime) -> str:
    """Return an aware datetime as a field; many rows share one, as in logs that know only days."""
    return moment.isoformat()


def json_field(value: Any) -> str:
    """Return JSON as a field; its text holds no control characters, only backslashes."""
    return dump(value).replace("\\", "\\\\") if value else "{}"


def _field(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return text_field(value)
    if isinstance(value, datetime):
        return time_field(value)
    return json_field(value) if isinstance(value, dict) else repr(value)


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
