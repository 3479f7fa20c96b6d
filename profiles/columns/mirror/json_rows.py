"""JSON objects, one a row, as a column for each name in them.

Arrow parses names whose values are all texts, all numbers or all booleans. The others are read
separately, as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "date": pa.string(),
    "instant": pa.string(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}
_BLOCK = 1 << 24


def plain_types(properties: Mapping[str, Iterable[str]]) -> dict[str, pa.DataType]:
    """Name to Arrow type, for names whose values are all of one type that Arrow parses.

    `properties` maps names to the types of JSON values that occur (`checks.json_type`).
    """
    plain = {}
    for name, types in properties.items():
        kinds = {_TYPES.get(each) for each in types}
        (kind, *others) = kinds or {None}
        if kind is not None and not others:
            plain[name] = kind
    return plain


def columns_of(lines: pa.Buffer, types: Mapping[str, pa.DataType]) -> dict[str, pa.Array]:
    """The columns of JSON objects, one a line; texts and booleans are dictionary-coded.

    Raises pyarrow.ArrowInvalid if a value is not of the type in `types`.
    """
    table = pyarrow.json.read_json(
        pa.BufferReader(lines),
        read_options=pyarrow.json.ReadOptions(block_size=_BLOCK),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=pa.schema(list(types.items())), unexpected_field_behavior="ignore"
        ),
    )
    return {name: _array(table.column(name)) for name in types}


def _array(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_floating(column.type):
        return column.combine_chunks()
    encoded = pc.dictionary_encode(column).unify_dictionaries().combine_chunks()
    return encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded


def numbers(array: pa.DoubleArray) -> Any:
    """float64[], NaN for null."""
    return np.asarray(pc.fill_null(array, np.nan))


def column_in_error(message: str, names: Iterable[str]) -> str | None:
    """The name of the column that Arrow's error message is about."""
    matches = [name for name in names if f"Column(/{name})" in message]
    return max(matches, key=len, default=None)
