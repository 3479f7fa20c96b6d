"""The rows of `Prediction` as columns: reads all of them, and writes those that differ.

Amounts are rounded before they are compared, so that tiny differences cause no changes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import psycopg.sql as sql
import pyarrow as pa
from django.db import connection, transaction
from django.db.models import F
from pyarrow import csv

from predictions.models import Upkeep
from predictions.numerics.arrays import Bools, Floats, Ints
from predictions.numerics.estimators.rfm import GROUPS
from predictions.numerics.gender import Gender
from profiles import changes, facts
from profiles.columns.packed_rows import Kind, fetch
from profiles.facts import FactKey
from profiles.models import Cause

CHUNK = 10_000
"""Rows that one transaction writes."""
NONE = -1
"""Null in columns of words and days."""


@dataclass(frozen=True)
class Field:
    """A column. float64[n] with NaN for null; words (places in `words`) and days int64[n], NONE."""

    kind: Literal["number", "word", "day", "code"]
    dimension: str = ""
    """Its name in segments; empty if segments do not use it."""
    digits: int = 4
    words: tuple[str, ...] = ()


_GROUPS = tuple(group.value for group in GROUPS)
FIELDS: dict[str, Field] = {
    "historic_clv": Field("number", "historic_clv"),
    "predicted_clv": Field("number", "predicted_clv", digits=2),
    "total_clv": Field("number", "total_clv", digits=2),
    "historic_number_of_orders": Field("number", "historic_number_of_orders"),
    "predicted_number_of_orders": Field("number", "predicted_number_of_orders", digits=3),
    "average_order_value": Field("number", "average_order_value"),
    "average_days_between_orders": Field("number", "average_days_between_orders"),
    "churn_30": Field("number"),
    "churn_90": Field("number"),
    "churn_180": Field("number"),
    "churn_probability": Field("number", "churn_probability"),
    "order_probability": Field("number", "order_probability"),
    "next_order": Field("day", "expected_date_of_next_purchase"),
    "next_order_from": Field("day"),
    "next_order_to": Field("day"),
    "rfm_group": Field("word", "rfm_group", words=_GROUPS),
    "rfm_code": Field("code"),
    "previous_rfm_group": Field("word", words=_GROUPS),
    "rfm_changed": Field("day"),
    "predicted_gender": Field("word", "predicted_gender", words=tuple(Gender)),
}
BY_DIMENSION = {one.dimension: name for name, one in FIELDS.items() if one.dimension}
Columns = dict[str, Any]
"""Name to array, of the types in FIELDS; all of one length."""


def empty(n: int) -> Columns:
    """Columns of n people, all null."""
    return {
        name: np.full(n, np.nan) if spec.kind == "number" else np.full(n, NONE, np.int64)
        for name, spec in FIELDS.items()
    }


def round_numbers(columns: Columns) -> Columns:
    """The columns as they are stored."""
    return {
        name: np.round(values, FIELDS[name].digits) + 0.0  # -0.0 becomes 0.0
        if FIELDS[name].kind == "number"
        else values
        for name, values in columns.items()
    }


def select_expression(name: str) -> sql.Composable:
    """The SQL of a column for `packed_rows.fetch`: a number that is never null."""
    spec, column = FIELDS[name], sql.Identifier(name)
    if spec.kind == "number":
        return sql.SQL("coalesce({}, 'NaN')").format(column)
    if spec.kind == "word":
        words = sql.Literal(list(spec.words))
        return sql.SQL("coalesce(array_position({}::text[], {}), 0) - 1").format(words, column)
    if spec.kind == "code":
        return sql.SQL("coalesce({}, -1)").format(column)
    return sql.SQL("coalesce({} - '1970-01-01'::date, -1)").format(column)


def fetch_kind(name: str) -> Kind:
    return "float" if FIELDS[name].kind == "number" else "int"


def read_all(account_id: int) -> tuple[Ints, Columns]:
    """All rows of an account: the ids of the people, ascending, and the columns."""
    query = sql.SQL(
        "SELECT profile_id, {} FROM predictions_prediction WHERE account_id = {}"
    ).format(sql.SQL(", ").join(map(select_expression, FIELDS)), sql.Literal(account_id))
    ids, *columns = fetch(query, ["int", *map(fetch_kind, FIELDS)])
    order = np.argsort(ids, kind="stable")
    return ids[order], {name: values[order] for name, values in zip(FIELDS, columns, strict=True)}


def align(ids: Ints, columns: Columns, people_ids: Ints) -> tuple[Columns, Bools]:
    """The columns in the order of `people_ids`, null for people without a row; and who has one."""
    result = empty(len(people_ids))
    if not len(ids):
        return result, np.zeros(len(people_ids), np.bool_)
    positions = np.minimum(np.searchsorted(ids, people_ids), len(ids) - 1)
    present = ids[positions] == people_ids
    for name, values in columns.items():
        result[name][present] = values[positions[present]]
    return result, present


def differences(old: Columns, new: Columns) -> dict[str, Bools]:
    """bool[n] for each column: where the two differ. Two nulls do not."""
    return {
        name: (old[name] != values) & ~(np.isnan(old[name]) & np.isnan(values))
        if FIELDS[name].kind == "number"
        else old[name] != values
        for name, values in new.items()
    }


@dataclass
class WriteCounts:
    """Number of rows written, and of people with a ProfileChange."""

    rows: int = 0
    people: int = 0
    deleted: int = 0
    """Deleted rows of people who no longer exist."""


def write(
    account_id: int,
    ids: Ints,
    new: Columns,
    *,
    as_of: date,
    at: datetime,
    beat: Callable[[], None] = lambda: None,
) -> WriteCounts:
    """Write the rows of these people; `ids` are ascending, and all of the account's people.

    Only rows that differ are written, one chunk in a transaction, with their ProfileChanges. People
    who were merged or erased meanwhile are skipped, and their rows are deleted.
    """
    old_ids, rows = read_all(account_id)
    old, _has_row = align(old_ids, rows, ids)
    masks = differences(old, new)
    dimension_masks = {
        FIELDS[name].dimension: mask for name, mask in masks.items() if FIELDS[name].dimension
    }
    changed_rows = np.flatnonzero(np.any(list(masks.values()), axis=0))
    counts = WriteCounts()
    for start in range(0, len(changed_rows), CHUNK):
        part = changed_rows[start : start + CHUNK]
        with transaction.atomic():
            locked_rows = part[np.isin(ids[part], _lock_people(account_id, ids[part]))]
            _upsert(
                account_id, ids[locked_rows], {n: v[locked_rows] for n, v in new.items()}, as_of
            )
            changed_facts = _changed_facts(
                ids[locked_rows], {d: mask[locked_rows] for d, mask in dimension_masks.items()}
            )
            changes.record(account_id, changed_facts, cause=Cause.PREDICTION, at=at)
            Upkeep.objects.filter(account_id=account_id).update(writes=F("writes") + 1)
        counts.rows += len(locked_rows)
        counts.people += len(changed_facts)
        beat()
    counts.deleted = _delete(account_id, np.setdiff1d(old_ids, ids))
    return counts


def _changed_facts(ids: Ints, dimension_masks: dict[str, Bools]) -> dict[int, set[FactKey]]:
    """Person to changed facts; people with the same facts share a set."""
    names = [facts.prediction(dimension) for dimension in dimension_masks]
    patterns = np.zeros(len(ids), np.int64)
    for bit, mask in enumerate(dimension_masks.values()):
        patterns |= mask.astype(np.int64) << bit
    sets = {
        pattern: {name for bit, name in enumerate(names) if pattern >> bit & 1}
        for pattern in np.unique(patterns).tolist()
    }
    pairs = zip(ids.tolist(), patterns.tolist(), strict=True)
    return {id_: sets[pattern] for id_, pattern in pairs if pattern}


def _lock_people(account_id: int, ids: Ints) -> Ints:
    """Lock people, in order, against merging and erasing; return those who exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id FROM profiles_profile p WHERE p.account_id = %s"
            " AND p.id = ANY(%s::bigint[]) ORDER BY p.id FOR KEY SHARE",
            [account_id, ids.tolist()],
        )
        return np.array([row[0] for row in cursor.fetchall()], np.int64)


