"""Making a file: from one snapshot of the database into a sink, block by block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from segments.member_files.column import ExportColumn, MemberBlock, Shop
from segments.member_files.database_snapshot import DatabaseSnapshot
from segments.member_files.file_format import FileFormat, file_formats, formats_by_rank
from segments.member_files.member_rows import rows_query
from segments.member_files.request import ExportRequest
from segments.models import Segment

_FORBIDDEN = '<>:"/\\|?*'
"""In names of files, on one system or another."""
MOST_NAME = 120


class RowSink(Protocol):
    """Takes a file's bytes and the number of rows in them."""

    rows_done: int

    def write(self, content: bytes, /) -> int: ...


@dataclass(frozen=True)
class ExportPlan:
    """A request, made out for an instant."""

    segment: Segment
    request: ExportRequest
    columns: list[ExportColumn]
    format: FileFormat
    at: datetime


def plan_export(segment: Segment, request: ExportRequest, at: datetime) -> ExportPlan:
    """Make out a request for an instant. Raises Invalid if a column is no longer there."""
    columns = request.find_columns(Shop(segment.account, at))
    return ExportPlan(segment, request, columns, format_of(request), at)


def format_of(request: ExportRequest) -> FileFormat:
    formats_by_rank()
    return file_formats[request.format]


def write_file(
    plan: ExportPlan,
    snapshot: DatabaseSnapshot,
    blocks: Iterable[tuple[int, int]],
    sink: RowSink,
) -> None:
    """Write the rows of all blocks (first and last id of each), ascending, to the sink."""
    segment, style = plan.segment, plan.request.style(plan.segment.account)
    writer = plan.format.writer(plan.columns, style, sink)
    try:
        for first, last in blocks:
            block = MemberBlock(segment.account_id, segment.pk, first, last)
            query = rows_query(
                block, plan.request.channels, plan.columns, plan.format, style, plan.at
            )
            for rows in snapshot.copy(query):
                writer.add(rows)
                sink.rows_done += len(rows)
        writer.end()
    except BaseException:
        writer.discard()
        raise


def safe_name(text: str) -> str:
    """A text as the name of a file, without what a system forbids; may be empty."""
    plain = "".join(" " if c in _FORBIDDEN or not c.isprintable() else c for c in text)
    return " ".join(plain.split()).strip(". ")[:MOST_NAME].rstrip()


def file_name(segment: Segment, request: ExportRequest, at: datetime) -> str:
    """The name of the segment, the instant in UTC, and the suffix; without what names forbid."""
    name = safe_name(segment.name) or segment.key
    instant = at.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    return f"{name} {instant}.{format_of(request).suffix}"
