"""JSON Lines: one object a person, for programs. The database writes them whole."""

from __future__ import annotations

import json
from collections.abc import Sequence

import psycopg.sql as sql
from django.utils.translation import gettext_lazy as _

from segments.member_files.column import CellKind, ExportColumn
from segments.member_files.file_format import (
    FileFormat,
    FileStyle,
    Sink,
    as_number,
    cell_of,
    file_formats,
)


class _LineWriter:
    def __init__(self, columns: Sequence[ExportColumn], style: FileStyle, sink: Sink) -> None:
        self._sink = sink

    def add(self, rows: Sequence[bytes]) -> None:
        self._sink.write(b"".join(rows))

    def end(self) -> None:
        pass

    def discard(self) -> None:
        pass


def _cells(columns: Sequence[ExportColumn], style: FileStyle) -> list[sql.Composable]:
    parts: list[sql.Composable] = []
    for place, column in enumerate(columns):
        name = json.dumps(column.name, ensure_ascii=False)
        parts.append(sql.Literal(("{" if place == 0 else ", ") + name + ": "))
        parts.append(_cell(column.kind, cell_of(place)))
    parts.append(sql.Literal("}"))
    return [sql.SQL(" || ").join(parts)]


def _cell(kind: CellKind, value: sql.Composable) -> sql.Composable:
    match kind:
        case CellKind.NUMBER:
            text = as_number(value)
        case CellKind.JSON:
            text = sql.SQL("{}::text").format(value)
        case _:
            text = sql.SQL("to_json({})::text").format(value)
    return sql.SQL("coalesce({}, 'null')").format(text)


file_formats.add(
    "jsonl",
    FileFormat(
        label="JSON Lines",
        text=_("for programs: one object a person, values with their types"),
        suffix="jsonl",
        content_type="application/x-ndjson",
        rank=30,
        # JSON holds no bare control characters, so that COPY never has to quote a line.
        copy_options=", DELIMITER E'\\x01', QUOTE E'\\x02'",
        cells=_cells,
        writer=_LineWriter,
    ),
)
