"""Columns gathered from rows: of some people, or of everyone in an account.

What is asked for is read when it is first asked for.
"""

from __future__ import annotations

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
from profiles.columns.packing import Kind, fetch
from profiles.columns.population import Joined, Population, UnknownKey
from profiles.models import List, Metric
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now

Ints = npt.NDArray[np.int64]
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
        query = sql.SQL("SELECT id FROM profiles_profile p WHERE {}").format(self._where("p.id"))
        self.ids: Ints = np.sort(fetch(query, ["int"])[0])

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
            "SELECT id, (properties->{name})::text FROM profiles_profile p"
            " WHERE {where} AND properties ? {name}"
        )
        return from_json(self._texts(query, "p.id", self.ids, name=sql.Literal(name)))

    def events(self, metric: str) -> Events:
        found = Metric.objects.filter(account_id=self.account_id, key=metric).first()
        if found is None:
            raise UnknownKey("metric", metric)
        query = sql.SQL(
            "SELECT profile_id, time, coalesce(value, 'NaN'), id FROM profiles_event p"
            " WHERE {} AND metric_id = {}"
        ).format(self._where("p.profile_id"), sql.Literal(found.pk))
        who, when, values, event_ids = fetch(query, ["int", "time", "float", "int"])
        numbers, known = self._numbers_of(who)
        order = np.lexsort((event_ids[known], when[known]))
        ordered_ids = event_ids[known][order]
        return Events(
            n=len(self.ids),
            profiles=numbers[order],
            times=when[known][order],
            values=values[known][order],
            property_column=_Properties(self, found.pk, ordered_ids).column,
        )

    def event_property(self, metric_id: int, name: str, event_ids: Ints) -> Column:
        """A property of the given events of a metric, in their order."""
        query = sql.SQL(
            "SELECT id, (properties->{name})::text FROM profiles_event p"
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
            return from_instants(self._instants(query, "p.profile_id", **names))
        if field in _TRUTHS:
            query = sql.SQL(
                "SELECT profile_id, {column}::text FROM profiles_consent p"
                " WHERE {where} AND channel = {channel} AND {column} IS NOT NULL"
            )
            texts = self._texts(query, "p.profile_id", self.ids, **names)
            truths = {"true": True, "false": False}
            return from_python(truths.get(text) for text in texts.to_pylist())
        return from_texts(self._texts(query, "p.profile_id", self.ids, **names))

    def suppression(self, channel: str, reason: str) -> Column:
        query = sql.SQL(
            "SELECT profile_id, date FROM profiles_suppression p"
            " WHERE {where} AND channel = {channel} AND reason = {reason}"
        )
        names = {"channel": sql.Literal(channel), "reason": sql.Literal(reason)}
        return from_instants(self._instants(query, "p.profile_id", **names))

    def list_members(self, key: str) -> Joined | None:
        found = List.objects.filter(account_id=self.account_id, key=key).first()
        if found is None:
            return None
        query = sql.SQL(
            "SELECT profile_id, joined FROM profiles_listmember p WHERE {} AND list_id = {}"
        )
        return self.joined(query, found.pk)

    def joined(self, query: sql.SQL, key: int) -> Joined:
        """Membership from a query for (profile_id, since) with places for people and a key."""
        who, since = fetch(
            query.format(self._where("p.profile_id"), sql.Literal(key)), ["int", "time"]
        )
        numbers, known = self._numbers_of(who)
        order = np.argsort(numbers, kind="stable")
        return Joined(numbers[order], since[known][order])

    def aligned(self, query: sql.SQL, kind: Kind, missing: Any, **parts: sql.Composable) -> Any:
        """One value for each person, of a query for (profile_id, value) with a place `where`.

        `missing` stands for people without a row; there may be at most one a person.
        """
        composed = query.format(where=self._where("p.profile_id"), **parts)
        read, values = fetch(composed, ["int", kind])
        return _aligned(read, values, self.ids, missing)

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

    def _texts(
        self, query: sql.SQL, person: str, ids: Ints, **parts: sql.Composable
    ) -> pa.StringArray:
        """Texts of rows (id, text), put in the order of `ids`; null where there is no row."""
        composed = query.format(where=self._where(person), **parts)
        read, texts = fetch(composed, ["int", "text"])
        positions, found = _placed(read, ids)
        return texts.take(pa.array(positions, mask=~found))

    def _instants(self, query: sql.SQL, person: str, **parts: sql.Composable) -> Ints:
        """int64[n] microseconds of rows (profile id, time); NO_INSTANT without a row."""
        read, when = fetch(query.format(where=self._where(person), **parts), ["int", "time"])
        return _aligned(read, when, self.ids, NO_INSTANT)

    def _aligned_instants(self, column: sql.Identifier) -> Ints:
        query = sql.SQL(
            "SELECT id, {column} FROM profiles_profile p WHERE {where} AND {column} IS NOT NULL"
        )
        return self._instants(query, "p.id", column=column)

    def _aligned_numbers(self, column: sql.Identifier) -> Floats:
        query = sql.SQL(
            "SELECT id, {column} FROM profiles_profile p WHERE {where} AND {column} IS NOT NULL"
        ).format(column=column, where=self._where("p.id"))
        read, numbers = fetch(query, ["int", "float"])
        return _aligned(read, numbers, self.ids, np.nan)

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


def _placed(read: Ints, ids: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Where each of `ids` stands in `read` (0 where it does not), and whether it does."""
    if not len(read):
        return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.bool_)
    order = np.argsort(read, kind="stable")
    at = np.minimum(np.searchsorted(read, ids, sorter=order), len(read) - 1)
    found = read[order[at]] == ids
    return np.where(found, order[at], 0), found


def _aligned(read: Ints, values: Any, ids: Ints, missing: Any) -> Any:
    """The values of rows in the order of `ids`, `missing` where there is no row."""
    positions, found = _placed(read, ids)
    if not len(read):
        return np.full(len(ids), missing, dtype=values.dtype)
    return np.where(found, values[positions], missing)


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
