"""Rules: conditions on a visit that a form is shown under. All rules of a form must hold.

A kind of rule is one file beside this one. It declares its attributes (which the editor shows and
`read_rules` checks), whether it holds for a visit, and its sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext

from forms_targeting.attributes import Attribute, Words, read_values
from forms_targeting.visit import Visit
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.registry import Registry

MOST_RULES = 30


class RuleNames(Protocol):
    """Names of segments and lists by key, for sentences."""

    def segment(self, key: str) -> str: ...
    def list(self, key: str) -> str: ...


@dataclass(frozen=True)
class RuleKind:
    """A kind of rule."""

    label: Words
    attributes: tuple[Attribute, ...]
    holds: RuleTest
    sentence: RuleSentence
    rank: int
    check: RuleValidation = lambda _values, _pointer: ()
    about_people: bool = False
    """Whether it can be decided of a person without a visit (segments, lists, consent)."""
    asks_for_consent: bool = False
    """Whether it reads what the person has agreed to."""


class RuleTest(Protocol):
    def __call__(self, values: Mapping[str, Any], visit: Visit, /) -> bool: ...


class RuleSentence(Protocol):
    def __call__(self, values: Mapping[str, Any], names: RuleNames, /) -> str: ...


class RuleValidation(Protocol):
    def __call__(self, values: Mapping[str, Any], pointer: str, /) -> Sequence[Problem]: ...


rule_kinds: Registry[RuleKind] = Registry("kind of rules")


@dataclass(frozen=True)
class Rule:
    """One rule of a form."""

    name: str
    values: Mapping[str, Any]

    @property
    def kind(self) -> RuleKind:
        return rule_kinds[self.name]

    def holds(self, visit: Visit) -> bool:
        return self.kind.holds(self.values, visit)

    def sentence(self, names: RuleNames) -> str:
        return self.kind.sentence(self.values, names)


def read_rules(records: Any, pointer: str = "") -> tuple[Rule, ...]:
    """Return the rules that a JSON value says. Raises Invalid with every problem's pointer."""
    if not isinstance(records, list) or len(records) > MOST_RULES:
        message = gettext("Rules are a list of at most %(most)d.") % {"most": MOST_RULES}
        raise Invalid(Problem(pointer, "invalid", message))
    rules: list[Rule] = []
    problems: list[Problem] = []
    for index, record in enumerate(records):
        place = f"{pointer}/{index}"
        name = record.get("rule") if isinstance(record, Mapping) else None
        if not isinstance(name, str) or name not in rule_kinds:
            message = gettext("There is no such kind of rule.")
            problems.append(Problem(f"{place}/rule", "invalid", message))
            continue
        kind = rule_kinds[name]
        try:
            values = read_values(kind.attributes, record, place)
        except Invalid as error:
            problems += error.problems
            continue
        problems += kind.check(values, place)
        rules.append(Rule(name, values))
    if problems:
        raise Invalid(*problems)
    return tuple(rules)


def write_rules(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Return the JSON value that `read_rules` reads as these rules."""
    return [{"rule": rule.name, **rule.values} for rule in rules]
