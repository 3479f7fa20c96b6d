"""Columns read from rows, of some people or of everyone in an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import psycopg.sql as sql
import pyarrow as pa

from profiles.columns.ascending import Ints, align, positions_in_unsorted
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
from profiles.columns.packed_rows import fetch
from profiles.columns.population import UnknownKey
from profiles.columns.row_reader import GroupRows, RowReader
from profiles.models import List, Metric

_INSTANTS = frozenset({"created", "updated", "first_active", "last_active"})
_NUMBERS = frozenset({"latitude", "longitude"})
_TRUTHS = frozenset({"is_double_opt_in", "is_rcs_capable"})
_DATES = frozenset({"status_date", "recorded"})


class Rows(RowReader):
    """A source (see population.Source) that reads rows when a column is first asked for.

    `ids` are fixed when the object is made. Columns that are read later are at least as new; people
    who were added since are left out.
    """

    in_files = False

    def __init__(
        self, account_id: int, zone: ZoneInfo, profile_ids: Sequence[int] | None, as_of: datetime
    ) -> None:
        ids = np.array([] if profile_ids is None else sorted(set(profile_ids)), dtype=np.int64)
        super().__init__(account_id, zone, ids, everyone=profile_ids is None)
        self.as_of = as_of
        query = sql.SQL("SELECT id FROM profiles_profile p WHERE {}").format(self.where("p.id"))
        self.ids = np.sort(fetch(query, ["int"])[0])

    @property
    def rows(self) -> RowReader:
        return self

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
        return self.numbered_events(metric)[0]

    def numbered_events(self, metric: str) -> tuple[Events, Ints]:
        """All events of a metric, and their ids in the same order. Raises UnknownKey."""
        row = Metric.objects.filter(account_id=self.account_id, key=metric).first()
        if row is None:
            raise UnknownKey("metric", metric)
        query = sql.SQL(
            "SELECT profile_id, time, coalesce(value, 'NaN'), id FROM profiles_event p"
            " WHERE {} AND metric_id = {}"
        ).format(self.where("p.profile_id"), sql.Literal(row.pk))
        profile_ids, when, values, event_ids = fetch(query, ["int", "time", "float", "int"])
        numbers, present = self.numbers_of(profile_ids)
        order = np.lexsort((event_ids[present], when[present]))
        ordered_ids = event_ids[present][order]
        events = Events(
            n=len(self.ids),
            profiles=numbers[order],
            times=when[present][order],
            values=values[present][order],
            property_column=_Properties(self, row.pk, ordered_ids).column,
        )
        return events, ordered_ids

    def event_property(self, metric_id: int, name: str, event_ids: Ints) -> Column:
        """A property of events of a metric, in the order of `event_ids`."""
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

    def list_members(self, key: str) -> GroupRows | None:
        row = List.objects.filter(account_id=self.account_id, key=key).first()
        if row is None:
            return None
        query = sql.SQL(
            "SELECT profile_id, joined FROM profiles_listmember p WHERE {} AND list_id = {}"
        )
        return self.group_rows(query, row.pk)

    def coordinates(self) -> tuple[Floats, Floats]:
        return (
            self._aligned_numbers(sql.Identifier("point_latitude")),
            self._aligned_numbers(sql.Identifier("point_longitude")),
        )

    # --- reading ---

    def _texts(
        self, query: sql.SQL, person: str, ids: Ints, **parts: sql.Composable
    ) -> pa.StringArray:
        """Texts of rows (id, text), put in the order of `ids`; null where there is no row."""
        composed = query.format(where=self.where(person), **parts)
        row_ids, texts = fetch(composed, ["int", "text"])
        positions, present = positions_in_unsorted(row_ids, ids)
        return texts.take(pa.array(positions, mask=~present))

    def _instants(self, query: sql.SQL, person: str, **parts: sql.Composable) -> Ints:
        """int64[n] microseconds of rows (profile id, time); NO_INSTANT without a row."""
        row_ids, when = fetch(query.format(where=self.where(person), **parts), ["int", "time"])
        return align(row_ids, when, self.ids, NO_INSTANT)

    def _aligned_instants(self, column: sql.Identifier) -> Ints:
        query = sql.SQL(
            "SELECT id, {column} FROM profiles_profile p WHERE {where} AND {column} IS NOT NULL"
        )
        return self._instants(query, "p.id", column=column)

    def _aligned_numbers(self, column: sql.Identifier) -> Floats:
        query = sql.SQL(
            "SELECT id, {column} FROM profiles_profile p WHERE {where} AND {column} IS NOT NULL"
        ).format(column=column, where=self.where("p.id"))
        row_ids, numbers = fetch(query, ["int", "float"])
        return align(row_ids, numbers, self.ids, np.nan)


class _Properties:
    """The property columns of one metric's events, each read once."""

    def __init__(self, rows: Rows, metric_id: int, event_ids: Ints) -> None:
        self._rows, self._metric_id, self._event_ids = rows, metric_id, event_ids
        self._columns: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = self._rows.event_property(self._metric_id, name, self._event_ids)
        return self._columns[name]
