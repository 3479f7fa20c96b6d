"""Rows to records of the exchange format, a block at a time, column by column.

Pure: knows no database. A row that cannot become a record is refused with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, NamedTuple

from profiles.imports.blocks import Block
from profiles.imports.encodings import undecoded
from profiles.imports.rejects import Reject
from profiles.imports.row_ids import RowIds
from profiles.imports.targets import CONSENT_WORDS, CONSENTS, PLACES, PROPERTY, Mapped
from profiles.imports.values import (
    CellType,
    Memo,
    RefusedCell,
    amount_memo,
    infer,
    property_memo,
    time_memo,
)
from profiles.ingest.parse import ProfileRecord, read_profile
from profiles.models import IDENTIFIERS
from segmenter.kernel.errors import Invalid

Record = dict[str, Any]
_DEGREES = ("latitude", "longitude")
_LIST_SEPARATOR = ";"
_CELL_END = "\x1f"


@dataclass(frozen=True)
class ImportPlan:
    """What becomes of a file's columns."""

    kind: str
    """profiles or events."""
    columns: tuple[str, ...]
    mapped: tuple[Mapped, ...]
    zone: tzinfo
    """Of times that name none."""
    kinds: dict[int, CellType] = field(default_factory=dict)
    """Types of the columns that become properties."""
    metric: str | None = None
    time_format: str | None = None

    @property
    def needs_row_ids(self) -> bool:
        """Whether its events are known by what their rows hold."""
        return self.kind == "events" and all(one.target != "unique_id" for one in self.mapped)


class Mapping(NamedTuple):
    """What a block became: record i is of the block's row `rows[i]`."""

    records: list[Record]
    rows: list[int]
    rejects: list[Reject]


def infer_kinds(mapped: Sequence[Mapped], block: Block) -> dict[int, CellType]:
    """Return the type of each column that becomes a property, judged by a block of rows."""
    places = [one.column for one in mapped if one.target.startswith(PROPERTY)]
    return {place: infer({row[place] for row in block.rows}) for place in places}


class RowMapper:
    """Turns blocks of cells into records as a plan says; events that have no id get `row_ids`."""

    def __init__(self, plan: ImportPlan, encoding: str, row_ids: RowIds) -> None:
        self._plan = plan
        self._encoding = encoding
        self._row_ids = row_ids
        self._columns = [_column(plan, one) for one in plan.mapped]
        self._identifying = [c for c in self._columns if c.name in IDENTIFIERS and not c.group]
        if plan.kind == "events" and len(self._identifying) == 1:
            [who] = self._identifying
            who.memo = Memo(_person(who.name), expected=ProfileRecord)

    @property
    def misfits(self) -> dict[str, int]:
        """How many cells of a number or boolean column were kept as text, by column name."""
        return {
            self._plan.columns[column.place]: column.memo.odd
            for column in self._columns
            if column.group == "properties" and column.memo is not None and column.memo.odd
        }

    def __call__(self, block: Block) -> Mapping:
        rejects = [Reject(*broken) for broken in block.broken]
        if not block.rows:
            return Mapping([], [], rejects)
        cells = list(zip(*block.rows, strict=True))
        refused: dict[int, str] = {}
        for column in self._columns:
            self._see_bytes(column, cells[column.place], refused)
        values = [column.read(cells[column.place], refused) for column in self._columns]
        self._see_persons(values, refused)
        build = self._events if self._plan.kind == "events" else self._profiles
        records = build(block, values)
        rows = list(range(len(records)))
        if refused:
            rows = [row for row in rows if row not in refused]
            records = [records[row] for row in rows]
            rejects += [
                Reject(block.lines[row], reason, block.rows[row]) for row, reason in refused.items()
            ]
        return Mapping(records, rows, rejects)

    def _see_bytes(self, column: _Column, cells: Sequence[str], refused: dict[int, str]) -> None:
        """Refuse rows with a cell that holds bytes which the file's encoding does not know."""
        if undecoded("".join(cells), self._encoding):
            for row, cell in enumerate(cells):
                if reason := undecoded(cell, self._encoding):
                    refused.setdefault(row, f"{column.title}: {reason}")

    def _see_persons(self, values: list[list[Any]], refused: dict[int, str]) -> None:
        """Refuse rows in which every identifier is empty."""
        found = [v for c, v in zip(self._columns, values, strict=True) if c in self._identifying]
        if all(all(column) for column in found[:1]):
            return
        told = " and ".join(repr(self._plan.columns[c.place]) for c in self._identifying)
        for row, identifiers in enumerate(zip(*found, strict=True)):
            if not any(identifiers):
                refused.setdefault(row, f"No person: {told} is empty.")

    def _events(self, block: Block, values: list[list[Any]]) -> list[Record]:
        groups = self._groups(values)
        plain = dict(groups[""])
        count = len(block.rows)
        profiles = self._persons(groups[""], count)
        properties = _objects(groups["properties"], count)
        metrics = plain.get("metric") or [self._plan.metric] * count
        unique_ids = plain.get("unique_id") or self._row_ids(texts_of(block, json_lines=False))
        return [
            {
                "metric": metric,
                "time": time,
                "value": value,
                "unique_id": unique_id,
                "properties": its,
                "profile": person,
            }
            for metric, time, value, unique_id, its, person in zip(
                metrics,
                plain["time"],
                plain.get("value") or [None] * count,
                unique_ids,
                properties,
                profiles,
                strict=True,
            )
        ]

    def _persons(self, columns: list[tuple[str, list[Any]]], count: int) -> list[Any]:
        """The person of each row; rows without any are refused elsewhere."""
        identifying = [column for column in columns if column[0] in IDENTIFIERS]
        return identifying[0][1] if len(identifying) == 1 else _objects(identifying, count)

    def _profiles(self, block: Block, values: list[list[Any]]) -> list[Record]:
        groups = self._groups(values)
        count = len(block.rows)
        records = _objects([g for g in groups[""] if g[0] != "list"], count)
        for name in ("location", "properties", "subscriptions"):
            if groups[name]:
                for record, its in zip(records, _objects(groups[name], count), strict=True):
                    if its:
                        record[name] = its
        for target, column in groups[""]:
            if target == "list":
                for record, names in zip(records, column, strict=True):
                    if names:
                        record.setdefault("lists", []).extend(names)
        return records

    def _groups(self, values: list[list[Any]]) -> dict[str, list[tuple[str, list[Any]]]]:
        """The columns by the part of the record that they belong to."""
        groups: dict[str, list[tuple[str, list[Any]]]] = {
            name: [] for name in ("", "location", "properties", "subscriptions")
        }
        for column, read in zip(self._columns, values, strict=True):
            groups[column.group].append((column.name, read))
        return groups


