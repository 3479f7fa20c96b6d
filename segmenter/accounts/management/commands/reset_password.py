"""`manage.py reset_password EMAIL`: ends a password and prints a link to choose another."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from segmenter.accounts.links import link_for_terminal
from segmenter.accounts.password_reset import void_password
from segmenter.kernel.errors import NotFound


class Command(BaseCommand):
    help = (
        "End a person's password and sessions at once, and print a link with which they choose "
        "another. It works once, for one day. Give it to nobody but the person: it opens all of "
        "their accounts."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            secret = void_password(email=options["email"])
        except NotFound as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Their password has ended. They choose another here, within a day, once:")
        self.stdout.write(link_for_terminal("reset-password", secret))
