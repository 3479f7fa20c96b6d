"""`manage.py create_account SLUG`: an account to import into, and a link for its first owner."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from segmenter.accounts.invitations import invite
from segmenter.accounts.links import link_for_terminal
from segmenter.accounts.models import Role, create_account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid


class Command(BaseCommand):
    help = "Create an account. With --owner, print a link with which its owner signs in first."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="small letters, digits, - and _")
        parser.add_argument("--name", default="", help="as people see it; the slug by default")
        parser.add_argument("--time-zone", default="UTC", help="in which its days begin")
        parser.add_argument("--owner", metavar="EMAIL", help="who is invited to own it")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, owner = options["slug"], options["owner"]
        try:
            with transaction.atomic():
                account = create_account(
                    slug=slug, name=options["name"], time_zone=options["time_zone"]
                )
                link = None
                if owner is not None:
                    link = invite(account=account, email=owner, role=Role.OWNER, by=None, at=now())
        except Invalid as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Made the account {account.slug!r} ({account.time_zone}).")
        if link is None:
            command = f"manage.py create_user EMAIL --account {slug} --role owner"
            self.stdout.write(f"Nobody can sign in to it yet: {command} invites somebody.")
            return
        self.stdout.write(f"{owner} becomes its owner by opening this link, within 7 days, once:")
        self.stdout.write(link_for_terminal("invitation", link.secret))
