"""export_segment: the members of a segment as a file on this machine."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from profiles.management.arguments import delimiter
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Conflict, Problem
from segments.engine.queries import find_segment
from segments.engine.usage import note_use
from segments.member_files.column import Shop, read_names
from segments.member_files.database_snapshot import database_snapshot, is_in_transaction
from segments.member_files.figures import figures_of
from segments.member_files.file import plan_export, write_file
from segments.member_files.file_format import formats_by_rank
from segments.member_files.member_rows import blocks_query
from segments.member_files.request import (
    DECIMALS,
    EVERYONE,
    NAMES,
    REACHES,
    STANDARD_SETS,
    USUAL_COLUMNS,
    ExportRequest,
    check_request,
)
from segments.member_files.sets import columns_of_set
from segments.models import Segment


class Command(BaseCommand):
    help = "Write the members of a segment to a file; all of one instant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("segment", metavar="SEGMENT", help="its name or id")
        add("--account", required=True, metavar="SLUG")
        add("--out", required=True, metavar="FILE")
        columns = parser.add_mutually_exclusive_group()
        columns.add_argument(
            "--columns",
            metavar="A,B,C",
            help="names with commas between them, as email,predicted_clv,count:Placed Order:30d"
            " (docs/exports.md has them all); one that holds a comma in double quotes",
        )
        columns.add_argument(
            "--set",
            dest="set_name",
            metavar="SET",
            help=f"a saved set of columns, or one of: {', '.join(STANDARD_SETS)}",
        )
        add("--format", choices=[name for name, _ in formats_by_rank()], help="by FILE's ending")
        add("--delimiter", type=delimiter, default=",", help="of CSV (default: comma)")
        add("--decimal", choices=list(DECIMALS), default=".", help="sign of CSV (default: point)")
        add("--bom", action="store_true", help="begin CSV with a byte order mark, for Excel")
        add(
            "--language",
            choices=[NAMES, *(code for code, _ in settings.LANGUAGES)],
            default=NAMES,
            help="of the headings (default: the names of the columns)",
        )
        add("--reachable", choices=list(REACHES), default=EVERYONE, help="leave out the others")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        try:
            segment = find_segment(account, options["segment"])
            note_use(segment, now())
            result = _export(segment, _request(account, options), Path(options["out"]))
        except (ApplicationError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def _request(account: Account, options: dict[str, Any]) -> ExportRequest:
    shop = Shop(account, now())
    columns: list[str] = list(USUAL_COLUMNS)
    if options["columns"] is not None:
        columns = read_names(options["columns"])
    elif options["set_name"] is not None:
        columns = columns_of_set(shop, options["set_name"])
    request = ExportRequest(
        tuple(columns),
        options["format"] or _format_of(options["out"]),
        options["language"],
        options["delimiter"],
        options["decimal"],
        options["bom"],
        options["reachable"],
    )
    return check_request(request, shop)


def _format_of(file: str) -> str:
    suffix = Path(file).suffix.lower().removeprefix(".")
    return suffix if suffix in dict(formats_by_rank()) else "csv"


class _FileSink:
    def __init__(self, file: IO[bytes]) -> None:
        self.rows_done = self.size = 0
        self._file = file

    def write(self, content: bytes, /) -> int:
        self.size += len(content)
        return self._file.write(content)


def _export(segment: Segment, request: ExportRequest, out: Path) -> dict[str, Any]:
    """Write the file, which is there whole or not at all; say what is in it."""
    if segment.as_of is None:
        message = f"The segment {segment.name!r} has not been built yet."
        raise Conflict(Problem("", "not_built", message))
    with (
        database_snapshot(own=not is_in_transaction()) as snapshot,
        NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file,
    ):
        try:
            plan = plan_export(segment, request, snapshot.at)
            figures = figures_of(segment, snapshot, request.channels)
            sink = _FileSink(file)
            people = snapshot.rows(blocks_query(segment, request.channels, snapshot.at))
            blocks = [(first, last) for first, last, _count, _ids in people]
            write_file(plan, snapshot, blocks, sink)
            file.flush()
            os.chmod(file.name, 0o666 & ~_umask())
            os.replace(file.name, out)
        except BaseException:
            os.unlink(file.name)
            raise
    return {
        "segment": segment.name,
        "id": segment.key,
        "file": str(out),
        "rows": sink.rows_done,
        "bytes": sink.size,
        "as_of": snapshot.at.isoformat(),
        "columns": list(request.columns),
        "format": request.format,
        "reachable": {name: count for name, count in figures.items() if name != "forecast"},
        "forecast": figures["forecast"],
    }


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
