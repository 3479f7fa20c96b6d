"""The segments and lists that the rules of a form name: their names, and whether they exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class RuleReferences:
    """What rules ask about people: segments and lists of the account, key to id, and consents."""

    segments: Mapping[str, int]
    lists: Mapping[str, int]
    consents: bool = False

    def united_with(self, other: RuleReferences) -> RuleReferences:
        """Return what either asks about."""
        return RuleReferences(
            {**self.segments, **other.segments},
            {**self.lists, **other.lists},
            self.consents or other.consents,
        )

    def restricted_to(self, rules: Iterable[Rule]) -> RuleReferences:
        """Return those that some of the rules ask about, all of which exist."""
        rules = tuple(rules)
        return RuleReferences(
            {key: self.segments[key] for key in keys_of(rules, Kind.SEGMENTS)},
            {key: self.lists[key] for key in keys_of(rules, Kind.LISTS)},
            any(rule.kind.asks_for_consent for rule in rules),
        )


def references_of(account: Account, rules: Iterable[Rule]) -> RuleReferences:
    """Return what rules ask about people, of the segments and lists that the account has."""
    rules = tuple(rules)
    segments, lists = keys_of(rules, Kind.SEGMENTS), keys_of(rules, Kind.LISTS)
    my_segments = Segment.objects.filter(account=account, key__in=segments)
    my_lists = List.objects.filter(account=account, key__in=lists)
    return RuleReferences(
        dict(my_segments.values_list("key", "pk")) if segments else {},
        dict(my_lists.values_list("key", "pk")) if lists else {},
        any(rule.kind.asks_for_consent for rule in rules),
    )


def missing_references(account: Account, rules: Iterable[Rule], pointer: str) -> list[Problem]:
    """Return a problem for each segment or list that a rule names and the account does not have."""
    rules = tuple(rules)
    return absent_references(rules, references_of(account, rules), pointer)


def absent_references(
    rules: Iterable[Rule], references: RuleReferences, pointer: str
) -> list[Problem]:
    """Return a problem for each segment or list that a rule names and that is not there."""
    rules = tuple(rules)
    kinds = (
        (Kind.SEGMENTS, references.segments, _("There is no such segment.")),
        (Kind.LISTS, references.lists, _("There is no such list.")),
    )
    return [
        Problem(f"{pointer}/{place}", "not_found", message)
        for kind, ids, message in kinds
        for place, key in _entries(rules, kind)
        if key not in ids
    ]


class ReferenceNames:
    """The names of the segments and lists that some rules name (`RuleNames`), by two queries."""

    def __init__(self, account: Account, rules: Iterable[Rule]) -> None:
        rules = tuple(rules)
        segments = Segment.objects.filter(account=account, key__in=keys_of(rules, Kind.SEGMENTS))
        lists = List.objects.filter(account=account, key__in=keys_of(rules, Kind.LISTS))
        self._segments = dict(segments.values_list("key", "name"))
        self._lists = dict(lists.values_list("key", "name"))

    def segment(self, key: str) -> str:
        """Return a segment's name; its key where it was deleted."""
        return self._segments.get(key, key)

    def list(self, key: str) -> str:
        """Return a list's name; its key where it was deleted."""
        return self._lists.get(key, key)


def _entries(rules: Iterable[Rule], kind: Kind) -> Iterator[tuple[str, str]]:
    for index, rule in enumerate(rules):
        for attribute in rule.kind.attributes:
            if attribute.kind is kind:
                for number, key in enumerate(rule.values[attribute.name]):
                    yield f"{index}/{attribute.name}/{number}", key
