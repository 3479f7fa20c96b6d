"""lint_segment: the warnings about a definition, as JSON."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext

from profiles.columns.population import UnknownKey
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Invalid, Problem
from segments.advice import Advice, Inspection, advice_on, inspect
from segments.definition.repairs import NothingLeft
from segments.definition.tree import Unsupported
from segments.engine.checking import check_definition
from segments.engine.queries import find_segment, resolve_names
from segments.engine.vocabulary import Catalog


class Command(BaseCommand):
    help = (
        "Print the warnings about a definition as a JSON list, the most severe first. If the"
        " definition cannot be read, print its problems instead and exit with 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="DEFINITION.json", help="- for standard input")
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument("--segment", metavar="NAME", help="the segment that has the definition")
        parser.add_argument(
            "--language", default="en", choices=[code for code, _ in settings.LANGUAGES]
        )

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        try:
            key = find_segment(account, options["segment"]).key if options["segment"] else ""
            with translation.override(options["language"]):
                inspection = _inspect(account, _read(options["file"]), key)
                remarks = [_as_json(each, inspection) for each in advice_on(inspection)]
        except Invalid as error:
            self._print([asdict(problem) for problem in error.problems])
            sys.exit(1)
        except (ApplicationError, OSError) as error:
            raise CommandError(str(error)) from None
        self._print(remarks)

    def _print(self, document: Any) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))


def _read(file: str) -> Any:
    """The JSON of a file or of standard input. Raises Invalid, OSError."""
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Invalid(Problem("", "json", f"This is not JSON: {error}")) from None


def _inspect(account: Account, definition: Any, key: str) -> Inspection:
    tree = check_definition(account, resolve_names(account, definition), key)
    try:
        return inspect(account, tree, now(), Catalog(account), key)
    except (UnknownKey, Unsupported) as error:
        message = gettext("This cannot be counted: %(reason)s") % {"reason": error}
        raise Invalid(Problem("", "unsupported", message)) from None


def _as_json(advice: Advice, inspection: Inspection) -> dict[str, Any]:
    try:
        fixed = advice.fix.definition(inspection.definition) if advice.fix else None
    except NothingLeft:
        fixed = None
    return {
        "code": advice.code,
        "pointer": advice.pointer,
        "sentence": advice.sentence,
        "people": advice.people,
        "fixed": fixed,
    }
