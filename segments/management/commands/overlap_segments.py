"""overlap_segments: how some segments overlap, as JSON."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError
from segments.compare.overlap import MemberSets, read_members
from segments.engine.queries import find_segment
from segments.engine.watermark import watermark


class Command(BaseCommand):
    help = "Print every region of up to six segments, their sizes and pairs, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("segments", nargs="+", metavar="SEGMENT", help="a name or a key")
        parser.add_argument("--account", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        try:
            keys = [find_segment(account, text).key for text in options["segments"]]
            as_of = watermark(account, now()).time
            sets = read_members(account, keys)
        except ApplicationError as error:
            raise CommandError(str(error)) from None
        facts = overlap_facts(sets) | {"as_of": as_of.isoformat()}
        self.stdout.write(json.dumps(facts, ensure_ascii=False))


def overlap_facts(sets: MemberSets) -> dict[str, Any]:
    """An overlap as programs read it (docs/comparing.md)."""
    return {
        "people": sets.total,
        "segments": [
            {
                "key": segment.key,
                "name": segment.name,
                "size": segment.size,
                "status": segment.status,
                "is_active": segment.is_active,
                "as_of": segment.as_of.isoformat() if segment.as_of else None,
            }
            for segment in sets.segments
        ],
        "sizes": {segment.key: segment.size for segment in sets.segments},
        "regions": [
            {"members": list(region.keys), "count": region.count, "share": region.share}
            for region in sets.regions
        ],
        "pairs": [
            {
                "segments": [pair.one.key, pair.other.key],
                "both": pair.both,
                "either": pair.either,
                "jaccard": pair.jaccard,
                "containment": {
                    pair.one.key: pair.share_of_one,
                    pair.other.key: pair.share_of_other,
                },
            }
            for pair in sets.pairs
        ],
    }
