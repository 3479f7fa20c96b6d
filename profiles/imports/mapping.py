"""Maps rows to records of the exchange format, a block at a time, column by column.

Pure: no database. A row that cannot become a record is rejected with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, NamedTuple

from profiles.imports.blocks import Block
from profiles.imports.encodings import decoding_error
from profiles.imports.rejects import Reject
from profiles.imports.row_ids import RowIds
from profiles.imports.targets import CONSENT_WORDS, CONSENTS, PLACES, PROPERTY, ColumnTarget
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
    """The mapping of a file's columns."""

    kind: str
    """profiles or events."""
    columns: tuple[str, ...]
    mapped: tuple[ColumnTarget, ...]
    zone: tzinfo
    """Of times that name none."""
    kinds: dict[int, CellType] = field(default_factory=dict)
    """Types of the columns that become properties."""
    metric: str | None = None
    time_format: str | None = None
    list_name: str | None = None
    """A list that all imported people are put on."""

    @property
    def needs_row_ids(self) -> bool:
        """Whether events get ids computed from their rows."""
        return self.kind == "events" and all(each.target != "unique_id" for each in self.mapped)


class Mapping(NamedTuple):
    """The records of a block: record i is of the block's row `rows[i]`."""

    records: list[Record]
    rows: list[int]
    rejects: list[Reject]


def infer_kinds(mapped: Sequence[ColumnTarget], block: Block) -> dict[int, CellType]:
    """Return the type of each column that becomes a property, inferred from a block of rows."""
    places = [each.column for each in mapped if each.target.startswith(PROPERTY)]
    return {place: infer({row[place] for row in block.rows}) for place in places}


class RowMapper:
    """Maps blocks of cells to records by a plan; events without an id get `row_ids`."""

    def __init__(self, plan: ImportPlan, encoding: str, row_ids: RowIds) -> None:
        self._plan = plan
        self._encoding = encoding
        self._row_ids = row_ids
        self._columns = [_column(plan, each) for each in plan.mapped]
        self._identifying = [c for c in self._columns if c.name in IDENTIFIERS and not c.group]
        if plan.kind == "events" and len(self._identifying) == 1:
            [column] = self._identifying
            column.memo = Memo(_person(column.name), expected=ProfileRecord)

    @property
    def misfits(self) -> dict[str, int]:
        """Number of cells of a typed column that stayed text, by column name."""
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
        reasons: dict[int, str] = {}
        for column in self._columns:
            self._check_bytes(column, cells[column.place], reasons)
        values = [column.read(cells[column.place], reasons) for column in self._columns]
        self._check_people(values, reasons)
        build = self._events if self._plan.kind == "events" else self._profiles
        records = build(block, values)
        rows = list(range(len(records)))
        if reasons:
            rows = [row for row in rows if row not in reasons]
            records = [records[row] for row in rows]
            rejects += [
                Reject(block.lines[row], reason, block.rows[row]) for row, reason in reasons.items()
            ]
        return Mapping(records, rows, rejects)

    def _check_bytes(self, column: _Column, cells: Sequence[str], reasons: dict[int, str]) -> None:
        """Reject rows with a cell that has bytes which the file's encoding does not define."""
        if decoding_error("".join(cells), self._encoding):
            for row, cell in enumerate(cells):
                if reason := decoding_error(cell, self._encoding):
                    reasons.setdefault(row, f"{column.title}: {reason}")

    def _check_people(self, values: list[list[Any]], reasons: dict[int, str]) -> None:
        """Reject rows in which every identifier is empty."""
        columns = [v for c, v in zip(self._columns, values, strict=True) if c in self._identifying]
        if all(all(column) for column in columns[:1]):
            return
        names = " and ".join(repr(self._plan.columns[c.place]) for c in self._identifying)
        for row, identifiers in enumerate(zip(*columns, strict=True)):
            if not any(identifiers):
                reasons.setdefault(row, f"No person: {names} is empty.")

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
        """The person of each row; `_check_people` rejects rows without one."""
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
        if self._plan.list_name:
            for record in records:
                record.setdefault("lists", []).append({"name": self._plan.list_name})
        return records

    def _groups(self, values: list[list[Any]]) -> dict[str, list[tuple[str, list[Any]]]]:
        """The columns by the part of the record to which they belong."""
        groups: dict[str, list[tuple[str, list[Any]]]] = {
            name: [] for name in ("", "location", "properties", "subscriptions")
        }
        for column, cells in zip(self._columns, values, strict=True):
            groups[column.group].append((column.name, cells))
        return groups


@dataclass(eq=False)
class _Column:
    """One mapped column: its place in the record, and the reader of its cells."""

    place: int
    title: str
    group: str
    name: str
    memo: Memo | None = None
    required: bool = False

    def read(self, cells: Sequence[str], reasons: dict[int, str]) -> list[Any]:
        """Return the cells' values, None for empty ones; add reasons for rejected rows."""
        if self.memo is None:
            values: list[Any] = [cell.strip() or None for cell in cells]
        else:
            before = self.memo.odd
            values = list(map(self.memo.__getitem__, cells))
            if self.memo.odd != before and self.group != "properties":
                for row, value in enumerate(values):
                    if isinstance(value, RefusedCell):
                        reasons.setdefault(row, f"{self.title}: {value.reason}")
        if self.required and not all(values):
            for row, value in enumerate(values):
                if value is None:
                    reasons.setdefault(row, f"{self.title} is empty.")
        return values


def _column(plan: ImportPlan, each: ColumnTarget) -> _Column:
    place, target = each.column, each.target
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
    """A reader that parses a person once for all of their events."""

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
            words = ", ".join(CONSENT_WORDS)
            return RefusedCell(f"{text[:60]!r} is no status of consent; known are: {words}.")
        return {purpose: {"consent": word, "method": "MANUAL_IMPORT"}}

    return read


def _list_names(text: str) -> list[Record]:
    names = (name.strip() for name in text.split(_LIST_SEPARATOR))
    return [{"name": name} for name in names if name]


def _objects(columns: list[tuple[str, list[Any]]], count: int) -> list[Record]:
    """One object a row, without empty fields."""
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
    """Return the texts from which ids are computed: of each event's row that has no id."""
    if json_lines:
        return [text for record, text in block.rows if _has_no_id(record)]
    return [_CELL_END.join(row) for row in block.rows]


def map_objects(kind: str, block: Block, *, metric: str | None, row_ids: RowIds) -> Mapping:
    """Map a block of JSON Lines to records; events without a unique_id get one."""
    rejects = [Reject(*broken) for broken in block.broken]
    records = [record for record, _text in block.rows]
    if kind == "events":
        without_id = [record for record in records if _has_no_id(record)]
        ids = row_ids(texts_of(block, json_lines=True))
        for record, unique_id in zip(without_id, ids, strict=True):
            record["unique_id"] = unique_id
        if metric:
            for record in records:
                if not record.get("metric"):
                    record["metric"] = metric
    return Mapping(records, list(range(len(records))), rejects)


def _has_no_id(record: Record) -> bool:
    unique_id = record.get("unique_id")
    return unique_id is None or (isinstance(unique_id, str) and not unique_id.strip())
