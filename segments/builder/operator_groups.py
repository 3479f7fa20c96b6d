"""How operators are grouped and ordered where one is chosen: the most used first.

Only the order. Which operators fit a place is said in `defaults` and in the offers of the kinds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext_noop as _


class OperatorGroup(NamedTuple):
    """Operators that are read under one title, each as (type, operator)."""

    title: str
    operators: tuple[tuple[str, str], ...]


def _of(type_: str, *names: str) -> tuple[tuple[str, str], ...]:
    return tuple((type_, name) for name in names)


_TEXT = _of("string", "equals", "contains", "starts-with", "ends-with", "in")
_NOT_TEXT = _of(
    "string", "not-equals", "not-contains", "not-starts-with", "not-ends-with", "not-in"
)
_COUNTRIES = _of("string", "phone-country-code-in", "phone-country-code-not-in")
_MORE = _of("numeric", "greater-than-or-equal", "greater-than", "less-than-or-equal", "less-than")
_ITEMS = _of("list", "contains-any", "contains-all", "not-contains-any", "not-contains-all")
_ONE_ITEM = _of("list", "contains", "not-contains", "contains-substring", "not-contains-substring")
_LENGTH = _of(
    "list",
    "length-greater-than-or-equal",
    "length-greater-than",
    "length-less-than-or-equal",
    "length-less-than",
    "length-equals",
)
_ANNIVERSARY = ("anniversary-next", "anniversary-last", "anniversary", "anniversary-month")

GROUPS = (
    OperatorGroup(
        _("Relative"), _of("date", "alltime", "in-the-last", "between", "at-least", "in-the-next")
    ),
    OperatorGroup(_("Fixed dates"), _of("date", "between-static", "after", "before")),
    OperatorGroup(_("Anniversary"), _of("date", *_ANNIVERSARY, "calendar-month")),
    OperatorGroup(_("Text"), (*_TEXT, *_NOT_TEXT)),
    OperatorGroup(_("Number"), (*_MORE, *_of("numeric", "equals", "not-equals", "between"))),
    OperatorGroup(_("Yes or no"), _of("boolean", "equals")),
    OperatorGroup(_("List"), (*_ITEMS, *_ONE_ITEM)),
    OperatorGroup(_("Length of the list"), _LENGTH),
    OperatorGroup(_("Country of the number"), _COUNTRIES),
    OperatorGroup(_("Pattern"), _of("string", "regex", "nregex")),
    OperatorGroup(_("Set or not"), _of("existence", "is-set", "not-set")),
)
NEXT = frozenset(_of("date", "in-the-next"))
AHEAD = NEXT | frozenset(_of("date", *_ANNIVERSARY, "calendar-month"))
"""Operators that make no sense for what only the past can hold, as events do."""


def in_groups(operators: Iterable[tuple[str, str]]) -> list[tuple[str, tuple[str, str]]]:
    """(title, operator) of each, ordered by group."""
    offered = set(operators)
    return [(title, each) for title, group in GROUPS for each in group if each in offered]
