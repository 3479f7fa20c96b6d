"""sync_destination: bring a destination up to date now."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.destinations.queries import member_counts
from segments.destinations.runs import latest_run
from segments.destinations.sync import bring_up_to_date
from segments.models import ConnectionState, Destination


class Command(BaseCommand):
    help = "Compare everyone of a destination now and send what differs; the last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", metavar="KEY", help="as in the address of its page")
        parser.add_argument("--account", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        rows = Destination.objects.filter(account=account, key=options["key"])
        destination = rows.first()
        if destination is None:
            raise CommandError(f"There is no destination {options['key']!r}.")
        if destination.state != ConnectionState.ON:
            raise CommandError(f"It is not on: {destination.get_state_display()}.")
        rows.update(next_at=now(), compared_all=None)
        while bring_up_to_date(destination.pk, now()):
            # A turn that was too short for all leaves it due.
            pass
        destination = rows.first()
        if destination is None:
            self.stdout.write(json.dumps({"destination": options["key"], "deleted": True}))
            return
        if destination.claim is not None:
            raise CommandError("A worker is at it already.")
        if destination.error:
            raise CommandError(destination.error)
        self.stdout.write(json.dumps(_facts(destination), ensure_ascii=False))


def _facts(destination: Destination) -> dict[str, Any]:
    run = latest_run(destination)
    names = ("added", "updated", "removed", "refused")
    return {
        "destination": destination.key,
        "name": destination.name,
        "people": member_counts(destination),
        "run": {name: getattr(run, name) for name in names},
    }
