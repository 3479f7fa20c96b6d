"""Filters of text and of phone numbers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, ValueKind, Values
from segmenter.kernel.composed_text import composed
from segments.definition import words
from segments.definition.fields import Flag, Pattern, Texts, declare
from segments.definition.operators.base import Filter, Labels, filter_class, operator
from segments.definition.windows import Moment


def _bools(array: Any) -> Bools:
    """A pyarrow boolean array as bool[k], null as False."""
    return np.asarray(pc.fill_null(array, False), dtype=np.bool_)


def _run_test(texts: pa.StringArray, test: Callable[[pa.StringArray], Any]) -> Bools:
    """bool[k]: the result of a test in Arrow, by two threads: Arrow releases Python's lock."""
    if len(texts) < _MANY:
        return _bools(test(texts))
    half = len(texts) // 2
    with ThreadPoolExecutor(1) as other:
        later = other.submit(test, texts.slice(half))
        first = _bools(test(texts.slice(0, half)))
        return np.concatenate([first, _bools(later.result())])


_MANY = 50_000
_TEXT_TESTS: dict[str, Callable[[pa.StringArray, str], Any]] = {
    "equals": lambda texts, value: pc.equal(texts, pa.scalar(value, pa.string())),
    "contains": lambda texts, value: pc.match_substring(texts, value),
    "starts-with": lambda texts, value: pc.starts_with(texts, value),
    "ends-with": lambda texts, value: pc.ends_with(texts, value),
}
_NEGATED = {
    "not-equals": "equals",
    "not-contains": "contains",
    "not-starts-with": "starts-with",
    "not-ends-with": "ends-with",
    "nregex": "regex",
}
_IGNORE_CASE = Flag(only=True)


def _comparable(text: str, ignore_case: object) -> str:
    """The text as it is compared: composed, and case-folded where case is ignored."""
    text = composed(text)
    return composed(text.casefold()) if ignore_case else text


def _case_notes(ignore_case: object) -> list[str]:
    return [gettext("ignoring case")] if ignore_case else []


@filter_class
@dataclass(frozen=True)
class TextFilter(Filter):
    type: ClassVar[str] = "string"
    labels: ClassVar[Labels] = {
        "equals": _("is"),
        "not-equals": _("is not"),
        "contains": _("contains"),
        "not-contains": _("does not contain"),
        "starts-with": _("starts with"),
        "not-starts-with": _("does not start with"),
        "ends-with": _("ends with"),
        "not-ends-with": _("does not end with"),
        "regex": _("matches the pattern"),
        "nregex": _("does not match the pattern"),
    }
    phrases: ClassVar[Labels] = {
        "equals": _("is %(value)s"),
        "not-equals": _("is not %(value)s"),
        "contains": _("contains %(value)s"),
        "not-contains": _("does not contain %(value)s"),
        "starts-with": _("starts with %(value)s"),
        "not-starts-with": _("does not start with %(value)s"),
        "ends-with": _("ends with %(value)s"),
        "not-ends-with": _("does not end with %(value)s"),
        "regex": _("matches the pattern %(value)s"),
        "nregex": _("does not match the pattern %(value)s"),
    }
    operator: str = operator(labels)
    value: str = declare(Pattern(when=("regex", "nregex")), _("Text"))
    ignore_case: Literal[True] | Any = declare(_IGNORE_CASE, _("Ignore case"), optional=True)

    def matches(self, values: Values, moment: Moment) -> Bools:
        return values.cached_answer(self, lambda: self._matches(values))

    def _matches(self, values: Values) -> Bools:
        text = values.of(ValueKind.TEXT)
        name = _NEGATED.get(self.operator, self.operator)
        matches = self._regex(values) if name == "regex" else self._plain(values, name)
        if name == "contains":
            matches = matches | self._in_lists(values)
            text = text | values.of(ValueKind.LIST)
        return text & ~matches if self.operator in _NEGATED else matches

    def _regex(self, values: Values) -> Bools:
        ignoring, pattern = bool(self.ignore_case), composed(self.value)
        return _run_test(
            values.composed,
            lambda texts: pc.match_substring_regex(texts, pattern, ignore_case=ignoring),
        )

    def _plain(self, values: Values, name: str) -> Bools:
        texts = values.folded if self.ignore_case else values.composed
        value = _comparable(self.value, self.ignore_case)
        return _run_test(texts, lambda texts: _TEXT_TESTS[name](texts, value))

    def literals(self) -> dict[str, str]:
        return {"value": words.quoted(self.value)}

    def notes(self) -> list[str]:
        return [*_case_notes(self.ignore_case), *super().notes()]

    def _in_lists(self, values: Values) -> Bools:
        """A list contains a text if one of its items equals the text."""
        matches = np.zeros(len(values), dtype=np.bool_)
        value = _comparable(self.value, self.ignore_case)
        for position, items in values.lists.items():
            matches[position] = any(
                isinstance(item, str) and _comparable(item, self.ignore_case) == value
                for item in items
            )
        return matches


