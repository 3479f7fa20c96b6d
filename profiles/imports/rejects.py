"""The file of rejected rows: it can be read, corrected and imported again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from profiles.imports.layout import Layout, reject_columns
from segmenter.kernel.csv_writer import csv_lines


class Reject(NamedTuple):
    """A row that is not imported."""

    line: int
    reason: str
    row: Sequence[str] | str
    """Its cells, or its text if it could not be split into cells (or is JSON)."""


def rejects_name(file_name: str, layout: Layout) -> str:
    """Return the name of the file of rejected rows of an imported file."""
    return f"{file_name}.rejected.{'jsonl' if layout.json_lines else 'csv'}"


def header_of(layout: Layout) -> bytes:
    """Return the header of a file of rejected rows."""
    if layout.json_lines:
        return b""
    return csv_lines([[*reject_columns(layout), *layout.columns]], byte_order_mark=True)


def lines_of(rejects: Iterable[Reject], layout: Layout) -> bytes:
    """Return rejected rows as lines of their file."""
    if layout.json_lines:
        return b"".join(map(_json_line, rejects))
    return csv_lines(map(_cells, rejects))


def _cells(reject: Reject) -> list[object]:
    return [
        reject.line,
        reject.reason,
        *([reject.row] if isinstance(reject.row, str) else reject.row),
    ]


def _json_line(reject: Reject) -> bytes:
    record: dict[str, Any] = {"line": reject.line, "reason": reject.reason, "row": reject.row}
    with suppress(ValueError, RecursionError):  # a row that is not JSON stays text
        record["row"] = json.loads(str(reject.row))
    return json.dumps(record, ensure_ascii=True).encode() + b"\n"