@dataclass(eq=False)
class _Column:
    """One mapped column: where it goes in the record, and how its cells are read."""

    place: int
    title: str
    group: str
    name: str
    memo: Memo | None = None
    required: bool = False

    def read(self, cells: Sequence[str], refused: dict[int, str]) -> list[Any]:
        """Return the cells' values, None for empty ones; note the rows that are refused."""
        if self.memo is None:
            values: list[Any] = [cell.strip() or None for cell in cells]
        else:
            before = self.memo.odd
            values = list(map(self.memo.__getitem__, cells))
            if self.memo.odd != before and self.group != "properties":
                for row, value in enumerate(values):
                    if isinstance(value, RefusedCell):
                        refused.setdefault(row, f"{self.title}: {value.reason}")
        if self.required and not all(values):
            for row, value in enumerate(values):
                if value is None:
                    refused.setdefault(row, f"{self.title} is empty.")
        return values


def _column(plan: ImportPlan, one: Mapped) -> _Column:
    place, target = one.column, one.target
    title = repr(plan.columns[place])
    if target.startswith(PROPERTY):
        memo = property_memo(plan.kinds.get(place, CellType.TEXT))
        return _Column(place, title, "properties", target.removeprefix(PROPERTY), memo)
    group, _, name = target.rpartition(".")
    if target in ("time", "created"):
        memo = time_memo(plan.time_format, plan.zone)
        return _Column(place, title, "", target, memo, required=target == "time")
    if target == "value" or name in _DEGREES:
        return _Column(place, title, group, name, amount_memo())
    if group == "consent":
        return _Column(place, title, "subscriptions", name, Memo(_consent(name), expected=dict))
    if target == "list":
        return _Column(place, title, "", "list", Memo(_list_names, expected=list))
    assert not group or name in PLACES
    required = target in ("unique_id", "metric")
    return _Column(place, title, group, name, required=required)


def _person(identifier: str) -> Callable[[str], ProfileRecord | RefusedCell]:
    """Read a person once for all of their events."""

    def read(text: str) -> ProfileRecord | RefusedCell:
        try:
            return read_profile({identifier: text})
        except Invalid as error:
            return RefusedCell(error.problems[0].message)

    return read


def _consent(channel: str) -> Callable[[str], Record | RefusedCell]:
    _, purpose = CONSENTS[channel]

    def read(text: str) -> Record | RefusedCell:
        word = CONSENT_WORDS.get(text.lower().replace(" ", "_"))
        if word is None:
            known = ", ".join(CONSENT_WORDS)
            return RefusedCell(f"{text[:60]!r} is no status of consent; known are: {known}.")
        return {purpose: {"consent": word, "method": "MANUAL_IMPORT"}}

    return read


def _list_names(text: str) -> list[Record]:
    names = (name.strip() for name in text.split(_LIST_SEPARATOR))
    return [{"name": name} for name in names if name]


def _objects(columns: list[tuple[str, list[Any]]], count: int) -> list[Record]:
    """One object a row, without what is empty."""
    if not columns:
        return [{} for _ in range(count)]
    names = [name for name, _ in columns]
    rows = zip(*(values for _, values in columns), strict=True)
    if not any(None in values for _, values in columns):
        return [dict(zip(names, row, strict=False)) for row in rows]
    return [
        {name: value for name, value in zip(names, row, strict=False) if value is not None}
        for row in rows
    ]


def texts_of(block: Block, *, json_lines: bool) -> list[str]:
    """Return what ids are made of: the text of each row of events that names none."""
    if json_lines:
        return [text for record, text in block.rows if _is_unnamed(record)]
    return [_CELL_END.join(row) for row in block.rows]


def map_objects(kind: str, block: Block, *, metric: str | None, row_ids: RowIds) -> Mapping:
    """Turn a block of JSON Lines into records; events without a unique_id are given one."""
    rejects = [Reject(*broken) for broken in block.broken]
    records = [record for record, _text in block.rows]
    if kind == "events":
        unnamed = [record for record in records if _is_unnamed(record)]
        ids = row_ids(texts_of(block, json_lines=True))
        for record, unique_id in zip(unnamed, ids, strict=True):
            record["unique_id"] = unique_id
        if metric:
            for record in records:
                if not record.get("metric"):
                    record["metric"] = metric
    return Mapping(records, list(range(len(records))), rejects)


def _is_unnamed(record: Record) -> bool:
    unique_id = record.get("unique_id")
    return unique_id is None or (isinstance(unique_id, str) and not unique_id.strip())
