"""Predictions as columns of people, for the conditions of segments."""

from __future__ import annotations

from typing import Any

import numpy as np
import psycopg.sql as sql
import pyarrow as pa

from predictions.summary import end_of_day
from predictions.table import BY_DIMENSION, FIELDS, fetched, selected
from profiles.columns.column import Column, from_instants, from_numbers, from_texts
from profiles.columns.gather import Rows
from profiles.columns.instants import NO_INSTANT
from profiles.columns.population import extensions


def _column(source: Any, key: str) -> Column | None:
    """A dimension of everyone in the source; None where nothing of the kind is predicted."""
    name = BY_DIMENSION.get(key)
    if name is None or not isinstance(source, Rows):
        return None
    query = sql.SQL(
        "SELECT profile_id, {value} FROM predictions_prediction p"
        " WHERE {where} AND {column} IS NOT NULL"
    )
    one = FIELDS[name]
    missing = np.nan if one.kind == "number" else -1
    values = source.aligned(
        query, fetched(name), missing, value=selected(name), column=sql.Identifier(name)
    )
    if one.kind == "number":
        return from_numbers(values)
    if one.kind == "word":
        return from_texts(pa.array(one.words, pa.string()).take(pa.array(values, mask=values < 0)))
    days, places = np.unique(values, return_inverse=True)
    # A day is the instant at which it begins in the account's zone.
    begins = [NO_INSTANT if day < 0 else end_of_day(day - 1, source.zone) for day in days.tolist()]
    return from_instants(np.array(begins, np.int64)[places])


extensions.add("prediction", _column)
