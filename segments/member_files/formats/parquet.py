"""Parquet: typed columns for pandas, DuckDB, Spark and the like. Arrow reads COPY's rows."""

from __future__ import annotations

import io
from collections.abc import Sequence

import psycopg.sql as sql
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from segments.member_files.column import CellKind, ExportColumn
from segments.member_files.file_format import (
    FileFormat,
    FileStyle,
    Sink,
    as_number,
    as_text,
    cell_of,
    file_formats,
)

_TYPES = {
    CellKind.INTEGER: pa.int64(),
    CellKind.NUMBER: pa.float64(),
    CellKind.TRUTH: pa.bool_(),
    CellKind.INSTANT: pa.timestamp("us", tz="UTC"),
    CellKind.DAY: pa.date32(),
}
_JSON_TYPES = {"number": pa.float64(), "boolean": pa.bool_()}


class _ParquetWriter:
    """Each part of the rows is a row group."""

    def __init__(self, columns: Sequence[ExportColumn], style: FileStyle, sink: Sink) -> None:
        self._names = [column.name for column in columns]
        types = {column.name: _type(column) for column in columns}
        self._options = arrow_csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            true_values=["t", "true"],
            false_values=["f", "false"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        self._file = _Output(sink)
        self._writer = parquet.ParquetWriter(self._file, pa.schema(list(types.items())))

    def add(self, rows: Sequence[bytes]) -> None:
        table = arrow_csv.read_csv(
            pa.py_buffer(b"".join(rows)),
            read_options=arrow_csv.ReadOptions(column_names=self._names, use_threads=False),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=self._options,
        )
        self._writer.write_table(table)

    def end(self) -> None:
        self._writer.close()

    def discard(self) -> None:
        self._file.is_discarded = True
        self._writer.close()


class _Output(io.RawIOBase):
    """A sink as Arrow wants it: a file that knows how far it is."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._position = 0
        self.is_discarded = False

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, content: bytes) -> int:  # type: ignore[override]
        if not self.is_discarded:
            self._sink.write(bytes(content))
        self._position += len(content)
        return len(content)


def _cells(columns: Sequence[ExportColumn], style: FileStyle) -> list[sql.Composable]:
    return [_cell(column, cell_of(place)) for place, column in enumerate(columns)]


def _type(column: ExportColumn) -> pa.DataType:
    if column.kind is CellKind.JSON:
        return _JSON_TYPES.get(column.json_type, pa.string())
    return _TYPES.get(column.kind, pa.string())


def _cell(column: ExportColumn, value: sql.Composable) -> sql.Composable:
    if column.kind is CellKind.JSON and column.json_type in _JSON_TYPES:
        # A value of another type may have come since the types were read.
        return sql.SQL("CASE WHEN jsonb_typeof({v}) = {type} THEN {v}::text END").format(
            v=value, type=sql.Literal(column.json_type)
        )
    match column.kind:
        case CellKind.NUMBER:
            return as_number(value)
        case CellKind.TRUTH:
            return value
        case CellKind.INSTANT:
            return sql.SQL(
                "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
            ).format(value)
    return as_text(column.kind, value)


file_formats.add(
    "parquet",
    FileFormat(
        label="Parquet",
        text=_("for data tools: small, with types"),
        suffix="parquet",
        content_type="application/vnd.apache.parquet",
        rank=40,
        cells=_cells,
        writer=_ParquetWriter,
    ),
)
