"""`manage.py setup_link`: the link to the set-up of an installation that has no user yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmenter.accounts.links import link_for_terminal
from segmenter.accounts.set_up import set_up_secret


class Command(BaseCommand):
    help = "Print the link that sets up an installation without users: its account and its owner."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        secret = set_up_secret()
        if secret is None:
            raise CommandError(
                "This installation has users already. manage.py create_user invites another, "
                "manage.py create_account SLUG --owner EMAIL makes another account."
            )
        self.stdout.write(link_for_terminal("set-up", secret))
