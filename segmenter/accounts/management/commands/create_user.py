"""`manage.py create_user EMAIL`: a link to make a sign-in with, or to take a seat."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from segmenter.accounts.invitations import invite
from segmenter.accounts.links import link_for_terminal
from segmenter.accounts.models import Account, Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError


class Command(BaseCommand):
    help = (
        "Print a link with which a person chooses a password and takes a seat in an account. "
        "It works once, for 7 days. Run again, it prints another and the first is void."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--account", metavar="SLUG", help="where they get a seat")
        parser.add_argument("--role", choices=Role.values, help="viewer by default")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, role = options["account"], options["role"]
        if role is not None and slug is None:
            raise CommandError("A role is one in an account: --account is missing.", returncode=2)
        account = None
        if slug is not None:
            account = Account.objects.filter(slug=slug).first()
            if account is None:
                raise CommandError(f"There is no account {slug!r}.")
        try:
            link = invite(
                account=account,
                email=options["email"],
                role=Role(role or Role.VIEWER),
                by=None,
                at=now(),
            )
        except ApplicationError as error:
            raise CommandError(error.problems[0].message) from error
        seat = f" and is {link.invitation.role} of {slug!r}" if account else ""
        email = link.invitation.email
        self.stdout.write(f"{email} signs in{seat} by opening this link, within 7 days, once:")
        self.stdout.write(link_for_terminal("invitation", link.secret))
