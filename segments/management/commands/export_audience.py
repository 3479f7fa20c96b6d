"""export_audience: a segment's people as the file that an ad network wants."""

from __future__ import annotations

import json
import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError
from segments.audiences.files import get_network, write_file
from segments.audiences.network import networks_by_rank
from segments.engine.queries import find_segment
from segments.engine.usage import note_use
from segments.models import AudienceFile, AudienceFileKind

UNASKED = "--include-never-subscribed"


class Command(BaseCommand):
    help = (
        "Write the members of a segment to a CSV file for an ad network, hashed as it wants them:"
        " those who subscribed, unless " + UNASKED + ". Prints one JSON object."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [name for name, _network in networks_by_rank()]
        parser.add_argument("segment", metavar="SEGMENT", help="the segment's name or id")
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument("--for", required=True, choices=names, dest="network")
        parser.add_argument("--out", required=True, metavar="FILE", type=Path)
        kinds = parser.add_mutually_exclusive_group()
        kinds.add_argument(
            "--additions",
            action="store_const",
            const=AudienceFileKind.ADDITIONS,
            dest="kind",
            help="only who is new, or has another address, since the last file",
        )
        kinds.add_argument(
            "--removals",
            action="store_const",
            const=AudienceFileKind.REMOVALS,
            dest="kind",
            help="who was in a file and left the segment, withdrew consent or was erased since",
        )
        parser.add_argument(
            UNASKED,
            action="store_true",
            dest="unasked",
            help="also people who never said yes or no; never who unsubscribed or is suppressed",
        )
        parser.set_defaults(kind=AudienceFileKind.EVERYONE)

    def handle(self, *args: Any, **options: Any) -> None:
        kind, unasked = AudienceFileKind(options["kind"]), options["unasked"]
        if unasked and kind == AudienceFileKind.REMOVALS:
            raise CommandError(f"{UNASKED} is of everyone and additions; removals go by those.")
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        out: Path = options["out"]
        try:
            segment = find_segment(account, options["segment"])
            note_use(segment, now())
            with replacing(out) as (write, put_in_place):
                file = write_file(
                    segment=segment,
                    network=options["network"],
                    kind=kind,
                    includes_unasked=unasked,
                    at=now(),
                    write=write,
                    keep=put_in_place,
                )
        except ApplicationError as error:
            raise CommandError(" ".join(problem.message for problem in error.problems)) from None
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror or error}") from None
        self.stdout.write(json.dumps(_report(file, out)))


@contextmanager
def replacing(out: Path) -> Iterator[tuple[Callable[[bytes], object], Callable[[], None]]]:
    """Give a function that writes beside a file, and one that puts what was written in its place.

    So nobody finds half a file. Only the owner may read it: it holds personal data.
    """
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with open(handle, "wb") as part:

            def put_in_place() -> None:
                part.flush()
                os.fsync(part.fileno())
                os.replace(name, out)

            yield part.write, put_in_place
    finally:
        Path(name).unlink(missing_ok=True)


def _report(file: AudienceFile, out: Path) -> dict[str, Any]:
    network = get_network(file.audience.network)
    is_removal = file.kind == AudienceFileKind.REMOVALS
    warning = None
    if not is_removal and file.kind == AudienceFileKind.EVERYONE and file.rows < network.minimum:
        warning = (
            f"{network.label} needs at least {network.minimum} matched people; these are "
            f"{file.rows}."
        )
    return {
        "file": str(out),
        "segment": file.audience.segment.name,
        "network": file.audience.network,
        "kind": file.kind,
        "rows": file.rows,
        "matches": file.matches,
        "left_out": file.left_out,
        "minimum": network.minimum,
        "warning": warning,
        "columns": list(network.removal_header if is_removal else network.header),
        "at": file.at.isoformat() if file.at else None,
    }
