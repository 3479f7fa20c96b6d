"""count_segment: how many people match the definitions in some files."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from profiles.columns.column import Bools
from profiles.columns.gather import all_of
from profiles.columns.population import Population
from profiles.ingest.checks import read_time
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.csv_writer import csv_lines
from segmenter.kernel.errors import ApplicationError
from segments.definition.tree import Unsupported
from segments.engine.checking import check_definition
from segments.engine.evaluate import Evaluation
from segments.engine.queries import resolve_names

_ROWS = 10_000
"""People that are written at a time."""


class Command(BaseCommand):
    help = "Count the people that definitions match; one line of JSON for each file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="DEFINITION.json")
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument("--at", help="the moment of the question, ISO 8601 (default: now)")
        parser.add_argument(
            "--members", metavar="FOLDER", help="write FOLDER/<file's stem>.csv with the people"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        try:
            at = read_time(options["at"], "--at", account.zone) if options["at"] else now()
        except ApplicationError as error:
            raise CommandError(str(error)) from None
        people = all_of(account)
        failed = []
        for file in options["files"]:
            try:
                self._count(Path(file), account, people, at, options["members"])
            except (ApplicationError, Unsupported, OSError) as error:
                failed.append(f"{file}: {error}")
        if failed:
            raise CommandError("\n".join(failed))

    def _count(
        self, file: Path, account: Account, people: Population, at: datetime, folder: str | None
    ) -> None:
        started = perf_counter()
        try:
            definition = json.loads(file.read_bytes())
        except (ValueError, RecursionError) as error:
            raise CommandError(f"{file}: this is not JSON: {error}") from None
        tree = check_definition(account, resolve_names(account, definition))
        matches = Evaluation(people, at).mask(tree)
        milliseconds = round((perf_counter() - started) * 1000, 3)
        if folder:
            write_members(Path(folder) / f"{file.stem}.csv", people, matches)
        result = {"file": str(file), "count": int(matches.sum()), "milliseconds": milliseconds}
        self.stdout.write(json.dumps(result))


def write_members(file: Path, people: Population, matches: Bools) -> None:
    """Write id, external_id, email of the matching people, by id; without a BOM, for programs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    columns = people.attribute("external_id"), people.attribute("email")
    rows = np.flatnonzero(matches)
    with file.open("wb") as out:
        out.write(csv_lines([["id", "external_id", "email"]]))
        for first in range(0, rows.size, _ROWS):
            some = rows[first : first + _ROWS].tolist()
            out.write(
                csv_lines(
                    [int(people.ids[row]), *(column.get(row) or "" for column in columns)]
                    for row in some
                )
            )
