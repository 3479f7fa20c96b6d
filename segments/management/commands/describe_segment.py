"""describe_segment: a definition in a file as a sentence."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from segmenter.accounts.models import Account
from segmenter.kernel.errors import ApplicationError
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.engine.queries import Inventory, resolve_names


class Command(BaseCommand):
    help = "Say in a sentence whom a definition means."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="DEFINITION.json")
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument(
            "--language", default="en", choices=[code for code, _ in settings.LANGUAGES]
        )

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        try:
            definition = json.loads(Path(options["file"]).read_bytes())
            tree = decode(resolve_names(account, definition))
        except (ValueError, RecursionError) as error:
            raise CommandError(f"{options['file']}: this is not JSON: {error}") from None
        except (ApplicationError, OSError) as error:
            raise CommandError(f"{options['file']}: {error}") from None
        with translation.override(options["language"]):
            self.stdout.write(describe(tree, Inventory(account), complete=True))
