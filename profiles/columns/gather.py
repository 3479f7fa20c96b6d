"""Columns gathered from rows: of some people, or of everyone in an account.

Reads with COPY in PostgreSQL's binary and CSV forms, which NumPy and Arrow take as they are.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import psycopg.sql as sql
import pyarrow as pa
from django.db import connection
from pyarrow import csv

from profiles.changes import any_since, current_snapshot
from profiles.columns.column import (
    Column,
    Floats,
    from_instants,
    from_json,
    from_numbers,
    from_python,
    from_texts,
)
from profiles.columns.events import Events
from profiles.columns.instants import NO_INSTANT
from profiles.columns.population import Joined, Population, UnknownKey
from profiles.models import List, Metric
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now

Ints = npt.NDArray[np.int64]
_POSTGRES_EPOCH = 946_684_800_000_000
"""Microseconds from 1970 to 2000, from which PostgreSQL counts."""
_HEADER, _TRAILER = 19, 2
_INSTANTS = frozenset({"created", "updated", "first_active", "last_active"})
_NUMBERS = frozenset({"latitude", "longitude"})
_TRUTHS = frozenset({"is_double_opt_in", "is_rcs_capable"})
_DATES = frozenset({"status_date", "recorded"})


class Rows:
    """A source (see population.Source) that reads rows when a column is first asked for.

    `ids` are fixed when it is made; what is read later is at least as new, and people who came
    since are left out.
    """

    def __init__(
        self, account_id: int, zone: ZoneInfo, chosen: Sequence[int] | None, as_of: datetime
    ) -> None:
        self.account_id = account_id
        self.zone = zone
        self.as_of = as_of
        self._all = chosen is None
        self._chosen = [] if chosen is None else sorted(set(chosen))
        query = sql.SQL("SELECT id FROM profiles_profile p WHERE {} ORDER BY id")
        self.ids: Ints = self._fixed(query, ["id"], "p.id")["id"].astype(np.int64)

    def attribute(self, name: str) -> Column:
        column = sql.Identifier(name)
        if name in _INSTANTS:
            return from_instants(self._aligned_instants(column))
        if name in _NUMBERS:
            return from_numbers(self._aligned_numbers(column))
        query = sql.SQL(
            "SELECT id, {column} FROM profiles_profile p WHERE {where} AND {column} IS NOT NULL"
        )
        return from_texts(self._texts(query, "p.id", self.ids, column=column))

    def profile_property(self, name: str) -> Column:
        query = sql.SQL(
            "SELECT id, properties->{name} FROM profiles_profile p"
            " WHERE {where} AND properties ? {name}"
        )
        return from_json(self._texts(query, "p.id", self.ids, name=sql.Literal(name)))

    def events(self, metric: str) -> Events:
        found = Metric.objects.filter(account_id=self.account_id, key=metric).first()
        if found is None:
            raise UnknownKey("metric", metric)
        query = sql.SQL(
            "SELECT profile_id, time, coalesce(value, 'NaN'), id FROM profiles_event p"
            " WHERE {} AND metric_id = {} ORDER BY time, id"
        )
        rows = self._fixed(query, ["who", "when", "value", "id"], "p.profile_id", found.pk)
        numbers, known = self._numbers_of(rows["who"])
        rows = rows[known]
        event_ids = rows["id"].astype(np.int64)
        return Events(
            n=len(self.ids),
            profiles=numbers,
            times=rows["when"].astype(np.int64) + _POSTGRES_EPOCH,
            values=rows["value"].view(">f8").astype(np.float64),
            property_column=_Properties(self, found.pk, event_ids).column,
        )

    def event_property(self, metric_id: int, name: str, event_ids: Ints) -> Column:
        """A property of the given events of a metric, in their order."""
        query = sql.SQL(
            "SELECT id, properties->{name} FROM profiles_event p"
            " WHERE {where} AND metric_id = {metric} AND properties ? {name}"
        )
        return from_json(
            self._texts(
                query,
                "p.profile_id",
                event_ids,
                name=sql.Literal(name),
                metric=sql.Literal(metric_id),
            )
        )

    def consent(self, channel: str, field: str) -> Column:
        query = sql.SQL(
            "SELECT profile_id, {column} FROM profiles_consent p"
            " WHERE {where} AND channel = {channel} AND {column} IS NOT NULL"
        )
        names = {"column": sql.Identifier(field), "channel": sql.Literal(channel)}
        if field in _DATES:
            names["column"] = sql.SQL("(extract(epoch FROM {}) * 1000000)::bigint").format(
                names["column"]
            )
            return from_instants(self._micros(query, **names))
        texts = self._texts(query, "p.profile_id", self.ids, **names)
        if field in _TRUTHS:
            return from_python({"t": True, "f": False}.get(t) for t in texts.to_pylist())
        return from_texts(texts)

    def suppression(self, channel: str, reason: str) -> Column:
        query = sql.SQL(
            "SELECT profile_id, (extract(epoch FROM date) * 1000000)::bigint"
            " FROM profiles_suppression p"
            " WHERE {where} AND channel = {channel} AND reason = {reason}"
        )
        return from_instants(
            self._micros(query, channel=sql.Literal(channel), reason=sql.Literal(reason))
        )

    def list_members(self, key: str) -> Joined | None:
        found = List.objects.filter(account_id=self.account_id, key=key).first()
        if found is None:
            return None
        query = sql.SQL(
            "SELECT profile_id, joined FROM profiles_listmember p"
            " WHERE {} AND list_id = {} ORDER BY profile_id"
        )
        return self.joined(query, found.pk)

    def joined(self, query: sql.SQL, key: int) -> Joined:
        """Membership from a query for (profile_id, since) with places for people and a key."""
        rows = self._fixed(query, ["who", "since"], "p.profile_id", key)
        numbers, known = self._numbers_of(rows["who"])
        return Joined(numbers, rows["since"][known].astype(np.int64) + _POSTGRES_EPOCH)

    def coordinates(self) -> tuple[Floats, Floats]:
        return (
            self._aligned_numbers(sql.Identifier("point_latitude")),
            self._aligned_numbers(sql.Identifier("point_longitude")),
        )

    # --- reading ---

    def _where(self, person: str) -> sql.Composable:
        """The condition that keeps a query to this account and these people."""
        account = sql.SQL("p.account_id = {}").format(sql.Literal(self.account_id))
        if self._all:
            return account
        chosen = sql.Literal(self._chosen)
        return sql.SQL("{} AND {} = ANY({}::bigint[])").format(account, sql.SQL(person), chosen)

    def _fixed(self, query: sql.SQL, names: list[str], person: str, *keys: int) -> Any:
        """Rows of 8-byte fields without nulls, as a structured array in network byte order."""
        literals = (sql.Literal(key) for key in keys)
        content = _copied(query.format(self._where(person), *literals), "BINARY")
        fields = [("fields", ">i2")]
        for name in names:
            fields += [(f"{name} size", ">i4"), (name, ">i8")]
        return np.frombuffer(content[_HEADER:-_TRAILER], dtype=np.dtype(fields))

    def _texts(
        self, query: sql.SQL, person: str, ids: Ints, **parts: sql.Composable
    ) -> pa.StringArray:
        """Texts of rows (id, text), put in the order of `ids`; null where there is no row."""
        content = _copied(query.format(where=self._where(person), **parts), "CSV")
        if not content:
            return pa.nulls(len(ids), pa.string())
        table = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(column_names=["id", "text"], block_size=2**27),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types={"id": pa.int64(), "text": pa.string()},
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )
        read = table.column("id").to_numpy()
        order = np.argsort(read, kind="stable")
        at = np.searchsorted(read[order], ids)
        at = np.minimum(at, len(read) - 1)
        positions = order[at]
        found = read[positions] == ids
        taken = pa.array(np.where(found, positions, 0), mask=~found)
        return table.column("text").combine_chunks().take(taken)

    def _micros(self, query: sql.SQL, **parts: sql.Composable) -> Ints:
        """int64[n] microseconds from rows (profile id, microseconds); NO_INSTANT without a row."""
        texts = self._texts(query, "p.profile_id", self.ids, **parts)
        return np.asarray(texts.cast(pa.int64()).fill_null(NO_INSTANT))

    def _aligned_instants(self, column: sql.Identifier) -> Ints:
        query = sql.SQL(
            "SELECT id, (extract(epoch FROM {column}) * 1000000)::bigint"
            " FROM profiles_profile p WHERE {where} AND {column} IS NOT NULL"
        )
        texts = self._texts(query, "p.id", self.ids, column=column)
        return np.asarray(texts.cast(pa.int64()).fill_null(NO_INSTANT))

    def _aligned_numbers(self, column: sql.Identifier) -> Floats:
        query = sql.SQL(
            "SELECT id, {column} FROM profiles_profile p WHERE {where} AND {column} IS NOT NULL"
        )
        texts = self._texts(query, "p.id", self.ids, column=column)
        return np.asarray(texts.cast(pa.float64()).fill_null(np.nan))

    def _numbers_of(self, who: Any) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """The profile numbers of ids, and which of the ids are known."""
        who = who.astype(np.int64)
        if len(self.ids) == 0:
            return np.zeros(0, dtype=np.int32), np.zeros(len(who), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self.ids, who), len(self.ids) - 1)
        known = self.ids[at] == who
        return at[known].astype(np.int32), known


class _Properties:
    """The properties of one metric's events, each column read once."""

    def __init__(self, rows: Rows, metric_id: int, event_ids: Ints) -> None:
        self._rows, self._metric_id, self._event_ids = rows, metric_id, event_ids
        self._kept: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        if name not in self._kept:
            self._kept[name] = self._rows.event_property(self._metric_id, name, self._event_ids)
        return self._kept[name]


