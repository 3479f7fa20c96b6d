"""The rows of a query as NumPy and Arrow columns.

PostgreSQL concatenates each column in its binary form, so that a block of rows arrives as one value
a column. Reading row by row costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import psycopg
import psycopg.sql as sql
import pyarrow as pa
from django.db import connection

BLOCK = 500_000
"""Rows that arrive as one value a column."""
_POSTGRES_EPOCH = 946_684_800_000_000
"""Microseconds from 1970 to 2000, from which PostgreSQL counts."""

Kind = Literal["int", "time", "float", "text"]
_PACKED: dict[Kind, tuple[str, ...]] = {
    "int": ("int8send({}::bigint)",),
    "time": ("timestamptz_send({})",),
    "float": ("float8send({})",),
    "text": ("int4send(octet_length({0}))", "textsend({0})"),
}
_WHOLE = "SELECT {parts} FROM ({query}) AS q({names}) HAVING count(*) > 0"
_IN_BLOCKS = (
    "SELECT {parts} FROM (SELECT *, (row_number() OVER () - 1) / {block} AS block"
    " FROM ({query}) AS q({names})) AS numbered GROUP BY block ORDER BY block"
)


def fetch(query: sql.Composable, kinds: Sequence[Kind], *, one_block: bool = False) -> list[Any]:
    """The columns of a query. No value may be null. The order of rows is the same in all columns,
    and otherwise undefined.

    `int` int64[k], `time` int64[k] microseconds since 1970, `float` float64[k], `text` a
    pyarrow.StringArray of k. A text that is not null in `kinds` must be of type text.
    `one_block`: each column is known to fit into one value, so that rows need not be numbered.
    """
    names = [f"c{place}" for place in range(len(kinds))]
    parts = [
        f"string_agg({part.format(name)}, ''::bytea)"
        for name, kind in zip(names, kinds, strict=True)
        for part in _PACKED[kind]
    ]
    statement = sql.SQL(_WHOLE if one_block else _IN_BLOCKS).format(
        parts=sql.SQL(", ".join(parts)),
        block=sql.Literal(BLOCK),
        query=query,
        names=sql.SQL(", ".join(names)),
    )
    connection.ensure_connection()
    # Django's own cursor has no binary format.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, binary=True)
        blocks = cursor.fetchall()
    columns = iter([*zip(*blocks, strict=True)] or [()] * len(parts))
    return [_unpack(kind, columns) for kind in kinds]


def _unpack(kind: Kind, columns: Any) -> Any:
    content = next(columns)
    if kind == "text":
        return _texts(content, next(columns))
    dtype = ">f8" if kind == "float" else ">i8"
    values = np.frombuffer(b"".join(content), dtype=dtype).astype(dtype[1:])
    return values + _POSTGRES_EPOCH if kind == "time" else values


def _texts(lengths: Sequence[bytes], content: Sequence[bytes]) -> pa.StringArray:
    sizes: npt.NDArray[np.int64] = np.frombuffer(b"".join(lengths), dtype=">i4").astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    data = pa.py_buffer(b"".join(content))
    if ends[-1] < 2**31:
        offsets = pa.py_buffer(ends.astype(np.int32))
        return pa.StringArray.from_buffers(len(sizes), offsets, data)
    large = pa.LargeStringArray.from_buffers(len(sizes), pa.py_buffer(ends.astype(np.int64)), data)
    return large.cast(pa.string())
