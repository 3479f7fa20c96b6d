"""library_segment: a ready-made segment in an account, as JSON."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.library.account_values import AccountValues
from segments.library.proposal import Proposal, propose
from segments.library.ready_segment import ReadySegment, ready_segments
from segments.library.sizes import Counting


class Command(BaseCommand):
    help = "Print a ready-made segment with its definition and size in an account, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", nargs="?", metavar="KEY")
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="another value of a parameter; may be repeated",
        )
        parser.add_argument("--list", action="store_true", help="print all of them, a line each")
        parser.add_argument(
            "--language", default="en", choices=[code for code, _ in settings.LANGUAGES]
        )

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']!r}.")
        if options["list"] == bool(options["key"]):
            raise CommandError(f"Name a KEY, or --list to see all. {_known_keys()}")
        source = AccountValues(account, now())
        counting = Counting(source.people, source.at)
        with translation.override(options["language"]):
            if options["list"]:
                for key, ready in sorted(ready_segments.items()):
                    self._print(_document(propose(key, ready, source), counting))
                return
            key = options["key"]
            if key not in ready_segments:
                raise CommandError(f"There is no ready-made segment {key!r}. {_known_keys()}")
            ready = ready_segments[key]
            proposal = propose(key, ready, source, _texts(key, ready, options["set"]))
            _check(proposal)
            self._print(_document(proposal, counting))

    def _print(self, document: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False))


def _known_keys() -> str:
    return f"Keys are: {', '.join(sorted(ready_segments))}."


def _texts(key: str, ready: ReadySegment, settings_: list[str]) -> dict[str, str]:
    """The texts of parameters by name. Raises CommandError for what is no setting of one."""
    names = [parameter.name for parameter in ready.parameters]
    texts = {}
    for setting in settings_:
        name, equals, text = setting.partition("=")
        name = name.strip()
        if not equals:
            raise CommandError(f"--set {setting!r}: write NAME=VALUE.")
        if name not in names:
            known = f"Parameters are: {', '.join(names)}." if names else "It has no parameters."
            raise CommandError(f"--set {setting!r}: {key} has no parameter {name!r}. {known}")
        texts[name] = text
    return texts


def _check(proposal: Proposal) -> None:
    """Raise CommandError for a wrong value, for what the account lacks, and for no definition."""
    if proposal.ready.definition is None:
        raise CommandError(f"{proposal.key} has no definition: {proposal.ready.what_for}")
    lines = [f"--set {name}: {problem}" for name, problem in proposal.problems.items()]
    lines += [proposal.problem] if proposal.problem else []
    if proposal.missing and not lines:
        lines = [f"{proposal.key} cannot be used in this account. Missing:"]
        lines += [f"  {what}" for what in proposal.missing]
    if lines:
        raise CommandError("\n".join(lines))


def _document(proposal: Proposal, counting: Counting) -> dict[str, Any]:
    ready = proposal.ready
    return {
        "key": proposal.key,
        "name": str(ready.name),
        "purposes": [purpose.value for purpose in ready.purposes],
        "definition": proposal.definition,
        "sentence": proposal.sentence,
        "parameters": [
            {
                "name": one.parameter.name,
                "type": one.parameter.type,
                "label": str(one.parameter.label),
                "value": one.value,
            }
            for one in proposal.values
        ],
        "size": counting.size(proposal),
        "what_for": str(ready.what_for),
        "next_step": str(ready.next_step),
        "missing": list(proposal.missing),
        "notes": list(proposal.notes),
    }