_COMING = (
    """CREATE TEMPORARY TABLE IF NOT EXISTS predictions_coming (LIKE predictions_prediction)
       ON COMMIT DELETE ROWS""",
    "TRUNCATE predictions_coming",
)
_COPY = f"COPY predictions_coming (account_id, profile_id, as_of, {', '.join(FIELDS)})"
_UPSERT = """INSERT INTO predictions_prediction (account_id, profile_id, as_of, {names})
    SELECT account_id, profile_id, as_of, {names} FROM predictions_coming
    ON CONFLICT (account_id, profile_id) DO UPDATE SET as_of = excluded.as_of, {sets}""".format(
    names=", ".join(FIELDS), sets=", ".join(f"{name} = excluded.{name}" for name in FIELDS)
)


def _upsert(account_id: int, ids: Ints, columns: Columns, as_of: date) -> None:
    if not len(ids):
        return
    rows = {
        "account_id": pa.repeat(account_id, len(ids)),
        "profile_id": pa.array(ids),
        "as_of": pa.repeat(pa.scalar(as_of), len(ids)),
        **{name: _arrow_array(spec, columns[name]) for name, spec in FIELDS.items()},
    }
    text = io.BytesIO()
    csv.write_csv(pa.table(rows), text, csv.WriteOptions(include_header=False))
    with connection.cursor() as cursor:
        for statement in _COMING:
            cursor.execute(statement)
        with cursor.copy(f"{_COPY} FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getvalue())
        cursor.execute(_UPSERT)


def _arrow_array(spec: Field, values: Floats | Ints) -> pa.Array:
    """An Arrow array with nulls, for the database."""
    if spec.kind == "number":
        return pa.array(values, mask=np.isnan(values))
    is_null = values < 0
    if spec.kind == "word":
        return pa.array(spec.words, pa.string()).take(pa.array(values, mask=is_null))
    if spec.kind == "code":
        return pa.array(values, mask=is_null)
    return pa.array(values.astype(np.int32), pa.int32(), mask=is_null).cast(pa.date32())


def _delete(account_id: int, ids: Ints) -> int:
    if not len(ids):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM predictions_prediction p WHERE account_id = %s"
            " AND profile_id = ANY(%s::bigint[])"
            " AND NOT EXISTS (SELECT FROM profiles_profile WHERE id = p.profile_id)",
            [account_id, ids.tolist()],
        )
        return int(cursor.rowcount)
