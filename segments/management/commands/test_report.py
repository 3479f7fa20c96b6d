"""test_report: what a campaign did to a sample, against its control."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError
from segments.campaigns.comparison import GOALS
from segments.campaigns.report import comparison_facts, list_by_name, make_report


class Command(BaseCommand):
    help = "Compare what people on two lists did after a campaign; the last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--account", required=True, metavar="SLUG")
        add("--sample", required=True, metavar="LIST", help="its name or id")
        add("--control", required=True, metavar="LIST", help="what it is compared with")
        add("--campaign", required=True, metavar="NAME", help="the events’ Campaign Name")
        add("--goal", default=GOALS[0], choices=GOALS, help="what decides (default: ordered)")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        try:
            report = make_report(
                account=account,
                samples=[list_by_name(account, options["sample"])],
                control=list_by_name(account, options["control"]),
                campaign=options["campaign"],
                goal=options["goal"],
                at=now(),
            )
        except ApplicationError as error:
            raise CommandError(str(error)) from None
        facts = comparison_facts(report, report.comparisons[0])
        self.stdout.write(facts["words"])
        self.stdout.write(json.dumps(facts, ensure_ascii=False))
