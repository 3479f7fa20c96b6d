"""`manage.py refresh_predictions --account SLUG`: bring an account's predictions up to date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from predictions.storage.queries import Lack, state_of
from predictions.storage.refresh import refresh
from profiles.columns.instants import parse_iso
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now


class Command(BaseCommand):
    help = (
        "Predict for everyone in an account as of the last full day. Models that are a week old"
        " are fitted first, and tested; --refit does so in any case."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument("--at", metavar="ISO", help="as of when; now by default")
        parser.add_argument("--refit", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        at = _moment(options["at"], account)
        refit = True if options["refit"] else None
        day = refresh(account, at or now(), clock=None if at else now, refit=refit)
        if day is None:
            raise CommandError("Somebody else is at work on this account's predictions.")
        state = state_of(account)
        self.stdout.write(f"As of {day.day}: {day.customers:,} customers.")
        self.stdout.write(_how(state.lack))
        if state.latest is not None:
            self.stdout.write(f"The last run, of {state.latest.cutoff}: {state.latest.status}.")


def _how(lack: Lack | None) -> str:
    if lack is None:
        return "Predicted."
    return f"Nothing is predicted: {lack.value.replace('_', ' ')}."


def _moment(text: str | None, account: Account) -> datetime | None:
    if text is None:
        return None
    moment = parse_iso(text)
    if moment is None:
        raise CommandError(f"{text!r} is not a time as 2026-03-01T12:00:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=account.zone)
