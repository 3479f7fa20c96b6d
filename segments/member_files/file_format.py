"""What a format of files is: how cells are written in SQL, and what makes a file of the rows.

One file each in `formats/`. Rows come from COPY in its CSV form, a few megabytes at a time; only
whole rows. What a cell cannot hold in a format is written as text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

import psycopg.sql as sql
from django.utils.functional import Promise

from segmenter.kernel.registry import Registry, import_all
from segments.member_files.column import CellKind, ExportColumn


@dataclass(frozen=True)
class FileStyle:
    """How texts and numbers stand in a file, as far as its format leaves a choice."""

    delimiter: str
    decimal: str
    byte_order_mark: bool
    names_as_headings: bool
    """Whether headings are the names that programs use, and not people's words."""
    zone: ZoneInfo
    """In which times are written where a format has no zones."""

    def headings(self, columns: Sequence[ExportColumn]) -> list[str]:
        if self.names_as_headings:
            return [column.name for column in columns]
        return [column.label for column in columns]


class Sink(Protocol):
    """Takes the bytes of a file, in their order."""

    def write(self, content: bytes, /) -> int: ...


class FileWriter(Protocol):
    """Makes a file of rows and hands it to a sink, piece by piece."""

    def add(self, rows: Sequence[bytes]) -> None:
        """Write some rows as COPY gives them."""

    def end(self) -> None:
        """Write what stands at the file's end."""

    def discard(self) -> None:
        """Let go of what an unfinished file took."""


@dataclass(frozen=True)
class FileFormat:
    """A format of files."""

    label: str | Promise
    text: str | Promise
    """What it is for, in half a sentence."""
    suffix: str
    content_type: str
    rank: int
    cells: Callable[[Sequence[ExportColumn], FileStyle], list[sql.Composable]]
    """Expressions over a row `r` whose columns are c0, c1, ...: what COPY selects."""
    writer: Callable[[Sequence[ExportColumn], FileStyle, Sink], FileWriter]
    copy_options: str = ""
    """Beside FORMAT csv."""
    is_styled: bool = False
    """Whether delimiter, decimal sign and byte order mark mean anything."""


file_formats: Registry[FileFormat] = Registry("format of files")
"""Filled by importing `segments.member_files.formats`."""


@cache
def formats_by_rank() -> list[tuple[str, FileFormat]]:
    import_all("segments.member_files.formats")
    return sorted(file_formats.items(), key=lambda item: item[1].rank)


def cell_of(place: int) -> sql.Composable:
    """The raw value of a column in a row."""
    return sql.Identifier("r", f"c{place}")


def as_number(value: sql.Composable) -> sql.Composable:
    """A number as text with a decimal point; null for what is no finite number."""
    # NaN is greater than everything to PostgreSQL.
    return sql.SQL(
        "CASE WHEN {value} > '-Infinity' AND {value} < 'Infinity' THEN {value}::text END"
    ).format(value=value)


def as_local_time(value: sql.Composable, zone: ZoneInfo) -> sql.Composable:
    """An instant as spreadsheets read it, in a zone."""
    return sql.SQL("left(({value} AT TIME ZONE {zone})::text, 19)").format(
        value=value, zone=sql.Literal(zone.key)
    )


def as_text(kind: CellKind, value: sql.Composable) -> sql.Composable:
    """Texts, words and JSON as one text."""
    if kind is CellKind.WORDS:
        return sql.SQL("array_to_string({}, ', ')").format(value)
    if kind is CellKind.JSON:
        return sql.SQL("({} #>> '{{}}')").format(value)
    return sql.SQL("{}::text").format(value)
