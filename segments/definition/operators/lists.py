"""Filters of lists: which items they contain, and how many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext

from profiles.columns.column import Bools, Floats, Values, comparison_key
from segmenter.kernel.composed_text import composed
from segments.definition import words
from segments.definition.fields import Number, Scalar, Scalars, Text, declare
from segments.definition.operators.base import Filter, Labels, filter_class, operator
from segments.definition.operators.numbers import COMPARE
from segments.definition.windows import Moment


@dataclass(frozen=True)
class ListTest(Filter):
    """A test of a list's items."""

    type: ClassVar[str] = "list"

    def item_test(self) -> Callable[[list[Any]], bool]:
        """The test of one list."""
        raise NotImplementedError

    def matches(self, values: Values, moment: Moment) -> Bools:
        test = self.item_test()
        matches = np.zeros(len(values), dtype=np.bool_)
        for position, items in values.lists.items():
            matches[position] = test(items)
        return matches


def _keys(items: Any) -> set[object]:
    return {comparison_key(item) for item in items}


@filter_class
@dataclass(frozen=True)
class ListFilter(ListTest):
    labels: ClassVar[Labels] = {
        "contains-any": _("contains any of"),
        "contains-all": _("contains all of"),
        "not-contains-any": _("contains none of"),
        "not-contains-all": _("does not contain all of"),
    }
    phrases: ClassVar[Labels] = {
        "contains-any": _("contains any of %(values)s"),
        "contains-all": _("contains all of %(values)s"),
        "not-contains-any": _("contains none of %(values)s"),
        "not-contains-all": _("does not contain all of %(values)s"),
    }
    _join: ClassVar[dict[str, Callable[[Iterable[str]], str]]] = {
        "contains-any": words.either,
        "contains-all": words.every,
        "not-contains-any": words.neither,
        "not-contains-all": words.every,
    }
    operator: str = operator(labels)
    value: tuple[Any, ...] = declare(Scalars(), _("Items"))

    def item_test(self) -> Callable[[list[Any]], bool]:
        values = _keys(self.value)
        negated = self.operator.startswith("not-")
        if self.operator.endswith("any"):
            return lambda items: values.isdisjoint(_keys(items)) == negated
        return lambda items: (values <= _keys(items)) != negated

    def literals(self) -> dict[str, str]:
        items = [words.literal(item) for item in self.value]
        return {"values": self._join[self.operator](items), "value": items[0]}

    def template(self) -> str:
        if len(self.value) > 1:
            return super().template()
        negated = self.operator.startswith("not-")
        return ListHas.phrases["not-contains" if negated else "contains"]


@filter_class
@dataclass(frozen=True)
class ListHas(ListTest):
    labels: ClassVar[Labels] = {
        "contains": _("contains"),
        "not-contains": _("does not contain"),
    }
    phrases: ClassVar[Labels] = {
        "contains": _("contains the item %(value)s"),
        "not-contains": _("does not contain the item %(value)s"),
    }
    operator: str = operator(labels)
    value: Any = declare(Scalar(), _("Item"))

    def item_test(self) -> Callable[[list[Any]], bool]:
        value, expected = comparison_key(self.value), self.operator == "contains"
        return lambda items: (value in _keys(items)) == expected

    def literals(self) -> dict[str, str]:
        return {"value": words.literal(self.value)}


@filter_class
@dataclass(frozen=True)
class ListSubstring(ListTest):
    labels: ClassVar[Labels] = {
        "contains-substring": _("has an item that contains"),
        "not-contains-substring": _("has no item that contains"),
    }
    phrases: ClassVar[Labels] = {
        "contains-substring": _("has an item that contains %(value)s"),
        "not-contains-substring": _("has no item that contains %(value)s"),
    }
    operator: str = operator(labels)
    value: str = declare(Text(), _("Text"))

    def item_test(self) -> Callable[[list[Any]], bool]:
        text, expected = composed(self.value), self.operator == "contains-substring"
        return lambda items: (
            any(isinstance(item, str) and text in composed(item) for item in items) == expected
        )

    def literals(self) -> dict[str, str]:
        return {"value": words.quoted(self.value)}


@filter_class
@dataclass(frozen=True)
class ListLength(ListTest):
    labels: ClassVar[Labels] = {
        "length-equals": _("has this many items"),
        "length-greater-than": _("has more items than"),
        "length-greater-than-or-equal": _("has at least this many items"),
        "length-less-than": _("has fewer items than"),
        "length-less-than-or-equal": _("has at most this many items"),
    }
    phrases: ClassVar[Labels] = {
        "length-equals": _("has exactly %(items)s"),
        "length-greater-than": _("has more than %(items)s"),
        "length-greater-than-or-equal": _("has at least %(items)s"),
        "length-less-than": _("has fewer than %(items)s"),
        "length-less-than-or-equal": _("has at most %(items)s"),
    }
    operator: str = operator(labels)
    value: int = declare(Number(least=0, most=1_000_000, whole=True), _("How many"))

    def item_test(self) -> Callable[[list[Any]], bool]:
        compare = COMPARE[self.operator.removeprefix("length-")]
        return lambda items: bool(compare(cast(Floats, len(items)), self.value))

    def literals(self) -> dict[str, str]:
        items = ngettext("%(number)s item", "%(number)s items", self.value)
        return {"items": items % {"number": words.number(self.value)}}
