"""Reads all rows of an account for a new mirror.

People and events are read in chunks, with prefetch; Arrow parses their JSON properties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg.sql as sql
import pyarrow as pa
from django.db import connection

from profiles import facts
from profiles.columns.ascending import positions_in
from profiles.columns.column import (
    Column,
    from_numbers,
    values_of,
    values_of_numbers,
    values_of_texts,
)
from profiles.columns.mirror import json_rows
from profiles.columns.mirror.codec import MOST_DISTINCT, narrow
from profiles.columns.mirror.mirror import COORDINATES, PEOPLE, Key
from profiles.columns.mirror.prefetch import read_ahead
from profiles.columns.mirror.writer import Files
from profiles.columns.packed_rows import fetch
from profiles.columns.population import Source
from profiles.columns.rows import Rows
from profiles.models import Consent, List, Metric, Profile, Property
from segmenter.accounts.models import Account

Ints = npt.NDArray[np.int64]
CHUNK = 500_000
"""Range of row ids that is read at a time."""

_NOT_ATTRIBUTES = frozenset({"id", "account_id", "properties", "point_latitude", "point_longitude"})
ATTRIBUTES = tuple(
    column.attname
    for column in Profile._meta.concrete_fields
    if column.attname not in _NOT_ATTRIBUTES
)
CONSENT_FIELDS = tuple(
    column.attname
    for column in Consent._meta.concrete_fields
    if column.attname not in {"id", "account_id", "profile_id", "channel"}
)


ReusableFile = Callable[[Key, str], str | None]
"""(key of a file, fact) -> the name of an old file that is still right, if there is one."""


def read_all(account: Account, at: datetime, files: Files) -> None:
    """Write every column of an account's rows into files."""
    rows = Rows(account.pk, account.zone, None, at)
    write_people(account, rows, files)
    _read_properties(rows, files)
    _read_events(rows, files)


def write_people(
    account: Account,
    source: Source,
    files: Files,
    reusable: ReusableFile = lambda _key, _fact: None,
) -> None:
    """Write all columns of people except properties and events."""
    files.people = len(source.ids)
    files.put(PEOPLE, {"ids": source.ids})
    for name in ATTRIBUTES:
        key: Key = ("attribute", name)
        if old := reusable(key, facts.attribute(name)):
            files.keep(key, old)
        else:
            files.column(key, source.attribute(name))
    if old := reusable(COORDINATES, facts.PLACE):
        files.keep(COORDINATES, old)
    else:
        latitude, longitude = source.coordinates()
        files.put(COORDINATES, {"latitude": latitude, "longitude": longitude})
    channels = Consent.objects.filter(account=account)
    for channel in channels.order_by().values_list("channel", flat=True).distinct():
        for name in CONSENT_FIELDS:
            files.column(("consent", channel, name), source.consent(channel, name))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT channel, reason FROM profiles_suppression WHERE account_id = %s",
            [account.pk],
        )
        for channel, reason in cursor.fetchall():
            files.column(("suppression", channel, reason), source.suppression(channel, reason))
    for list_key in List.objects.filter(account=account).values_list("key", flat=True):
        members = source.list_members(list_key)
        if members is not None:
            files.put(("list", list_key), {"profiles": members.profiles, "since": members.since})


def _lookup_in(ids: Ints) -> Callable[[Ints], tuple[Ints, npt.NDArray[np.bool_]]]:
    """`positions_in` for these ids; dense ids use a table, which is ten times as fast."""
    if not len(ids) or ids[-1] - ids[0] > 4 * len(ids) + 1_000:
        return lambda values: positions_in(ids, values)
    table = np.full(int(ids[-1] - ids[0]) + 2, -1, dtype=np.int64)
    table[ids - ids[0]] = np.arange(len(ids))

    def look_up(values: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        inside = (values >= ids[0]) & (values <= ids[-1])
        positions = table[np.where(inside, values - ids[0], -1)]
        return positions, positions >= 0

    return look_up


def types_of(account_id: int, metric: Metric | None) -> dict[str, list[str]]:
    """Name to types of the properties of profiles, or of a metric's events."""
    properties = Property.objects.filter(account_id=account_id, metric=metric)
    return dict(properties.values_list("name", "types"))


def _read_properties(rows: Rows, files: Files) -> None:
    types_by_name = types_of(rows.account_id, None)
    plain = json_rows.plain_types(types_by_name)
    query = sql.SQL(
        "SELECT id, properties::text || E'\\n' FROM profiles_profile p"
        " WHERE account_id = {account} AND id >= {low} AND id < {high}"
    )
    chunks = []
    for profile_ids, texts in _chunks(query, rows.account_id, "profiles_profile", ["int", "text"]):
        positions, present = positions_in(rows.ids, profile_ids)
        chunks.append((np.where(present, positions, -1), _parse(texts, plain)))
    order = np.full(len(rows.ids), -1, dtype=np.int64)
    if chunks:
        places = np.concatenate([place for place, _ in chunks])
        order[places[places >= 0]] = np.flatnonzero(places >= 0)
    for name in types_by_name:
        parts = [columns.get(name) for _, columns in chunks]
        if name in plain and all(each is not None for each in parts) and parts:
            files.column(("property", name), _column(parts, order))
        else:
            files.column(("property", name), rows.profile_property(name))


def _parse(texts: pa.StringArray, plain: Mapping[str, pa.DataType]) -> dict[str, pa.Array]:
    """The columns that Arrow can parse from JSON lines; names of mixed types are left out."""
    remaining = dict(plain)
    lines = texts.buffers()[2]
    while remaining and len(texts):
        try:
            return json_rows.columns_of(lines, remaining)
        except pa.ArrowInvalid as error:
            column = json_rows.column_in_error(str(error), remaining)
            if column is None:
                return {}
            del remaining[column]
    return {name: pa.nulls(0, type_) for name, type_ in remaining.items()} if not len(texts) else {}


def _column(parts: list[pa.Array], order: Ints) -> Column:
    """A column of parsed parts, in the order of their rows; -1 in `order` is unset."""
    if pa.types.is_floating(parts[0].type):
        numbers = np.append(np.concatenate([json_rows.numbers(part) for part in parts]), np.nan)
        return _of_numbers(numbers[order])
    both = pa.chunked_array(parts).unify_dictionaries().combine_chunks()
    both = both.chunk(0) if isinstance(both, pa.ChunkedArray) else both
    codes = np.append(np.asarray(both.indices.fill_null(-1), dtype=np.int32), np.int32(-1))[order]
    if pa.types.is_boolean(both.dictionary.type):
        return Column(codes, values_of(both.dictionary.to_pylist()))
    return Column(narrow(codes, len(both.dictionary)), values_of_texts(both.dictionary))


def _of_numbers(rows: npt.NDArray[np.float64]) -> Column:
    """A column of numbers, dictionary-coded if there are few distinct values."""
    encoded = pa.array(rows, from_pandas=True).dictionary_encode()
    if len(encoded.dictionary) > MOST_DISTINCT:
        return from_numbers(rows)
    codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int32)
    return Column(codes, values_of_numbers(np.asarray(encoded.dictionary)))


