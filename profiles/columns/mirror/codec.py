"""A column as arrays that can be kept in a file, and back."""

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
"""Numbers with more distinct values are kept row by row."""


def to_arrays(column: Column) -> dict[str, Array]:
    """A column as arrays: its instants or numbers row by row, or codes and distinct values.

    What no row holds is left out: it may be of somebody who was erased.
    """
    values = column.values
    if column.plain and values.stored is not None:
        return {"instants": values.stored}
    if column.plain and len(values) > MOST_DISTINCT:
        return {"numbers": values.numbers}
    if values.stored is not None:
        return {"instants": np.append(values.stored, NO_INSTANT)[column.codes]}
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
        # In the order of their size, so that a bound of numbers is a bound of codes.
        distinct, places = np.unique(values.numbers, return_inverse=True)
        if len(distinct) > MOST_DISTINCT:
            return {"numbers": column.number_per_row()}
        codes = narrow(np.append(places, -1)[column.codes], len(distinct))
        return {"codes": codes, "distinct": distinct}
    told = pa.array([json.dumps(values.at(at)) for at in range(len(values))], pa.string())
    both = told.dictionary_encode()
    places = np.append(np.asarray(both.indices), np.int32(-1))
    return {
        "codes": narrow(places[column.codes], len(both.dictionary)),
        "json": both.dictionary,
    }


def from_arrays(held: Mapping[str, pa.Array]) -> Column:
    """The column that `to_arrays` gave."""
    if "instants" in held:
        return from_instants(numbers(held["instants"]))
    if "numbers" in held:
        return from_numbers(numbers(held["numbers"]))
    codes = numbers(held["codes"])
    if "texts" in held:
        return Column(codes, values_of_texts(held["texts"]))
    if "distinct" in held:
        return Column(codes, values_of_numbers(numbers(held["distinct"])))
    return Column(codes, values_of([json.loads(text) for text in held["json"].to_pylist()]))


def narrow(codes: npt.NDArray[Any], values: int) -> npt.NDArray[Any]:
    """Codes of so many values in the least room that holds them, and -1."""
    for width in (np.int8, np.int16):
        if values <= np.iinfo(width).max:
            return codes.astype(width)
    return codes.astype(np.int32)