def _copied(query: sql.Composed, form: str) -> bytes:
    """What COPY gives for a query."""
    copy = sql.SQL("COPY ({}) TO STDOUT (FORMAT {})").format(query, sql.SQL(form))
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        return b"".join(bytes(block) for block in stream)


def some(
    account: Account, profile_ids: Sequence[int], *, as_of: datetime | None = None
) -> Population:
    """A Population of given profiles (ids of other accounts are ignored)."""
    return Population(Rows(account.pk, account.zone, profile_ids, as_of or now()))


def all_of(account: Account, *, as_of: datetime | None = None) -> Population:
    """A Population of everyone, read anew."""
    return Population(Rows(account.pk, account.zone, None, as_of or now()))


_kept: OrderedDict[int, tuple[str, str, Population]] = OrderedDict()
_kept_lock = Lock()
MOST_KEPT = 8
"""Accounts whose columns one process keeps."""


def everyone(account: Account) -> Population:
    """A Population of everyone in an account, kept by this process until someone changes.

    Whether anyone has changed is asked of the database each time: a change is seen once its
    transaction is visible, in whatever order transactions commit.
    """
    snapshot, started = current_snapshot(), now()
    with _kept_lock:
        kept = _kept.get(account.pk)
    if kept and kept[1] == account.time_zone and not any_since(account.pk, kept[0]):
        kept[2].renew(as_of=started)
        return kept[2]
    population = all_of(account, as_of=started)
    with _kept_lock:
        _kept[account.pk] = (snapshot, account.time_zone, population)
        _kept.move_to_end(account.pk)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return population


def forget() -> None:
    """Drop what this process keeps."""
    with _kept_lock:
        _kept.clear()
