"""wrong-type: a filter of one type, for a property whose values are of another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import ClassVar

from django.utils.translation import gettext

from profiles.columns.column import ValueKind
from segments.advice import Advice, Severity
from segments.definition.operators import (
    BooleanFilter,
    DateFilter,
    Existence,
    Filter,
    ListHas,
    NumberFilter,
    TextFilter,
)
from segments.lint.changes import by_place, with_filters
from segments.lint.rule import LintRule, rule
from segments.lint.study import PropertyTest, Study

LEAST_SHARE = 0.5
"""Of the values that a filter can compare, at least so many should be of its type."""
_KINDS = {
    "string": ValueKind.TEXT,
    "numeric": ValueKind.NUMBER,
    "boolean": ValueKind.BOOLEAN,
    "list": ValueKind.LIST,
}
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+")
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@rule
class WrongType(LintRule):
    code: ClassVar[str] = "wrong-type"
    severity: ClassVar[Severity] = Severity.ERROR
    rank: ClassVar[int] = 110

    def advice(self, study: Study) -> Iterator[Advice]:
        for tests in by_place(study.tests):
            wrong = {test: kind for test in tests if (kind := _main_kind(test, study))}
            if wrong:
                yield self._of(wrong, study)

    def _of(self, wrong: dict[PropertyTest, ValueKind], study: Study) -> Advice:
        test, main = next(iter(wrong.items()))
        kinds = test.figures.kinds
        rows = sum(kinds.values())
        sentence = gettext("%(share)s of the values of %(property)s are %(type)s.") % {
            "share": f"{kinds[main] * 100 // rows} %",
            "property": study.label(test),
            "type": _names()[main],
        }
        others = {test: of_kind(test.filter, kind) for test, kind in wrong.items()}
        filters = {test: other for test, other in others.items() if other}
        fix = None
        if len(filters) == len(others) and all(_prevails(each) for each in wrong.items()):
            fix = study.fix(_labels()[main], with_filters(filters))
        return self.say(test.place.pointer, sentence, rows - _fitting(test, study), fix)


def _main_kind(test: PropertyTest, study: Study) -> ValueKind | None:
    """What most values are, if the filter can compare too few of them."""
    kinds = test.figures.kinds
    rows = sum(kinds.values())
    if not rows or isinstance(test.filter, Existence):
        return None
    if _fitting(test, study) >= rows * LEAST_SHARE:
        return None
    return max(kinds, key=lambda kind: (kinds[kind], kind))


def _fitting(test: PropertyTest, study: Study) -> int:
    """In how many rows the property has a value that the filter can compare."""
    if isinstance(test.filter, DateFilter):
        moment = study.inspection.moment
        return test.figures.dates(moment)
    kinds = test.figures.kinds
    fitting = kinds[_KINDS[test.filter.type]]
    if isinstance(test.filter, TextFilter) and "contains" in test.filter.operator:
        fitting += kinds[ValueKind.LIST]
    return fitting


def _names() -> dict[ValueKind, str]:
    return {
        ValueKind.TEXT: gettext("texts"),
        ValueKind.NUMBER: gettext("numbers"),
        ValueKind.BOOLEAN: gettext("true or false"),
        ValueKind.LIST: gettext("lists"),
        ValueKind.OBJECT: gettext("objects"),
        ValueKind.INSTANT: gettext("dates"),
    }


def _labels() -> dict[ValueKind, str]:
    return {
        ValueKind.TEXT: gettext("Compare as text"),
        ValueKind.NUMBER: gettext("Compare as number"),
        ValueKind.BOOLEAN: gettext("Compare as true or false"),
        ValueKind.LIST: gettext("Compare with the items"),
    }


def of_kind(filter_: Filter, kind: ValueKind) -> Filter | None:
    """The filter that says the same of values of a kind; None if there is none."""
    value, is_negative = getattr(filter_, "value", None), filter_.operator.startswith("not-")
    is_part = isinstance(filter_, TextFilter) and filter_.operator.endswith("contains")
    if is_part and kind is not ValueKind.LIST:
        return None  # a part of a text is not a whole value
    unset = {"include_unset": True} if filter_.include_unset else {}
    plain = filter_.operator.removeprefix("not-")
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if plain not in {"equals", "in", "contains", "contains-any", "contains-all"}:
        return None
    sign = "not-" if is_negative else ""
    match kind:
        case ValueKind.TEXT if isinstance(value, bool | int | float):
            return TextFilter(operator=f"{sign}equals", value=_text(value), **unset)
        case ValueKind.TEXT if isinstance(value, str):
            return TextFilter(operator=f"{sign}equals", value=value, **unset)
        case ValueKind.NUMBER if isinstance(value, str):
            number = _number(value)
            if number is not None:
                return NumberFilter(operator=f"{sign}equals", value=number, **unset)
        case ValueKind.BOOLEAN if isinstance(value, str):
            truth = _TRUTHS.get(value.strip().casefold())
            if truth is not None:
                return BooleanFilter(operator="equals", value=truth != is_negative, **unset)
        case ValueKind.LIST if isinstance(value, str) and getattr(filter_, "ignore_case", None):
            return TextFilter(operator=f"{sign}contains", value=value, ignore_case=True, **unset)
        case ValueKind.LIST if isinstance(value, str | int | float):
            return ListHas(operator=f"{sign}contains", value=value, **unset)
    return None


def _prevails(each: tuple[PropertyTest, ValueKind]) -> bool:
    """Whether so many values are of the kind that a filter of it compares enough of them."""
    kinds = each[0].figures.kinds
    return kinds[each[1]] >= sum(kinds.values()) * LEAST_SHARE


def _text(value: float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value) if value == int(value) else value)


def _number(text: str) -> float | None:
    if _GROUPED.fullmatch(text.strip()):
        return None  # 1,500 may be a thousand and a half, or one and a half
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    if not isfinite(number) or abs(number) > 1e15:
        return None
    return int(number) if number == int(number) else number
