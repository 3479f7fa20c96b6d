"""Reading all of an account's rows once, for a mirror of it.

Rows of people and events are read in chunks, one ahead, and their JSON properties by Arrow.
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
from profiles.columns.ascending import found_in
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
from profiles.columns.mirror.prefetch import ahead
from profiles.columns.mirror.writer import Files
from profiles.columns.packed_rows import fetch
from profiles.columns.population import Source
from profiles.columns.rows import Rows
from profiles.models import Consent, List, Metric, Profile, Property
from segmenter.accounts.models import Account

Ints = npt.NDArray[np.int64]
CHUNK = 500_000
"""Ids of rows that are read at a time."""

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


Kept = Callable[[Key, str], str | None]
"""Of a file's key and the fact it holds: a file that still says so, if there is one."""


def read_all(account: Account, at: datetime, files: Files) -> None:
    """Write every column of an account's rows into files."""
    rows = Rows(account.pk, account.zone, None, at)
    write_people(account, rows, files)
    _read_properties(rows, files)
    _read_events(rows, files)


def write_people(
    account: Account, source: Source, files: Files, kept: Kept = lambda _key, _fact: None
) -> None:
    """Write all that is known of people but their properties and events."""
    files.people = len(source.ids)
    files.put(PEOPLE, {"ids": source.ids})
    for name in ATTRIBUTES:
        key: Key = ("attribute", name)
        if old := kept(key, facts.attribute(name)):
            files.keep(key, old)
        else:
            files.column(key, source.attribute(name))
    if old := kept(COORDINATES, facts.PLACE):
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
        joined = source.list_members(list_key)
        if joined is not None:
            files.put(("list", list_key), {"profiles": joined.profiles, "since": joined.since})


