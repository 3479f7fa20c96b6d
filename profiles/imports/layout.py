"""The layout of a file of rows: encoding, delimiter, header; detected, or stated by the person.

Reads only the beginning of the file (all of it to detect the encoding).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from profiles.imports.encodings import label_of
from profiles.imports.source import (
    OLD_EIGHT_BIT,
    ByteSource,
    Detection,
    Unreadable,
    check_encoding,
    detect_encoding,
    open_decompressed,
)
from segmenter.kernel.csv_writer import unescape_formula

WHITESPACE = ""
"""The delimiter of files whose cells are separated by runs of spaces and tabs."""
DELIMITERS = {
    ",": gettext_noop("comma"),
    ";": gettext_noop("semicolon"),
    "\t": gettext_noop("tab"),
    "|": gettext_noop("bar"),
    WHITESPACE: gettext_noop("whitespace"),
}
_DELIMITER_NAMES = {
    "\\t": "\t",
    "tab": "\t",
    "comma": ",",
    "semicolon": ";",
    "bar": "|",
    "pipe": "|",
    "whitespace": WHITESPACE,
    "space": WHITESPACE,
    "spaces": WHITESPACE,
    " ": WHITESPACE,
    "\\s+": WHITESPACE,
}
REJECT_COLUMNS = ("line", "reason")
"""The first columns of a file of rejected rows; "line (cp1250)" if row ids depend on it."""
_LINE = re.compile(r"line(?: \((.+)\))?")
_SENTENCE_END = "."
_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 1 << 18
_MOST_COLUMNS = 1_500

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """The layout of a file."""

    encoding: str
    delimiter: str = ","
    header: bool = True
    """Whether the first row names the columns."""
    columns: Columns = ()
    json_lines: bool = False
    is_guess: bool = False
    """Whether the file's bytes are letters in other encodings, too."""
    identity: str = ""
    """The encoding in which row ids are computed, if it is not `encoding`."""
    is_rejects: bool = False
    """Whether it is one of our files of rejected rows; `columns` are those after REJECT_COLUMNS."""
    written_in: str = ""
    """The encoding of the original file of rejected rows, if their ids depend on it."""

    def __str__(self) -> str:
        encoding = label_of(self.encoding) + (" (a guess)" if self.is_guess else "")
        if self.json_lines:
            return f"{encoding}, one JSON object a line"
        header = "the first row is the header" if self.header else "no header"
        delimiter = DELIMITERS.get(self.delimiter, repr(self.delimiter))
        return f"{encoding}, separated by {delimiter}, {header}"


def is_json_lines(name: str) -> bool:
    """Whether a file's name is that of JSON Lines."""
    return name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))


def read_delimiter(text: str) -> str:
    """Return the delimiter that a person named: itself, or a word as tab or whitespace.

    Raises ValueError for what cannot separate cells.
    """
    delimiter = _DELIMITER_NAMES.get(text.lower(), text)
    if delimiter != WHITESPACE and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise ValueError(f"{text!r} cannot be a delimiter: give one character, tab or whitespace.")
    return delimiter


def detect_layout(
    source: ByteSource,
    *,
    encoding: str | None = None,
    detection: Detection | None = None,
    delimiter: str | None = None,
    header: bool = True,
    columns: Columns = (),
) -> Layout:
    """Detect the layout of a file; arguments that are not None are not detected.

    `columns` names the columns of a file without a header; the default is 1, 2, 3. Raises
    Unreadable.
    """
    if encoding is not None:
        detection = _stated_encoding(source, encoding)
    elif detection is None:
        detection = detect_encoding(source)
    encoding, is_guess, identity = detection.encoding, detection.is_guess, detection.identity
    if is_json_lines(source.name):
        return Layout(encoding, json_lines=True, is_guess=is_guess, identity=identity)
    with open_decompressed(source) as (stream, _raw):
        text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
        try:
            lines = _first_lines(text)
        except UnicodeError as error:
            label = label_of(encoding)
            raise Unreadable(f"{source.name!r} is not written in {label}: {error}.") from None
    if not lines:
        raise Unreadable(f"{source.name!r} is empty.")
    if delimiter is None:
        delimiter = sniff(lines)
    rows = [row for row in split(lines, delimiter) if any(row)]
    is_rejects = header and _is_rejects(rows)
    first, written_in = rows[0] if rows else [], ""
    if is_rejects:
        written_in = _written_in(first[0]) or ""
        identity = OLD_EIGHT_BIT if written_in else ""
        first = [unescape_formula(cell) for cell in first[len(REJECT_COLUMNS) :]]
    if len(first) > _MOST_COLUMNS:
        raise Unreadable(f"{source.name!r} has {len(first)} columns; at most {_MOST_COLUMNS} fit.")
    columns = _name_columns(source.name, first, header, columns)
    return Layout(
        *(encoding, delimiter, header, columns),
        is_guess=is_guess,
        identity=identity,
        is_rejects=is_rejects,
        written_in=written_in,
    )


