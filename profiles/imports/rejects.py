"""The rows that were not imported, as a file that can be read, corrected and imported again."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from profiles.imports.layout import Layout

_FORMULA = re.compile("^[\\s\"']*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*", re.ASCII)


class Reject(NamedTuple):
    """A row that is not imported."""

    line: int
    reason: str
    row: Sequence[str] | str
    """Its cells, or its text if it could not be split into cells (or is JSON)."""


def rejects_name(file_name: str, layout: Layout) -> str:
    """Return the name of the file of rejected rows that belongs to an imported file."""
    return f"{file_name}.rejected.{'jsonl' if layout.json_lines else 'csv'}"


def header_of(layout: Layout) -> bytes:
    """Return what a file of rejected rows begins with."""
    if layout.json_lines:
        return b""
    return _bytes(["line", "reason", *(defused(name) for name in layout.columns)])


def lines_of(rejects: Iterable[Reject], layout: Layout) -> bytes:
    """Return rejected rows as they stand in their file."""
    return b"".join(_json_line(r) if layout.json_lines else _csv_line(r) for r in rejects)


def defused(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay as they are."""
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


def _csv_line(reject: Reject) -> bytes:
    cells = [reject.row] if isinstance(reject.row, str) else reject.row
    return _bytes([reject.line, reject.reason, *map(defused, cells)])


def _bytes(row: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(row)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _json_line(reject: Reject) -> bytes:
    record: dict[str, Any] = {"line": reject.line, "reason": reject.reason, "row": reject.row}
    with suppress(ValueError, RecursionError):  # what is not JSON stays there as text
        record["row"] = json.loads(str(reject.row))
    return json.dumps(record, ensure_ascii=True).encode() + b"\n"
