"""Excel workbooks: numbers, dates and texts as such, so that nothing can be taken for a formula.

XlsxWriter keeps one row in memory; finished sheets lie in a temporary folder until they are packed.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from tempfile import TemporaryDirectory
from typing import Any

import psycopg.sql as sql
import xlsxwriter
from django.utils.translation import gettext_lazy as _

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

MOST_ROWS = 1_048_576
"""Of a sheet, its headings among them; the rest goes to another one."""
MOST_TEXT = 32_767
"""Characters of a cell, by UTF-16 units; longer texts are cut, as Excel itself would."""
MOST_EXACT = 1e15
"""Excel keeps 15 digits: a larger number, which is a code rather, stays whole as text."""
_FIRST_DAY = date(1900, 3, 1)
"""Excel knows no earlier days reliably: 1900 is a leap year to it."""


class _Output(io.RawIOBase):
    """A sink as a file that cannot be read or wound back."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._sink.write(bytes(content))
        return len(content)


class _Workbook:
    def __init__(self, columns: Sequence[ExportColumn], style: FileStyle, sink: Sink) -> None:
        self._folder = TemporaryDirectory(prefix="segmenter-export-")
        self._book = xlsxwriter.Workbook(
            _Output(sink),
            {"constant_memory": True, "tmpdir": self._folder.name, "nan_inf_to_errors": False},
        )
        self._bold = self._book.add_format({"bold": True})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._headings = style.headings(columns)
        self._writes = [self._writer_of(column.kind) for column in columns]
        self._sheet: Any = None
        self._row = MOST_ROWS
        self._turn()

    def add(self, rows: Sequence[bytes]) -> None:
        text = io.StringIO(b"".join(rows).decode(), newline="")
        for cells in csv.reader(text):
            if self._row >= MOST_ROWS:
                self._turn()
            for place, cell in enumerate(cells):
                if cell:
                    self._writes[place](place, cell)
            self._row += 1

    def end(self) -> None:
        try:
            self._book.close()
        finally:
            self._folder.cleanup()

    def discard(self) -> None:
        self._book.fileclosed = True
        self._folder.cleanup()

    def _turn(self) -> None:
        """Begin another sheet."""
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        for place, heading in enumerate(self._headings):
            self._sheet.set_column(place, place, max(10, min(len(heading) + 2, 40)))
            self._sheet.write_string(0, place, _cut(heading), self._bold)
        self._row = 1

    def _writer_of(self, kind: CellKind) -> Callable[[int, str], None]:
        match kind:
            case CellKind.INTEGER | CellKind.NUMBER:
                return self._number
            case CellKind.TRUTH:
                return self._truth
            case CellKind.INSTANT:
                return self._instant
            case CellKind.DAY:
                return self._calendar_day
            case CellKind.JSON:
                return self._any
        return self._text

    def _text(self, place: int, cell: str) -> None:
        self._sheet.write_string(self._row, place, _cut(cell))

    def _number(self, place: int, cell: str) -> None:
        number = float(cell)
        if math.isfinite(number) and abs(number) < MOST_EXACT:
            self._sheet.write_number(self._row, place, number)
        else:
            self._text(place, cell)

    def _truth(self, place: int, cell: str) -> None:
        self._sheet.write_boolean(self._row, place, cell in ("t", "true"))

    def _instant(self, place: int, cell: str) -> None:
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError:
            self._text(place, cell)
            return
        if moment.date() < _FIRST_DAY:
            self._text(place, cell)
            return
        self._sheet.write_datetime(self._row, place, moment, self._time)

    def _calendar_day(self, place: int, cell: str) -> None:
        try:
            day = date.fromisoformat(cell)
        except ValueError:
            self._text(place, cell)
            return
        self._sheet.write_datetime(self._row, place, day, self._day)

    def _any(self, place: int, cell: str) -> None:
        """A JSON value behind a letter that says what it is."""
        tag, value = cell[0], cell[1:]
        if tag == "n":
            self._number(place, value)
        elif tag == "b":
            self._truth(place, value)
        elif value:
            self._text(place, value)


def _cut(text: str) -> str:
    if len(text) <= MOST_TEXT // 2:
        return text
    units = text.encode("utf-16-le")
    return units[: 2 * MOST_TEXT].decode("utf-16-le", "ignore")


def _cells(columns: Sequence[ExportColumn], style: FileStyle) -> list[sql.Composable]:
    return [_cell(column.kind, cell_of(place), style) for place, column in enumerate(columns)]


def _cell(kind: CellKind, value: sql.Composable, style: FileStyle) -> sql.Composable:
    match kind:
        case CellKind.NUMBER:
            return as_number(value)
        case CellKind.INSTANT:
            return as_local_time(value, style.zone)
        case CellKind.JSON:
            return sql.SQL(
                "CASE jsonb_typeof({v}) WHEN 'number' THEN 'n' || {v}::text"
                " WHEN 'boolean' THEN 'b' || {v}::text WHEN 'null' THEN NULL"
                " ELSE 's' || {text} END"
            ).format(v=value, text=as_text(kind, value))
    return as_text(kind, value)


file_formats.add(
    "xlsx",
    FileFormat(
        label=_("Excel workbook"),
        text=_("for Excel everywhere: no signs to choose, but slower"),
        suffix="xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        rank=20,
        cells=_cells,
        writer=_Workbook,
    ),
)
