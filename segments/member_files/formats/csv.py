"""CSV: for spreadsheets, with the signs that they take in a country; formulas are escaped."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg.sql as sql
from django.utils.translation import gettext_lazy as _

from segmenter.kernel.csv_writer import csv_lines, escape_formula_sql
from segments.member_files.column import CellKind, ExportColumn
from segments.member_files.file_format import (
    FileFormat,
    FileStyle,
    Sink,
    as_local_time,
    as_number,
    as_text,
    cell_of,
    file_formats,
)


class _CsvWriter:
    def __init__(self, columns: Sequence[ExportColumn], style: FileStyle, sink: Sink) -> None:
        self._sink = sink
        head = csv_lines(
            [style.headings(columns)],
            byte_order_mark=style.byte_order_mark,
            delimiter=style.delimiter,
        )
        sink.write(head)

    def add(self, rows: Sequence[bytes]) -> None:
        # Each row ends with a line feed that is no part of a cell.
        self._sink.write(b"\r\n".join([row[:-1] for row in rows]) + b"\r\n")

    def end(self) -> None:
        pass

    def discard(self) -> None:
        pass


def _cells(columns: Sequence[ExportColumn], style: FileStyle) -> list[sql.Composable]:
    return [_cell(column.kind, cell_of(place), style) for place, column in enumerate(columns)]


def _cell(kind: CellKind, value: sql.Composable, style: FileStyle) -> sql.Composable:
    match kind:
        case CellKind.NUMBER:
            return _with_sign(as_number(value), style)
        case CellKind.INTEGER | CellKind.TRUTH | CellKind.DAY:
            return as_text(kind, value)
        case CellKind.INSTANT:
            return as_local_time(value, style.zone)
        case CellKind.JSON:
            return sql.SQL(
                "CASE jsonb_typeof({value}) WHEN 'number' THEN {number} ELSE {text} END"
            ).format(
                value=value,
                number=_with_sign(sql.SQL("{}::text").format(value), style),
                text=_escaped(as_text(kind, value), style),
            )
        case CellKind.WORDS:
            return _escaped(as_text(kind, value), style)
    return escape_formula_sql(as_text(kind, value), style.delimiter)


def _escaped(text: sql.Composable, style: FileStyle) -> sql.Composable:
    """A text that takes long to make, made once and not wherever it is looked at."""
    return sql.SQL("(SELECT {cell} FROM (SELECT {text} AS text OFFSET 0) AS cell)").format(
        cell=escape_formula_sql(sql.Identifier("cell", "text"), style.delimiter), text=text
    )


def _with_sign(number: sql.Composable, style: FileStyle) -> sql.Composable:
    """A number, which is a text, with the decimal sign of the file."""
    if style.decimal == ".":
        return number
    return sql.SQL("replace({}, '.', {})").format(number, sql.Literal(style.decimal))


file_formats.add(
    "csv",
    FileFormat(
        label="CSV",
        text=_("for Excel, Google Sheets and almost every program"),
        suffix="csv",
        content_type="text/csv; charset=utf-8",
        rank=10,
        is_styled=True,
        cells=_cells,
        writer=_CsvWriter,
    ),
)
