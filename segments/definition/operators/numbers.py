"""Filters of numbers, and of sums of money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, Floats, Values
from segments.definition.fields import Number, declare
from segments.definition.operators.base import Filter, Labels, filter_class, operator
from segments.definition.windows import Moment

COMPARE: dict[str, Callable[[Floats, float], Bools]] = {
    "equals": lambda numbers, value: numbers == value,
    "not-equals": lambda numbers, value: numbers != value,
    "greater-than": lambda numbers, value: numbers > value,
    "greater-than-or-equal": lambda numbers, value: numbers >= value,
    "less-than": lambda numbers, value: numbers < value,
    "less-than-or-equal": lambda numbers, value: numbers <= value,
}
MONEY_DECIMALS = 4


@dataclass(frozen=True)
class NumberTest(Filter):
    """A test of a number."""

    def holds(self, numbers: Floats) -> Bools:
        """bool[k]: which of float64[k] match; NaN never does."""
        raise NotImplementedError

    def holds_money(self, amounts: Floats) -> Bools:
        """The same for sums of money: both sides rounded to 4 decimals."""
        raise NotImplementedError

    def matches(self, values: Values, moment: Moment) -> Bools:
        return self.holds(values.numbers)


@filter_class
@dataclass(frozen=True)
class NumberFilter(NumberTest):
    type: ClassVar[str] = "numeric"
    labels: ClassVar[Labels] = {
        "equals": _("equals"),
        "not-equals": _("does not equal"),
        "greater-than": _("is more than"),
        "greater-than-or-equal": _("is at least"),
        "less-than": _("is less than"),
        "less-than-or-equal": _("is at most"),
    }
    operator: str = operator(labels)
    value: float = declare(Number(), _("Number"))

    def holds(self, numbers: Floats) -> Bools:
        return COMPARE[self.operator](numbers, self.value) & ~np.isnan(numbers)

    def holds_money(self, amounts: Floats) -> Bools:
        value = round(self.value, MONEY_DECIMALS)
        rounded = np.round(amounts, MONEY_DECIMALS)
        return COMPARE[self.operator](rounded, value) & ~np.isnan(amounts)


@filter_class
@dataclass(frozen=True)
class NumberRange(NumberTest):
    type: ClassVar[str] = "numeric"
    labels: ClassVar[Labels] = {"between": _("is between")}
    operator: str = operator(labels)
    start: float = declare(Number(), _("From"))
    end: float = declare(Number(), _("To"))

    def holds(self, numbers: Floats) -> Bools:
        return (numbers >= self.start) & (numbers <= self.end)

    def holds_money(self, amounts: Floats) -> Bools:
        rounded = np.round(amounts, MONEY_DECIMALS)
        low, high = round(self.start, MONEY_DECIMALS), round(self.end, MONEY_DECIMALS)
        return (rounded >= low) & (rounded <= high)
