"""Rows of a query as columns that NumPy and Arrow take as they are.

PostgreSQL strings each column together in its binary form, so that a block of rows comes as one
value a column: reading row by row costs ten times as much.
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
"""Rows that come as one value a column."""
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


def fetch(query: sql.Composable, kinds: Sequence[Kind], *, whole: bool = False) -> list[Any]:
    """The columns of a query, none of which may be null, in one order that is not said.

    `int` int64[k], `time` int64[k] microseconds since 1970, `float` float64[k], `text` a
    pyarrow.StringArray of k. A text that is not null in `kinds` must be of type text.
    `whole`: the columns are known to fit into one value each, so that rows need not be counted off.
    """
    names = [f"c{place}" for place in range(len(kinds))]
    parts = [
        f"string_agg({part.format(name)}, ''::bytea)"
        for name, kind in zip(names, kinds, strict=True)
        for part in _PACKED[kind]
    ]
    packed = sql.SQL(_WHOLE if whole else _IN_BLOCKS).format(
        parts=sql.SQL(", ".join(parts)),
        block=sql.Literal(BLOCK),
        query=query,
        names=sql.SQL(", ".join(names)),
    )
    connection.ensure_connection()
    # Not by Django's cursor, which speaks text only.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(packed, binary=True)
        blocks = cursor.fetchall()
    columns = iter([*zip(*blocks, strict=True)] or [()] * len(parts))
    return [_unpacked(kind, columns) for kind in kinds]


def _unpacked(kind: Kind, columns: Any) -> Any:
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
