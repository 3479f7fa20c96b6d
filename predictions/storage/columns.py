"""Predictions as columns of people, for the conditions of segments."""

from __future__ import annotations

import numpy as np
import psycopg.sql as sql
import pyarrow as pa

from predictions.models import Upkeep
from predictions.numerics.summary import end_of_day
from predictions.storage.table import BY_DIMENSION, FIELDS, fetch_kind, select_expression
from profiles.columns.column import Column, from_instants, from_numbers, from_texts
from profiles.columns.instants import NO_INSTANT
from profiles.columns.population import Extension, extensions
from profiles.columns.row_reader import RowReader


def _column(rows: RowReader, key: str) -> Column | None:
    """A dimension of these people; None if it does not exist."""
    name = BY_DIMENSION.get(key)
    if name is None:
        return None
    query = sql.SQL(
        "SELECT profile_id, {value} FROM predictions_prediction p"
        " WHERE {where} AND {column} IS NOT NULL"
    )
    field = FIELDS[name]
    default = np.nan if field.kind == "number" else -1
    values = rows.align(
        query, fetch_kind(name), default, value=select_expression(name), column=sql.Identifier(name)
    )
    if field.kind == "number":
        return from_numbers(values)
    if field.kind == "word":
        return from_texts(
            pa.array(field.words, pa.string()).take(pa.array(values, mask=values < 0))
        )
    days, places = np.unique(values, return_inverse=True)
    # A day is represented by its start in the account's zone.
    begins = [NO_INSTANT if day < 0 else end_of_day(day - 1, rows.zone) for day in days.tolist()]
    return from_instants(np.array(begins, np.int64)[places])


def _state(account_id: int, key: str) -> object:
    """Number of writes of an account's predictions."""
    writes = Upkeep.objects.filter(account_id=account_id)
    return writes.values_list("writes", flat=True).first()


extensions.add("prediction", Extension(_column, _state))
