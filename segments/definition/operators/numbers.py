"""Filters of numbers and of amounts of money."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, Floats, Values
from segments.definition import words
from segments.definition.fields import Number, declare
from segments.definition.operators.base import Filter, Labels, filter_class, operator
from segments.definition.plain_names import add_continuations
from segments.definition.windows import Moment
from segments.definition.words import Say

Amounts = Floats | npt.NDArray[np.signedinteger[Any]]
COMPARE: dict[str, Callable[[Amounts, float], Bools]] = {
    "equals": lambda numbers, value: numbers == value,
    "not-equals": lambda numbers, value: (numbers != value) & (numbers == numbers),
    "greater-than": lambda numbers, value: numbers > value,
    "greater-than-or-equal": lambda numbers, value: numbers >= value,
    "less-than": lambda numbers, value: numbers < value,
    "less-than-or-equal": lambda numbers, value: numbers <= value,
}
MONEY_DECIMALS = 4
add_continuations(
    first=("at least once", "between %(start)s and %(end)s", "not exactly %(amount)s")
)


@dataclass(frozen=True)
class NumberTest(Filter):
    """A test of a number."""

    def holds(self, numbers: Amounts) -> Bools:
        """bool[k]: which of int or float64[k] match; NaN never does."""
        raise NotImplementedError

    def holds_money(self, amounts: Floats) -> Bools:
        """The same for amounts of money: both sides are rounded to 4 decimals."""
        raise NotImplementedError

    def matches(self, values: Values, moment: Moment) -> Bools:
        return self.holds(values.numbers)

    def amount(self, say: Say = words.number) -> str:
        """The test as an amount: "at least 500", "less than 48 km"."""
        raise NotImplementedError

    def percent(self) -> str:
        """The test of a share as an amount: "at least 75 %"."""
        return self.amount(words.percent)

    def percent_phrase(self) -> str:
        """The test of a share, after its name: "is at least 75 %"."""
        text = gettext(self.template()) % self.literals(words.percent)
        return words.with_notes(text, self.notes())

    def literals(self, say: Say = words.number) -> dict[str, str]:
        raise NotImplementedError

    def times(self) -> str:
        """The test as a number of times: "at least 3 times"."""
        raise NotImplementedError

    @property
    def floor(self) -> tuple[float, bool] | None:
        """The lowest bound to reach, and whether it passes itself; None if there is none."""
        raise NotImplementedError

    @property
    def bounds(self) -> tuple[float, ...]:
        """The numbers of the comparison: between two neighbours, all numbers pass or none does."""
        raise NotImplementedError

    def missing(self, count: float) -> int | None:
        """How many more make a count pass; None if it passes, or if more do not help."""
        if self.floor is None or self.holds(np.array([count]))[0]:
            return None
        value, enough = self.floor
        more = max(math.ceil(value - count), 1)
        if not enough and count + more == value:
            more += 1
        return more if self.holds(np.array([count + more]))[0] else None

    @property
    def only_zero(self) -> bool:
        """Whether zero is the only number of times that passes."""
        return list(self.holds(np.array([0.0, 1.0, 2.0, 1e15]))) == [True, False, False, False]

    @property
    def all_but_zero(self) -> bool:
        """Whether every number of times but zero passes."""
        return list(self.holds(np.array([0.0, 1.0, 2.0, 1e15]))) == [False, True, True, True]


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
    phrases: ClassVar[Labels] = {
        "equals": _("is equal to %(number)s"),
        "not-equals": _("is not equal to %(number)s"),
        "greater-than": _("is more than %(number)s"),
        "greater-than-or-equal": _("is at least %(number)s"),
        "less-than": _("is less than %(number)s"),
        "less-than-or-equal": _("is at most %(number)s"),
    }
    amounts: ClassVar[Labels] = {
        "equals": _("exactly %(amount)s"),
        "not-equals": _("not exactly %(amount)s"),
        "greater-than": _("more than %(amount)s"),
        "greater-than-or-equal": _("at least %(amount)s"),
        "less-than": _("less than %(amount)s"),
        "less-than-or-equal": _("at most %(amount)s"),
    }
    operator: str = operator(labels)
    value: float = declare(Number(), _("Number"))

    def holds(self, numbers: Amounts) -> Bools:
        return COMPARE[self.operator](numbers, self.value)

    def holds_money(self, amounts: Floats) -> Bools:
        value = round(self.value, MONEY_DECIMALS)
        rounded = np.round(amounts, MONEY_DECIMALS)
        return COMPARE[self.operator](rounded, value)

    @property
    def floor(self) -> tuple[float, bool] | None:
        if self.operator.startswith("less-"):
            return None
        return self.value, self.operator in {"equals", "greater-than-or-equal"}

    @property
    def bounds(self) -> tuple[float, ...]:
        return (self.value,)

    def literals(self, say: Say = words.number) -> dict[str, str]:
        return {"number": say(self.value)}

    def amount(self, say: Say = words.number) -> str:
        return gettext(self.amounts[self.operator]) % {"amount": say(self.value)}

    def times(self) -> str:
        if self.all_but_zero:
            return gettext("at least once")
        if self.operator == "less-than":
            return pgettext("times", "fewer than %(times)s") % {"times": words.times(self.value)}
        return self.amount(words.times)


@filter_class
@dataclass(frozen=True)
class NumberRange(NumberTest):
    type: ClassVar[str] = "numeric"
    layout: ClassVar[str] = "range"
    labels: ClassVar[Labels] = {"between": _("is between")}
    phrases: ClassVar[Labels] = {"between": _("is between %(start)s and %(end)s")}
    operator: str = operator(labels)
    start: float = declare(Number(), _("From"))
    end: float = declare(Number(), _("To"))

    def holds(self, numbers: Amounts) -> Bools:
        return (numbers >= self.start) & (numbers <= self.end)

    def holds_money(self, amounts: Floats) -> Bools:
        rounded = np.round(amounts, MONEY_DECIMALS)
        low, high = round(self.start, MONEY_DECIMALS), round(self.end, MONEY_DECIMALS)
        return (rounded >= low) & (rounded <= high)

    @property
    def floor(self) -> tuple[float, bool] | None:
        return self.start, True

    @property
    def bounds(self) -> tuple[float, ...]:
        return self.start, self.end

    def literals(self, say: Say = words.number) -> dict[str, str]:
        return {"start": say(self.start), "end": say(self.end)}

    def amount(self, say: Say = words.number) -> str:
        return self._between(words.number(self.start), say(self.end))

    def percent(self) -> str:
        return self._between(words.percent(self.start), words.percent(self.end))

    def _between(self, start: str, end: str) -> str:
        return gettext("between %(start)s and %(end)s") % {"start": start, "end": end}

    def times(self) -> str:
        if self.all_but_zero:
            return gettext("at least once")
        if self.end == int(self.end):
            template = ngettext(
                "between %(start)s and %(end)s time",
                "between %(start)s and %(end)s times",
                abs(int(self.end)),
            )
        else:
            template = pgettext("fraction", "between %(start)s and %(end)s times")
        return template % self.literals()
