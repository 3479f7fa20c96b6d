"""sample_segment: draw some of a segment's people at random and put them on lists."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal, InvalidOperation
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError
from segments.engine.queries import find_segment
from segments.engine.reachable import MARKETING_CHANNELS
from segments.engine.usage import note_use
from segments.models import Sample, SampleStatus
from segments.samples.design import GroupDesign, SampleDesign, split_groups
from segments.samples.jobs import ask_for_sample, run_sample
from segments.samples.queries import sample_facts, sample_of_list

PAUSE = 0.2
"""Seconds between two looks at a sample that a worker has taken."""


def percentage(text: str) -> Decimal:
    """A percentage, with or without its sign."""
    try:
        number = Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is no percentage.") from None
    if not number.is_finite():
        raise ArgumentTypeError(f"{text!r} is no percentage.")
    return number


class Command(BaseCommand):
    help = "Draw a random sample of a segment onto one or several lists; the last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("segment", metavar="SEGMENT", help="its name or id")
        add("--account", required=True, metavar="SLUG")
        add("--list", required=True, metavar="NAME", help="the list that is made")
        amount = parser.add_mutually_exclusive_group(required=True)
        amount.add_argument("--number", type=int, metavar="N", help="so many people")
        amount.add_argument("--percent", type=percentage, metavar="P", help="a share of them")
        add("--at-least", type=int, default=0, metavar="N", help="so many if the share is fewer")
        add("--seed", type=int, metavar="S", help="the same seed draws the same people")
        add("--stratify", default="", metavar="PROPERTY", help="the same mix of it in every group")
        add("--split", metavar="A,B,control", help="groups, each with a list; shares as A:45")
        add(
            "--for",
            dest="channel",
            default="",
            choices=MARKETING_CHANNELS,
            help="draw only who can be reached on it",
        )
        add("--without", metavar="LIST", help="leave out the people of the sample of this list")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        try:
            sample = self._sample(account, options)
        except ApplicationError as error:
            raise CommandError(str(error)) from None
        while sample.finished is None:  # a worker may have taken it first, or may take it over
            run_sample(sample.pk, now)
            sample.refresh_from_db()
            if sample.finished is None:
                sleep(PAUSE)
        if sample.status == SampleStatus.FAILED:
            raise CommandError(sample.error)
        self.stdout.write(json.dumps(sample_facts(sample), ensure_ascii=False))

    def _sample(self, account: Account, options: dict[str, Any]) -> Sample:
        split, without = options["split"], options["without"]
        design = SampleDesign(
            number=options["number"],
            percent=options["percent"],
            at_least=options["at_least"],
            seed=options["seed"],
            stratify=options["stratify"],
            channel=options["channel"],
            groups=split_groups(split) if split is not None else (GroupDesign(),),
            excluding=sample_of_list(account, without) if without is not None else None,
        )
        segment = find_segment(account, options["segment"])
        note_use(segment, now())
        return ask_for_sample(
            account=account,
            user=None,
            segment=segment,
            list_name=options["list"],
            design=design,
            at=now(),
        )