def _places(ids: Ints) -> Callable[[Ints], tuple[Ints, npt.NDArray[np.bool_]]]:
    """What `found_in` tells of ids, by a table where they lie close: ten times as fast."""
    if not len(ids) or ids[-1] - ids[0] > 4 * len(ids) + 1_000:
        return lambda wanted: found_in(ids, wanted)
    table = np.full(int(ids[-1] - ids[0]) + 2, -1, dtype=np.int64)
    table[ids - ids[0]] = np.arange(len(ids))

    def place(wanted: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        inside = (wanted >= ids[0]) & (wanted <= ids[-1])
        at = table[np.where(inside, wanted - ids[0], -1)]
        return at, at >= 0

    return place


def types_of(account_id: int, metric: Metric | None) -> dict[str, list[str]]:
    """Name to types of the properties of profiles, or of a metric's events."""
    known = Property.objects.filter(account_id=account_id, metric=metric)
    return dict(known.values_list("name", "types"))


def _read_properties(rows: Rows, files: Files) -> None:
    known = types_of(rows.account_id, None)
    plain = json_rows.plain_types(known)
    query = sql.SQL(
        "SELECT id, properties::text || E'\\n' FROM profiles_profile p"
        " WHERE account_id = {account} AND id >= {low} AND id < {high}"
    )
    chunks = []
    for who, texts in _chunked(query, rows.account_id, "profiles_profile", ["int", "text"]):
        at, found = found_in(rows.ids, who)
        chunks.append((np.where(found, at, -1), _parsed(texts, plain)))
    order = np.full(len(rows.ids), -1, dtype=np.int64)
    if chunks:
        places = np.concatenate([place for place, _ in chunks])
        order[places[places >= 0]] = np.flatnonzero(places >= 0)
    for name in known:
        parsed = [columns.get(name) for _, columns in chunks]
        if name in plain and all(each is not None for each in parsed) and parsed:
            files.column(("property", name), _column(parsed, order))
        else:
            files.column(("property", name), rows.profile_property(name))


def _parsed(texts: pa.StringArray, plain: Mapping[str, pa.DataType]) -> dict[str, pa.Array]:
    """What Arrow could read of JSON lines; without the names that are not of the type they say."""
    left = dict(plain)
    lines = texts.buffers()[2]
    while left and len(texts):
        try:
            return json_rows.columns_of(lines, left)
        except pa.ArrowInvalid as error:
            wrong = json_rows.blamed(str(error), left)
            if wrong is None:
                return {}
            del left[wrong]
    return {name: pa.nulls(0, type_) for name, type_ in left.items()} if not len(texts) else {}


def _column(parts: list[pa.Array], order: Ints) -> Column:
    """A column of parsed parts, in an order; -1 in the order is unset."""
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
    """Numbers by their distinct values, if there are few of them."""
    encoded = pa.array(rows, from_pandas=True).dictionary_encode()
    if len(encoded.dictionary) > MOST_DISTINCT:
        return from_numbers(rows)
    codes = np.asarray(encoded.indices.fill_null(-1), dtype=np.int32)
    return Column(codes, values_of_numbers(np.asarray(encoded.dictionary)))


@dataclass
class _Read:
    """The events of a metric as they were read, chunk by chunk."""

    numbers: list[npt.NDArray[np.int32]] = field(default_factory=list)
    times: list[Ints] = field(default_factory=list)
    values: list[npt.NDArray[np.float64]] = field(default_factory=list)
    ids: list[Ints] = field(default_factory=list)
    said: list[dict[str, pa.Array]] = field(default_factory=list)


def _read_events(rows: Rows, files: Files) -> None:
    metrics = {metric.pk: metric for metric in Metric.objects.filter(account_id=rows.account_id)}
    known = {pk: types_of(rows.account_id, metric) for pk, metric in metrics.items()}
    plain = {pk: json_rows.plain_types(types) for pk, types in known.items()}
    query = sql.SQL(
        "SELECT profile_id, metric_id, time, coalesce(value, 'NaN'), id,"
        " properties::text || E'\\n' FROM profiles_event"
        " WHERE account_id = {account} AND id >= {low} AND id < {high}"
    )
    kinds = ["int", "int", "time", "float", "int", "text"]
    read = {pk: _Read() for pk in metrics}
    place = _places(rows.ids)
    for who, which, when, values, ids, texts in _chunked(
        query, rows.account_id, "profiles_event", kinds
    ):
        at, found = place(who)
        for pk in np.unique(which).tolist():
            if pk not in read:
                continue  # a metric that was made meanwhile: its events are late ones
            places = np.flatnonzero(found & (which == pk))
            places = places[np.argsort(ids[places], kind="stable")]
            part = read[pk]
            part.numbers.append(at[places].astype(np.int32))
            part.times.append(when[places])
            part.values.append(values[places])
            part.ids.append(ids[places])
            part.said.append(_parsed(texts.take(pa.array(places)), plain[pk]))
    for pk, metric in metrics.items():
        if read[pk].ids:
            _write_metric(rows, metric, read.pop(pk), known[pk], files)


def _write_metric(
    rows: Rows, metric: Metric, read: _Read, known: Mapping[str, Any], files: Files
) -> None:
    times = np.concatenate(read.times)
    ids = np.concatenate(read.ids)
    order = np.argsort(times, kind="stable")  # chunks are by id, and so are events of one time
    files.metric(
        metric,
        len(rows.ids),
        profiles=np.concatenate(read.numbers)[order],
        times=times[order],
        values=np.concatenate(read.values)[order],
        ids=ids[order],
    )
    for name in known:
        parsed = [said.pop(name, None) for said in read.said]
        key = ("event property", metric.key, name)
        if all(each is not None for each in parsed):
            files.column(key, _column(parsed, order))
        else:
            files.column(key, rows.event_property(metric.pk, name, ids[order]))


def _chunked(query: sql.SQL, account_id: int, table: str, kinds: Any) -> Iterator[list[Any]]:
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
    for columns in ahead(lambda each: fetch(each, kinds), queries):
        if len(columns[0]):
            yield columns
