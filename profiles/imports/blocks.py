"""Splits a file into rows: reads blocks in constant memory, and separates broken rows.

A row has a number (1 is the first after the header; empty rows are not counted) and the number of
the line in which it begins. A broken row does not affect those after it.
"""

from __future__ import annotations

import csv
import io
import json
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

from profiles.imports.encodings import decoding_error, label_of
from profiles.imports.layout import REJECT_COLUMNS, WHITESPACE, Layout, split_whitespace
from profiles.imports.source import ByteSource, Unreadable, open_decompressed
from segmenter.kernel.csv_writer import unescape_formula

ROWS = 10_000
"""Rows in a block; the most that ingest takes at once."""
MOST_CHARACTERS = 16_000_000
"""Of one row; a longer one is treated as an unclosed quote or a missing line end."""
_BLOCK_CHARACTERS = 16_000_000
_LONG = _BLOCK_CHARACTERS // ROWS
"""Only longer lines are counted; a block of shorter ones cannot become too large."""

csv.field_size_limit(MOST_CHARACTERS)  # The module's own limit is 131,072, for the whole process.


class BrokenRow(NamedTuple):
    """A row that could not be read."""

    line: int
    reason: str
    text: str


@dataclass
class Block:
    """Consecutive rows of a file."""

    rows: list[Any] = field(default_factory=list)
    """Each a list of cells, or (JSON Lines) an object with its text: (dict, text)."""
    numbers: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    last_number: int = 0
    """Number of the last row, broken or not."""
    position: int = 0
    """Bytes of the file (as stored) read so far."""


class _TooLong(Exception):
    """A row is longer than MOST_CHARACTERS."""


def read_blocks(
    source: ByteSource, layout: Layout, *, skip: int = 0, cut: int = 0, rows: int = ROWS
) -> Generator[Block, None, None]:
    """Yield the file's rows after the first `skip`, at most `rows` (good and broken) at a time.

    A block ends with row number `cut`, if it exists. Raises Unreadable if the file cannot be read
    to its end.
    """
    with open_decompressed(source) as (stream, raw):
        text = io.TextIOWrapper(stream, layout.encoding, errors="surrogateescape", newline="")
        reader = _reader(text, layout)
        try:
            for block in reader.blocks(skip, cut, rows):
                block.position = raw.tell()
                yield block
        except UnicodeError as error:
            why = f"it is not written in {label_of(layout.encoding)} ({error})"
            raise Unreadable(f"Cannot read {source.name!r} to its end: {why}.") from None
        finally:
            text.detach()


def _reader(text: io.TextIOWrapper, layout: Layout) -> _Reader:
    if layout.json_lines:
        return _JsonReader(text)
    if layout.delimiter == WHITESPACE:
        return _WhitespaceReader(text, layout)
    return _DelimitedReader(text, layout)


class _Reader:
    """Lines of a text with their numbers, and the blocks made of them."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.line = 0
        """Number of the last line that was processed."""
        self.row_lines: list[str] = []
        """The lines of the current row."""
        self.characters = 0
        """Total length of the long lines in the current block."""
        self._again: deque[str] = deque()

    def rows(self) -> Iterator[tuple[int, Any]]:
        """Yield (line, row) of each row that is not empty; a row may be Broken."""
        raise NotImplementedError

    def blocks(self, skip: int, cut: int, most: int) -> Iterator[Block]:
        number = 0
        block = Block(last_number=skip)
        full = cut if skip < cut < skip + most else skip + most
        for line, row in self.rows():
            number += 1
            if number <= skip:
                continue
            if row.__class__ is BrokenRow:
                block.broken.append(row)
            else:
                block.rows.append(row)
                block.numbers.append(number)
                block.lines.append(line)
            if number >= full or self.characters >= _BLOCK_CHARACTERS:
                block.last_number = number
                yield block
                block = Block(last_number=number)
                full = cut if number < cut < number + most else number + most
                self.characters = 0
        if block.rows or block.broken:
            block.last_number = number
            yield block

    def lines(self) -> Iterator[str]:
        """Yield lines, kept in `row_lines`. Raises _TooLong for a row without an end."""
        row_lines, retry, readline = self.row_lines, self._again, self._text.readline
        size = 0
        while line := retry.popleft() if retry else readline(MOST_CHARACTERS):
            if row_lines or len(line) > _LONG:
                size = size + len(line) if row_lines else len(line)
                self.characters += len(line)
                if size >= MOST_CHARACTERS:
                    row_lines.append(line)
                    raise _TooLong
            else:
                size = len(line)
            row_lines.append(line)
            yield line

    def set_aside(self, first_line: int) -> str:
        """Remove a broken row's first line and return it; its other lines are read again."""
        first, *others = self.row_lines
        self._again.extendleft(reversed(others))
        self.line = first_line
        self.row_lines.clear()
        if not first.endswith(("\n", "\r")) and len(first) >= MOST_CHARACTERS:
            while (rest := self._text.readline(1 << 20)) and not rest.endswith(("\n", "\r")):
                pass
        return first.rstrip("\r\n")