@filter_class
@dataclass(frozen=True)
class TextIn(Filter):
    type: ClassVar[str] = "string"
    labels: ClassVar[Labels] = {"in": _("is any of"), "not-in": _("is none of")}
    phrases: ClassVar[Labels] = {
        "in": _("is any of %(values)s"),
        "not-in": _("is none of %(values)s"),
    }
    operator: str = operator(labels)
    value: tuple[str, ...] = declare(Texts(), _("Texts"))
    ignore_case: Literal[True] | Any = declare(_IGNORE_CASE, _("Ignore case"), optional=True)

    def matches(self, values: Values, moment: Moment) -> Bools:
        return values.cached_answer(self, lambda: self._matches(values))

    def _matches(self, values: Values) -> Bools:
        texts = values.folded if self.ignore_case else values.composed
        options = [_comparable(option, self.ignore_case) for option in self.value]
        matches = _bools(pc.is_in(texts, value_set=pa.array(options, pa.string())))
        return matches if self.operator == "in" else values.of(ValueKind.TEXT) & ~matches

    def literals(self) -> dict[str, str]:
        join = words.either if self.operator == "in" else words.neither
        return {
            "values": join(map(words.quoted, self.value)),
            "value": words.quoted(self.value[0]),
        }

    def template(self) -> str:
        if len(self.value) > 1:
            return super().template()
        return TextFilter.phrases["equals" if self.operator == "in" else "not-equals"]

    def notes(self) -> list[str]:
        return [*_case_notes(self.ignore_case), *super().notes()]


@filter_class
@dataclass(frozen=True)
class PhoneCountry(Filter):
    """Compares the country of a phone number (E.164); countries as ISO alpha-2 or calling code."""

    type: ClassVar[str] = "string"
    layout: ClassVar[str] = "calling-countries"
    labels: ClassVar[Labels] = {
        "phone-country-code-in": _("is a number from"),
        "phone-country-code-not-in": _("is not a number from"),
    }
    phrases: ClassVar[Labels] = {
        "phone-country-code-in": _("is a number from %(values)s"),
        "phone-country-code-not-in": _("is not a number from %(values)s"),
    }
    operator: str = operator(labels)
    value: tuple[str, ...] = declare(Texts(), _("Countries"))

    def matches(self, values: Values, moment: Moment) -> Bools:
        codes = {v.strip().upper().lstrip("+") for v in self.value}
        is_phone = np.zeros(len(values), dtype=np.bool_)
        matches = np.zeros(len(values), dtype=np.bool_)
        for position in np.flatnonzero(values.of(ValueKind.TEXT)):
            countries = _phone_countries(values.texts[int(position)].as_py())
            is_phone[position] = bool(countries)
            matches[position] = not codes.isdisjoint(countries)
        return matches if self.operator == "phone-country-code-in" else is_phone & ~matches

    def literals(self) -> dict[str, str]:
        join = words.either if self.operator == "phone-country-code-in" else words.neither
        return {"values": join(map(words.as_name, self.value))}


def _phone_countries(text: str) -> frozenset[str]:
    """The country and the calling code of a phone number; empty if the text is not one."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return frozenset()
    region = phonenumbers.region_code_for_number(number)
    regions = (
        [region]
        if region
        else list(phonenumbers.region_codes_for_country_code(number.country_code or 0)[:1])
    )
    return frozenset((*regions, str(number.country_code)))
