"""parse_segment: a sentence as the definition that it means."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.engine.vocabulary import Catalog
from segments.sentences.parse import parse


class Command(BaseCommand):
    help = (
        "Print the definition that a text means, as JSON with its sentence and with the parts of"
        " the text that were not understood. Exit with 1 if there are any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", metavar="WORDS")
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument(
            "--language", default="en", choices=[code for code, _ in settings.LANGUAGES]
        )

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        parsed = parse(options["text"], Catalog(account), options["language"], at=now())
        gaps = [
            {"start": gap.start, "end": gap.end, "text": gap.text, "choices": list(gap.choices)}
            for gap in parsed.gaps
        ]
        document = {
            "definition": parsed.definition,
            "sentence": parsed.sentence,
            "gaps": gaps,
            "language": parsed.language,
        }
        self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
        if gaps or parsed.definition is None:
            self.stderr.write(json.dumps({"gaps": gaps}, ensure_ascii=False))
            sys.exit(1)