class _DelimitedReader(_Reader):
    def __init__(self, text: io.TextIOWrapper, layout: Layout) -> None:
        super().__init__(text)
        self._layout = layout

    def rows(self) -> Iterator[tuple[int, Any]]:
        width = len(self._layout.columns)
        skip_header = self._layout.header
        is_rejects = self._layout.is_rejects
        row_lines = self.row_lines
        while True:
            cells = csv.reader(
                self.lines(), delimiter=self._layout.delimiter, skipinitialspace=True, strict=True
            )
            before = self.line
            first = before + 1
            try:
                for cells_read in cells:
                    row = _original_cells(cells_read) if is_rejects else cells_read
                    if len(row) == width and (row[0] or any(row)) and not skip_header:
                        yield first, row
                    elif not any(cell.strip() for cell in row):
                        pass
                    elif skip_header:
                        skip_header = False
                    elif len(row) > width and not any(row[width:]):
                        yield first, row[:width]
                    else:
                        yield (
                            first,
                            BrokenRow(first, _width_reason(row, width), _text_of(row_lines)),
                        )
                    row_lines.clear()
                    first = before + cells.line_num + 1
            except (csv.Error, _TooLong) as error:
                reason = _reason(error, len(row_lines))
                if skip_header:
                    _bad_header(first, reason)
                yield first, BrokenRow(first, reason, self.set_aside(first))
                continue
            return


def _original_cells(row: list[str]) -> list[str]:
    """The cells of a rejected row in its original file."""
    return [unescape_formula(cell) for cell in row[len(REJECT_COLUMNS) :]]


class _WhitespaceReader(_Reader):
    def __init__(self, text: io.TextIOWrapper, layout: Layout) -> None:
        super().__init__(text)
        self._layout = layout

    def rows(self) -> Iterator[tuple[int, Any]]:
        width = len(self._layout.columns)
        skip_header = self._layout.header
        row_lines = self.row_lines
        while True:
            try:
                for line in self.lines():
                    self.line += 1
                    row = line.split() if '"' not in line else split_whitespace(line)
                    if not row:
                        pass
                    elif skip_header:
                        skip_header = False
                    elif len(row) == width:
                        yield self.line, row
                    else:
                        reason = _width_reason(row, width)
                        yield self.line, BrokenRow(self.line, reason, _text_of(row_lines))
                    row_lines.clear()
            except (csv.Error, _TooLong) as error:
                number = self.line + isinstance(error, _TooLong)
                reason = _reason(error, 1)
                if skip_header:
                    _bad_header(number, reason)
                yield number, BrokenRow(number, reason, self.set_aside(number))
                continue
            return


class _JsonReader(_Reader):
    def rows(self) -> Iterator[tuple[int, Any]]:
        row_lines = self.row_lines
        while True:
            try:
                for line in self.lines():
                    self.line += 1
                    text = line.strip("\ufeff \t\r\n")
                    row_lines.clear()
                    if not text:
                        continue
                    reason = decoding_error(text, self._text.encoding)
                    if reason:
                        yield self.line, BrokenRow(self.line, reason, text)
                    else:
                        yield self.line, _read_object(self.line, text)
            except _TooLong as error:
                number = self.line + 1
                yield number, BrokenRow(number, _reason(error, 1), self.set_aside(number))
                continue
            return


def _read_object(line: int, text: str) -> BrokenRow | tuple[dict[str, Any], str]:
    try:
        record = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        return BrokenRow(line, "The JSON is nested too deep.", text)
    except ValueError as error:
        return BrokenRow(line, _json_reason(error), text)
    if not isinstance(record, dict):
        return BrokenRow(line, "The line holds no JSON object.", text)
    return record, text


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows")


def _json_reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"Not JSON: {error.msg} at character {error.pos + 1}."
    if "limit" in str(error):
        return "A number has too many digits."
    return f"Not JSON: {error}."


def _width_reason(row: list[str], width: int) -> str:
    return f"The row has {len(row)} cells, the header {width}."


def _text_of(lines: list[str]) -> str:
    return "".join(lines).rstrip("\r\n")


def _reason(error: Exception, lines: int) -> str:
    if isinstance(error, _TooLong) and lines == 1:
        return f"The line is longer than {MOST_CHARACTERS:,} characters; this is its beginning."
    if isinstance(error, _TooLong) or "unexpected end" in str(error):
        return "A quote that is opened in this line is never closed."
    if "expected after" in str(error):
        return "A quoted cell goes on after its closing quote; a quote inside must be doubled."
    return f"The row cannot be read: {error}."


def _bad_header(line: int, reason: str) -> NoReturn:
    raise Unreadable(f"The header (line {line}) cannot be read. {reason}")
