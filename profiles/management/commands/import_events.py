"""`manage.py import_events FILE --account SLUG --metric NAME`: what people did, from a file."""

from __future__ import annotations

from django.core.management.base import CommandParser

from profiles.management.import_command import ImportCommand


class Command(ImportCommand):
    help = "Import events from CSV or JSON Lines. Importing the same file again changes nothing."
    kind = "events"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--metric", metavar="NAME", help='what happened, as "Placed Order"')
        parser.add_argument(
            "--unique-id",
            metavar="row|COLUMN",
            help="what tells two events apart: what the row holds (default) or a column",
        )