@dataclass
class _EventChunks:
    """The events of a metric, chunk by chunk."""

    numbers: list[npt.NDArray[np.int32]] = field(default_factory=list)
    times: list[Ints] = field(default_factory=list)
    values: list[npt.NDArray[np.float64]] = field(default_factory=list)
    ids: list[Ints] = field(default_factory=list)
    properties: list[dict[str, pa.Array]] = field(default_factory=list)


def _read_events(rows: Rows, files: Files) -> None:
    metrics = {metric.pk: metric for metric in Metric.objects.filter(account_id=rows.account_id)}
    types_by_metric = {pk: types_of(rows.account_id, metric) for pk, metric in metrics.items()}
    plain = {pk: json_rows.plain_types(types) for pk, types in types_by_metric.items()}
    query = sql.SQL(
        "SELECT profile_id, metric_id, time, coalesce(value, 'NaN'), id,"
        " properties::text || E'\\n' FROM profiles_event"
        " WHERE account_id = {account} AND id >= {low} AND id < {high}"
    )
    kinds = ["int", "int", "time", "float", "int", "text"]
    chunks_by_metric = {pk: _EventChunks() for pk in metrics}
    look_up = _lookup_in(rows.ids)
    for profile_ids, metric_ids, times, values, ids, texts in _chunks(
        query, rows.account_id, "profiles_event", kinds
    ):
        positions, present = look_up(profile_ids)
        for pk in np.unique(metric_ids).tolist():
            if pk not in chunks_by_metric:
                continue  # a metric that was created meanwhile: its events are in the tail
            places = np.flatnonzero(present & (metric_ids == pk))
            places = places[np.argsort(ids[places], kind="stable")]
            part = chunks_by_metric[pk]
            part.numbers.append(positions[places].astype(np.int32))
            part.times.append(times[places])
            part.values.append(values[places])
            part.ids.append(ids[places])
            part.properties.append(_parse(texts.take(pa.array(places)), plain[pk]))
    for pk, metric in metrics.items():
        if chunks_by_metric[pk].ids:
            _write_metric(rows, metric, chunks_by_metric.pop(pk), types_by_metric[pk], files)


def _write_metric(
    rows: Rows, metric: Metric, chunks: _EventChunks, types_by_name: Mapping[str, Any], files: Files
) -> None:
    times = np.concatenate(chunks.times)
    ids = np.concatenate(chunks.ids)
    order = np.argsort(times, kind="stable")  # of one time in the order of their ids
    files.metric(
        metric,
        len(rows.ids),
        profiles=np.concatenate(chunks.numbers)[order],
        times=times[order],
        values=np.concatenate(chunks.values)[order],
        ids=ids[order],
    )
    for name in types_by_name:
        parts = [columns.pop(name, None) for columns in chunks.properties]
        key = ("event property", metric.key, name)
        if all(each is not None for each in parts):
            files.column(key, _column(parts, order))
        else:
            files.column(key, rows.event_property(metric.pk, name, ids[order]))


def _chunks(query: sql.SQL, account_id: int, table: str, kinds: Any) -> Iterator[list[Any]]:
    """The rows of an account's table, chunk by chunk in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id), max(id) FROM {table} WHERE account_id = %s", [account_id])
        first, last = cursor.fetchone()
    if first is None:
        return
    queries = (
        query.format(
            account=sql.Literal(account_id), low=sql.Literal(low), high=sql.Literal(low + CHUNK)
        )
        for low in range(first, last + 1, CHUNK)
    )
    for columns in read_ahead(lambda each: fetch(each, kinds), queries):
        if len(columns[0]):
            yield columns
