"""The base of both import commands: options, file, progress, closing line."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from profiles.imports import conflict_sentences
from profiles.imports.blocks import Block
from profiles.imports.encodings import label_of
from profiles.imports.layout import Layout, detect_layout, is_json_lines
from profiles.imports.mapping import ImportPlan
from profiles.imports.rejects import Reject, header_of, lines_of, rejects_name
from profiles.imports.run import Import, ImportTally, first_block, run, with_kinds
from profiles.imports.source import ByteSource, FileSource, Unreadable
from profiles.imports.targets import (
    BadTarget,
    ColumnTarget,
    check_mapping,
    find_column,
    map_by_name,
    map_columns,
    read_target,
)
from profiles.imports.values import CellType
from profiles.management import arguments
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError

WRONG_USAGE = 2
_PROGRESS_SECONDS = 0.5
_ONLY_CSV = ("map", "delimiter", "no_header", "columns", "time_format")


class ImportCommand(BaseCommand):
    """Imports a file into an account. Exit code 1: the file cannot be read; 2: wrong usage."""

    kind: ClassVar[str]
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("file", metavar="FILE", help="CSV (also .gz), or JSON Lines (.jsonl, .ndjson)")
        add("--account", required=True, metavar="SLUG", help="made if it does not exist")
        add(
            *("--map", "-m"),
            action="append",
            type=_pair,
            default=[],
            metavar="TARGET=COLUMN",
            help='as email=Email or "properties.Colour=colour"; once for each column',
        )
        arguments.add_layout(parser)
        add(
            "--time-zone",
            type=arguments.zone,
            help="of times that name none; the account's by default",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(options)
        except BadTarget as error:
            raise CommandError(str(error), returncode=WRONG_USAGE) from error
        except ApplicationError as error:
            raise CommandError(str(error)) from error

    def _import(self, options: dict[str, Any]) -> None:
        began = time.monotonic()
        self._check_usage(options)
        source = FileSource(Path(options["file"]))
        layout = detect_layout(
            source,
            encoding=options["encoding"],
            delimiter=options["delimiter"],
            header=not options["no_header"],
            columns=options["columns"] or (),
        )
        self._tell(f"{source.name}: {layout}.")
        if layout.is_guess:
            label = label_of(layout.encoding)
            self._tell(f"Warning: {label} is a guess from its letters; --encoding says another.")
        mapped = [] if layout.json_lines else self._map(layout, options)
        block = first_block(source, layout)
        account = Account.objects.filter(slug=options["account"]).first() or create_account(
            slug=options["account"]
        )
        task = self._task(source, layout, mapped, block, account, options)
        with _RejectsFile(source, layout) as rejects:
            progress = _Progress(source, sys.stderr.isatty())
            tally = run(
                task, account=account, clock=now, rejected=rejects.add, progress=progress.show
            )
            progress.clear()
        self._close(layout, tally, rejects.path, time.monotonic() - began)

    def _check_usage(self, options: dict[str, Any]) -> None:
        if options["columns"] and not options["no_header"]:
            raise BadTarget("--columns names the columns of a file without a header: --no-header.")
        if is_json_lines(options["file"]):
            for name in _ONLY_CSV:
                if options[name]:
                    option = f"--{name.replace('_', '-')}"
                    raise BadTarget(f"{option} is for CSV; JSON Lines say themselves what is what.")
        targets = {read_target(self.kind, target) for target, _column in options["map"]}
        says_what = self.kind == "profiles" or is_json_lines(options["file"])
        if not (says_what or options["metric"] or "metric" in targets):
            raise BadTarget('--metric is missing: what happened, as "Placed Order".')

    def _map(self, layout: Layout, options: dict[str, Any]) -> list[ColumnTarget]:
        mapped = (
            map_columns(self.kind, layout.columns, options["map"])
            if options["map"]
            else map_by_name(self.kind, layout.columns)
        )
        unique = options.get("unique_id")
        if unique is not None and options["map"] and any(m.target == "unique_id" for m in mapped):
            raise BadTarget("unique_id is said twice: by --map and by --unique-id.")
        if unique is not None:
            mapped = [each for each in mapped if each.target != "unique_id"]
            if unique != "row":
                mapped.append(ColumnTarget("unique_id", find_column(layout.columns, unique)))
        try:
            check_mapping(self.kind, mapped, layout.columns, metric=options.get("metric"))
        except BadTarget as error:
            if options["map"]:
                raise
            raise Unreadable(str(error)) from error
        return mapped

    def _task(
        self,
        source: ByteSource,
        layout: Layout,
        mapped: list[ColumnTarget],
        block: Block,
        account: Account,
        options: dict[str, Any],
    ) -> Import:
        zone, metric = options["time_zone"] or account.zone, options.get("metric")
        if layout.json_lines:
            return Import(source, layout, self.kind, metric=metric, zone=zone)
        plan = ImportPlan(
            self.kind,
            layout.columns,
            tuple(mapped),
            zone,
            metric=metric,
            time_format=options["time_format"],
        )
        plan = with_kinds(plan, block)
        for each in mapped:
            kind = (
                plan.kinds.get(each.column, CellType.TEXT) if "properties." in each.target else None
            )
            self._tell(
                f"  {layout.columns[each.column]} -> {each.target}" + (f" ({kind})" if kind else "")
            )
        return Import(source, layout, self.kind, plan, metric, zone)

    def _close(
        self, layout: Layout, tally: ImportTally, rejects: Path | None, seconds: float
    ) -> None:
        for column, count in tally.misfits.items():
            self._tell(f"Warning: {count:,} cells of {column!r} do not fit its type: kept as text.")
        for identifier, count in tally.contested.items():
            self._tell(conflict_sentences.sentence(self.kind, identifier, count))
        if rejects is not None:
            self._tell(f"{tally.rejected:,} rows were not imported; see {rejects}.")
        closing = {
            "rows": tally.rows,
            "accepted": tally.accepted,
            "unchanged": tally.unchanged,
            "rejected": tally.rejected,
            "contested": dict(tally.contested),
            "rejects_file": None if rejects is None else str(rejects),
            "encoding": label_of(layout.encoding),
            "encoding_is_a_guess": layout.is_guess,
            "seconds": round(seconds, 3),
            "rows_per_second": round(tally.rows / max(seconds, 1e-6)),
        }
        self.stdout.write(json.dumps(closing))

    def _tell(self, text: str) -> None:
        self.stderr.write(text, style_func=str)


class _Progress:
    """A progress line on a terminal; no output elsewhere."""

    def __init__(self, source: ByteSource, is_visible: bool) -> None:
        self._source = source
        self._is_visible = is_visible
        self._began = self._last_output = time.monotonic()

    def show(self, tally: ImportTally) -> None:
        moment = time.monotonic()
        if not self._is_visible or moment - self._last_output < _PROGRESS_SECONDS:
            return
        self._last_output = moment
        share = 100 * tally.position / max(self._source.size, 1)
        pace = tally.rows / max(moment - self._began, 1e-6)
        text = f"{tally.rows:,} rows, {share:.0f} %, {pace:,.0f} rows/s"
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

    def clear(self) -> None:
        if self._is_visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class _RejectsFile:
    """The file of rejected rows, created with the first one; `path` is None without any."""

    def __init__(self, source: ByteSource, layout: Layout) -> None:
        self._name = rejects_name(source.name, layout)
        self._layout = layout
        self._file: BinaryIO | None = None
        self.path: Path | None = None

    def __enter__(self) -> _RejectsFile:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, rejects: list[Reject]) -> None:
        if self._file is None:
            self._file = self._open()
            self._file.write(header_of(self._layout))
        self._file.write(lines_of(rejects, self._layout))
        self._file.flush()

    def _open(self) -> BinaryIO:
        for folder in (Path.cwd(), Path(settings.SEGMENTER_DATA)):
            self.path = folder / self._name
            try:
                return self.path.open("wb")
            except OSError as error:
                why = error.strerror
        raise Unreadable(f"The rejected rows cannot be written to {self.path}: {why}.")


def _pair(text: str) -> tuple[str, str]:
    target, separator, column = text.partition("=")
    if not separator or not target.strip() or not column.strip():
        raise ArgumentTypeError(f"{text!r} is not TARGET=COLUMN, as email=Email.")
    return target, column