def _is_rejects(rows: list[list[str]]) -> bool:
    """Whether these are rejected rows as we write them: line number, sentence, original row.

    A person's own columns with these names would have other content.
    """
    ours = len(REJECT_COLUMNS)
    if not rows or len(rows[0]) <= ours or rows[0][1] != REJECT_COLUMNS[1]:
        return False
    if _written_in(rows[0][0]) is None:
        return False
    return all(
        len(row) > ours and row[0].strip().isdecimal() and row[1].rstrip().endswith(_SENTENCE_END)
        for row in rows[1:]
        if any(row[:ours])
    )


def reject_columns(layout: Layout) -> tuple[str, ...]:
    """Return the names of our columns before the rows that are rejected from a file."""
    line, reason = REJECT_COLUMNS
    written_in = layout.written_in
    if layout.identity == OLD_EIGHT_BIT != layout.encoding and not layout.is_rejects:
        written_in = layout.encoding
    return (f"{line} ({written_in})" if written_in else line, reason)


def _written_in(name: str) -> str | None:
    """The encoding in the name of our line column, "" for none; None if it is another column."""
    match = _LINE.fullmatch(name.strip())
    if match is None:
        return None
    try:
        return check_encoding(match[1]) if match[1] else ""
    except Unreadable:
        return None


def _stated_encoding(source: ByteSource, encoding: str) -> Detection:
    """The stated encoding; row ids are still computed in the one that would be detected."""
    name = check_encoding(encoding)
    try:
        detected = detect_encoding(source)
    except Unreadable:  # such as UTF-32, which is never detected; errors show when it is read
        return Detection(name)
    return Detection(name, identity=detected.identity)


def _name_columns(name: str, first: list[str], header: bool, columns: Columns) -> Columns:
    if header:
        names = tuple(cell.strip() for cell in first)
        while names and not names[-1]:  # every row ends with a delimiter
            names = names[:-1]
        if any("\0" in cell for cell in names) or not names:
            raise Unreadable(f"The header of {name!r} names no columns.")
        return names
    if columns and len(columns) != len(first):
        cells = " | ".join(first)
        raise Unreadable(
            f"{len(columns)} columns are named, but the first row of {name!r} has"
            f" {len(first)}: {cells[:200]}"
        )
    return columns or tuple(str(i + 1) for i in range(len(first)))


def _first_lines(text: io.TextIOWrapper) -> list[str]:
    lines: list[str] = []
    size = 0
    while len(lines) < _SAMPLE_LINES and size < _SAMPLE_CHARACTERS:
        line = text.readline(_SAMPLE_CHARACTERS)
        if not line:
            break
        size += len(line)
        if line.strip():
            lines.append(line)
    return lines


def sniff(lines: list[str]) -> str:
    """Return the delimiter with which most rows have as many cells as the first, and most cells.

    Whitespace is returned only if no other delimiter separates cells.
    """
    best, best_score = ",", 0.0
    for delimiter in (",", ";", "\t", "|"):
        score = _agreement(split(lines, delimiter))
        if score > best_score:
            best, best_score = delimiter, score
    if not best_score and _agreement(split(lines, WHITESPACE)) > 0.9:
        return WHITESPACE
    return best


def _agreement(rows: list[list[str]]) -> float:
    """Share of rows with as many cells as the first, plus a little for each cell; 0 for one."""
    widths = Counter(len(row) for row in rows if any(row))
    width = next((len(row) for row in rows if any(row)), 0)
    if width < 2:
        return 0.0
    return widths[width] / widths.total() + min(width, 1000) / 10_000


def split(lines: list[str], delimiter: str) -> list[list[str]]:
    """Split some lines into rows, up to the first error (for detection, not for importing)."""
    rows = []
    try:
        if delimiter == WHITESPACE:
            for line in lines:
                rows.append(split_whitespace(line))
            return rows
        for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
            rows.append(row)
    except csv.Error:
        pass
    return rows


def split_whitespace(line: str) -> list[str]:
    """Split a line at runs of spaces and tabs outside of quotes."""
    if '"' not in line:
        return line.split()
    flat = line.strip().replace("\t", " ")
    return next(csv.reader([flat], delimiter=" ", skipinitialspace=True, strict=True), [])
