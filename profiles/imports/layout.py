"""How a file of rows is written: encoding, delimiter, header; recognised, or as the person says.

Reads only the beginning of the file (and all of it to know the encoding).
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
    unpacked,
)
from segmenter.kernel.csv_writer import restored

WHITESPACE = ""
"""The delimiter of files whose cells are separated by runs of spaces and tabs."""
DELIMITERS = {
    ",": gettext_noop("comma"),
    ";": gettext_noop("semicolon"),
    "\t": gettext_noop("tab"),
    "|": gettext_noop("bar"),
    WHITESPACE: gettext_noop("whitespace"),
}
_SAID = {
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
"""With what each row of a file of rejected rows begins; "line (cp1250)" where ids depend on it."""
_LINE = re.compile(r"line(?: \((.+)\))?")
_SENTENCE_END = "."
_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 1 << 18
_MOST_COLUMNS = 1_500

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """How a file is written."""

    encoding: str
    delimiter: str = ","
    header: bool = True
    """Whether the first row names the columns."""
    columns: Columns = ()
    json_lines: bool = False
    is_guess: bool = False
    """Whether the encoding is one of several in which the file's bytes are letters."""
    identity: str = ""
    """The encoding in which the ids of rows are made, where it is not `encoding`."""
    is_rejects: bool = False
    """Whether it is a file of rejected rows that we wrote: `columns` are those after ours."""
    written_in: str = ""
    """The encoding of the file that rejected rows come from, where their ids depend on it."""

    def __str__(self) -> str:
        encoding = label_of(self.encoding) + (" (a guess)" if self.is_guess else "")
        if self.json_lines:
            return f"{encoding}, one JSON object a line"
        header = "the first row is the header" if self.header else "no header"
        delimiter = DELIMITERS.get(self.delimiter, repr(self.delimiter))
        return f"{encoding}, separated by {delimiter}, {header}"


def is_json_lines(name: str) -> bool:
    """Say whether a file's name is that of JSON Lines."""
    return name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))


def read_delimiter(text: str) -> str:
    """Return the delimiter that a person named: itself, or a word as tab or whitespace.

    Raises ValueError for what cannot separate cells.
    """
    delimiter = _SAID.get(text.lower(), text)
    if delimiter != WHITESPACE and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise ValueError(f"{text!r} cannot be a delimiter: give one character, tab or whitespace.")
    return delimiter


def recognise(
    source: ByteSource,
    *,
    encoding: str | None = None,
    detection: Detection | None = None,
    delimiter: str | None = None,
    header: bool = True,
    columns: Columns = (),
) -> Layout:
    """Find out how a file is written; what is given is taken as said, `detection` as found before.

    `columns` names the columns of a file without a header; without them they are called 1, 2, 3.
    Raises Unreadable.
    """
    if encoding is not None:
        detection = _said(source, encoding)
    elif detection is None:
        detection = detect_encoding(source)
    encoding, is_guess, identity = detection.encoding, detection.is_guess, detection.identity
    if is_json_lines(source.name):
        return Layout(encoding, json_lines=True, is_guess=is_guess, identity=identity)
    with unpacked(source) as (stream, _raw):
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
        first = [restored(cell) for cell in first[len(REJECT_COLUMNS) :]]
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
    """Say whether these are rejected rows as we write them: a line's number, a sentence, the row.

    Somebody's own columns with these names hold other things.
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
    """The encoding that our column of lines names, "" for none; None if it is not our column."""
    match = _LINE.fullmatch(name.strip())
    if match is None:
        return None
    try:
        return check_encoding(match[1]) if match[1] else ""
    except Unreadable:
        return None


def _said(source: ByteSource, encoding: str) -> Detection:
    """The encoding that a person says; ids of rows stay those of the one that would be guessed."""
    name = check_encoding(encoding)
    try:
        detected = detect_encoding(source)
    except Unreadable:  # as UTF-32, which is never guessed; reading it says what is wrong
        return Detection(name)
    return Detection(name, identity=detected.identity)


def _name_columns(name: str, first: list[str], header: bool, columns: Columns) -> Columns:
    if header:
        found = tuple(cell.strip() for cell in first)
        while found and not found[-1]:  # every row ends with a delimiter
            found = found[:-1]
        if any("\0" in cell for cell in found) or not found:
            raise Unreadable(f"The header of {name!r} names no columns.")
        return found
    if columns and len(columns) != len(first):
        told = " | ".join(first)
        raise Unreadable(
            f"{len(columns)} columns are named, but the first row of {name!r} has"
            f" {len(first)}: {told[:200]}"
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
    """Return the delimiter under which most rows have as many cells as the first, and most cells.

    Whitespace is believed only if nothing else separates anything.
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
    """Split some lines into rows, as well as that goes (for looking, not for importing)."""
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
    """Split a line at runs of spaces and tabs; quotes hold a cell together."""
    if '"' not in line:
        return line.split()
    flat = line.strip().replace("\t", " ")
    return next(csv.reader([flat], delimiter=" ", skipinitialspace=True, strict=True), [])
