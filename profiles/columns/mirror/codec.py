"""Encodes a column as arrays for a file, and decodes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from profiles.columns.column import (
    Column,
    ValueKind,
    from_instants,
    from_numbers,
    values_of,
    values_of_numbers,
    values_of_texts,
)
from profiles.columns.instants import NO_INSTANT
from profiles.columns.mirror.arrays import Array, numbers

MOST_DISTINCT = 30_000
"""Numbers with more distinct values are stored row by row."""


def to_arrays(column: Column) -> dict[str, Array]:
    """A column as arrays: its instants or numbers row by row, or codes and distinct values.

    Distinct values that no row has are left out: they may belong to an erased person.
    """
    values = column.values
    if column.plain and values.times is not None:
        return {"instants": values.times}
    if column.plain and len(values) > MOST_DISTINCT:
        return {"numbers": values.numbers}
    if values.times is not None:
        return {"instants": np.append(values.times, NO_INSTANT)[column.codes]}
    column = column.without_unused()
    values = column.values
    if values.of(ValueKind.TEXT).all():
        texts = values.texts.dictionary_encode()
        places = np.append(np.asarray(texts.indices), np.int32(-1))
        return {
            "codes": narrow(places[column.codes], len(texts.dictionary)),
            "texts": texts.dictionary,
        }
    if values.of(ValueKind.NUMBER).all():
        # Sorted, so that a range of numbers is a range of codes.
        distinct, places = np.unique(values.numbers, return_inverse=True)
        if len(distinct) > MOST_DISTINCT:
            return {"numbers": column.number_per_row()}
        codes = narrow(np.append(places, -1)[column.codes], len(distinct))
        return {"codes": codes, "distinct": distinct}
    json_texts = pa.array([json.dumps(values.at(at)) for at in range(len(values))], pa.string())
    encoded = json_texts.dictionary_encode()
    places = np.append(np.asarray(encoded.indices), np.int32(-1))
    return {
        "codes": narrow(places[column.codes], len(encoded.dictionary)),
        "json": encoded.dictionary,
    }


def from_arrays(arrays: Mapping[str, pa.Array]) -> Column:
    """The column that `to_arrays` encoded."""
    if "instants" in arrays:
        return from_instants(numbers(arrays["instants"]))
    if "numbers" in arrays:
        return from_numbers(numbers(arrays["numbers"]))
    codes = numbers(arrays["codes"])
    if "texts" in arrays:
        return Column(codes, values_of_texts(arrays["texts"]))
    if "distinct" in arrays:
        return Column(codes, values_of_numbers(numbers(arrays["distinct"])))
    return Column(codes, values_of([json.loads(text) for text in arrays["json"].to_pylist()]))


def narrow(codes: npt.NDArray[Any], values: int) -> npt.NDArray[Any]:
    """The codes, -1 or below `values`, in the narrowest type that fits."""
    for width in (np.int8, np.int16):
        if values <= np.iinfo(width).max:
            return codes.astype(width)
    return codes.astype(np.int32)
