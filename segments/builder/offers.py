"""What the builder offers inside one condition, where that depends on what is already said there.

Pointers are relative to the condition. Only what is offered: what is allowed is checked by the
definition itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

from segments.definition.operators import Filter

Operators = frozenset[tuple[str, str]]
"""(type, operator) pairs."""


@dataclass(frozen=True)
class Phrase:
    """Words that stand for several fields at once."""

    words: str
    says: Mapping[str, Any]
    """What a condition must say for the phrase to be the one that fits it."""
    sets: Mapping[str, Any]
    """The fields that choosing the phrase puts in place."""
    clears: tuple[str, ...] = ()
    """The fields that it takes away."""

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing to be filled in."""
        return self.says == self.sets

    @property
    def json(self) -> str:
        return json.dumps({**self.sets, **dict.fromkeys(self.clears)})

    def holds(self, partial: Mapping[str, Any]) -> bool:
        """Whether a condition says what the phrase says."""
        return _says(partial, self.says)


def _says(value: Any, expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return isinstance(value, Mapping) and all(
            _says(value.get(name), each) for name, each in expected.items()
        )
    return type(value) is type(expected) and bool(value == expected)


@dataclass(frozen=True)
class Offer:
    """What a condition offers as it stands."""

    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Pointer of a choice to the words that fit."""
    operators: Mapping[str, Operators] = field(default_factory=dict)
    """Pointer of a filter to the operators that fit."""
    fills: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pointer of a filter to what it begins with, or the only thing it can say."""
    may_lack: frozenset[str] = frozenset()
    """Pointers of filters that may be left away."""
    without: frozenset[str] = frozenset()
    """Pointers of fields that do not belong here."""
    picks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Pointer of a text that is picked from suggestions to what is asked for and what is read."""
    stands_for: Mapping[str, str] = field(default_factory=dict)
    """Pointer of a field that people do not see to the one by which they say it."""
    predicted: frozenset[str] = frozenset()
    """Pointers of choices of predictions, some of which an account may not have."""
    percents: frozenset[str] = frozenset()
    """Pointers of filters of shares: a definition says 0.75 where people say 75 %."""
    bands: Mapping[str, str] = field(default_factory=dict)
    """Pointer of a number filter to the suggestions by which the whole filter can be chosen."""
    ahead: frozenset[str] = frozenset()
    """Pointers of filters of dates that may lie in the future."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Pointer of a choice or filter to other words for what it offers, where they follow a verb."""
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    """Name of a choice of phrases, which the kind's template places, to the phrases."""


AMOUNTS = {
    "greater-than-or-equal": _("at least"),
    "greater-than": _("more than"),
    "less-than-or-equal": _("at most"),
    "less-than": _("less than"),
    "equals": _("exactly"),
    "not-equals": _("not exactly"),
    "between": _("between"),
}
"""Words for the operators of numbers, where they follow a verb: "live less than 50 km"."""


def operators_of(classes: Iterable[type[Filter]]) -> Operators:
    """Every operator of some filter classes."""
    return frozenset((cls.type, name) for cls in classes for name in cls.labels)
