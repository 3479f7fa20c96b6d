"""The segments and lists that the rules of a form name, and whether the account has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from forms_targeting.attributes import Kind
from forms_targeting.rules.rule import Rule
from profiles.models import List
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Problem
from segments.models import Segment


def keys_of(rules: Iterable[Rule], kind: Kind) -> set[str]:
    """Return the keys that the rules name in attributes of a kind: SEGMENTS or LISTS."""
    return {key for _place, key in _entries(rules, kind)}


def missing_references(account: Account, rules: Iterable[Rule], pointer: str) -> list[Problem]:
    """Return a problem for each segment or list that a rule names and the account does not have."""
    rules = tuple(rules)
    messages = {
        Kind.SEGMENTS: _("There is no such segment."),
        Kind.LISTS: _("There is no such list."),
    }
    problems: list[Problem] = []
    for kind, message in messages.items():
        keys = keys_of(rules, kind)
        existing: set[str] = set()
        if keys:
            rows = Segment.objects if kind is Kind.SEGMENTS else List.objects
            mine = rows.filter(account=account, key__in=keys)
            existing = set(mine.values_list("key", flat=True))
        problems += [
            Problem(f"{pointer}/{place}", "not_found", message)
            for place, key in _entries(rules, kind)
            if key not in existing
        ]
    return problems


def _entries(rules: Iterable[Rule], kind: Kind) -> Iterator[tuple[str, str]]:
    for index, rule in enumerate(rules):
        for attribute in rule.kind.attributes:
            if attribute.kind is kind:
                for number, key in enumerate(rule.values[attribute.name]):
                    yield f"{index}/{attribute.name}/{number}", key
