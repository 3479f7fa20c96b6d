"""One value against one filter: text, number, boolean, date, list and existence.

Owns what unset, a wrong type and case mean; must not know what the value belongs to.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

import phonenumbers

from . import windows
from .world import Json, is_number, same


def passes(value: Any, filter_: Json, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a JSON value, None when unset, satisfies a filter at `at`."""
    kind, operator = filter_["type"], filter_["operator"]
    if value is None:
        return operator == "not-set" or bool(filter_.get("include_unset"))
    if kind == "existence":
        return bool(operator == "is-set")
    if kind == "string":
        return _text(value, filter_)
    if kind == "numeric":
        return is_number(value) and compare(value, filter_)
    if kind == "boolean":
        return isinstance(value, bool) and value is filter_["value"]
    if kind == "date":
        stamp = windows.read_date(value, zone) if isinstance(value, str) else None
        return stamp is not None and windows.holds(stamp.instant, filter_, at, zone)
    if kind == "list":
        return isinstance(value, list) and _list(value, filter_)
    raise ValueError(f"not a filter type: {kind!r}")


def compare(number: float, filter_: Json) -> bool:
    """Test a number against a numeric filter; the ends of `between` are both in."""
    operator = filter_["operator"]
    if operator == "between":
        return bool(filter_["start"] <= number <= filter_["end"])
    return _order(number, operator, filter_["value"])


def _order(number: float, operator: str, limit: float) -> bool:
    if operator == "equals":
        return number == limit
    if operator == "not-equals":
        return number != limit
    if operator == "greater-than":
        return number > limit
    if operator == "greater-than-or-equal":
        return number >= limit
    if operator == "less-than":
        return number < limit
    if operator == "less-than-or-equal":
        return number <= limit
    raise ValueError(f"not a numeric operator: {operator!r}")


def _text(value: Any, filter_: Json) -> bool:
    operator, operand = filter_["operator"], filter_["value"]
    folded = bool(filter_.get("ignore_case"))
    if operand is None:
        return False
    if isinstance(value, list):
        if operator not in ("contains", "not-contains"):
            return False
        here = any(_equal(item, operand, folded) for item in value)
        return here is (operator == "contains")
    if not isinstance(value, str):
        return False
    value = _comparable(value, False)
    if operator in ("in", "not-in"):
        is_equal = any(_equal(value, one, folded) for one in operand)
        return is_equal is (operator == "in")
    if operator in ("phone-country-code-in", "phone-country-code-not-in"):
        country = _phone_country(value)
        if country is None:
            return False
        is_equal = country in [code.upper() for code in operand]
        return is_equal is (operator == "phone-country-code-in")
    if operator in ("regex", "nregex"):
        is_match = (
            re.search(_comparable(operand, False), value, re.IGNORECASE if folded else 0)
            is not None
        )
        return is_match is (operator == "regex")
    value, operand = _comparable(value, folded), _comparable(operand, folded)
    positive = operator.removeprefix("not-")
    is_match = {
        "equals": value == operand,
        "contains": operand in value,
        "starts-with": value.startswith(operand),
        "ends-with": value.endswith(operand),
    }[positive]
    return is_match is (positive == operator)


def _equal(value: Any, operand: str, folded: bool) -> bool:
    if not isinstance(value, str):
        return False
    return _comparable(value, folded) == _comparable(operand, folded)


def _comparable(text: str, folded: bool) -> str:
    """The text in the form in which it is compared: composed, and folded where case is ignored."""
    text = normalize("NFC", text)
    return normalize("NFC", text.casefold()) if folded else text


def _phone_country(value: str) -> str | None:
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_number(number)


def _list(items: list[Any], filter_: Json) -> bool:
    operator, operand = filter_["operator"], filter_["value"]
    if operator.startswith("length-"):
        comparison = operator.removeprefix("length-")
        return _order(len(items), comparison, operand)
    positive = operator.removeprefix("not-")
    if positive == "contains":
        is_match = _has(items, operand)
    elif positive == "contains-any":
        is_match = any(_has(items, one) for one in operand)
    elif positive == "contains-all":
        is_match = all(_has(items, one) for one in operand)
    elif positive == "contains-substring":
        inside = _comparable(operand, False)
        is_match = any(
            isinstance(item, str) and inside in _comparable(item, False) for item in items
        )
    else:
        raise ValueError(f"not a list operator: {operator!r}")
    return is_match is (positive == operator)


def _has(items: list[Any], operand: Any) -> bool:
    return any(same(item, operand) for item in items)
