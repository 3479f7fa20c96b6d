"""`manage.py create_account SLUG`: an account to import into."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from segmenter.accounts.models import create_account
from segmenter.kernel.errors import Invalid


class Command(BaseCommand):
    help = "Create an account."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="small letters, digits, - and _")
        parser.add_argument("--name", default="", help="as people see it; the slug by default")
        parser.add_argument("--time-zone", default="UTC", help="in which its days begin")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            account = create_account(
                slug=options["slug"], name=options["name"], time_zone=options["time_zone"]
            )
        except Invalid as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Made the account {account.slug!r} ({account.time_zone}).")
