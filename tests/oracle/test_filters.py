"""One value, one filter, in or out: worked out from the grammar, not from the code."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from .filters import passes
from .world import instant

AT = instant("2026-03-10T08:00Z")
UNSET = None


def text(operator: str, value: Any, **extra: Any) -> dict[str, Any]:
    return {"type": "string", "operator": operator, "value": value, **extra}


def number(operator: str, value: Any, **extra: Any) -> dict[str, Any]:
    return {"type": "numeric", "operator": operator, "value": value, **extra}


def range_(start: float, end: float) -> dict[str, Any]:
    return {"type": "numeric", "operator": "between", "start": start, "end": end}


def truth(value: bool, **extra: Any) -> dict[str, Any]:
    return {"type": "boolean", "operator": "equals", "value": value, **extra}


def items(operator: str, value: Any, **extra: Any) -> dict[str, Any]:
    return {"type": "list", "operator": operator, "value": value, **extra}


def date(operator: str, **fields: Any) -> dict[str, Any]:
    return {"type": "date", "operator": operator, **fields}


IS_SET = {"type": "existence", "operator": "is-set"}
NOT_SET = {"type": "existence", "operator": "not-set"}
LAST_WEEK = date("in-the-last", quantity=7, unit="day")

ROWS: list[tuple[Any, dict[str, Any], bool]] = [
    # Text.
    ("red", text("equals", "red"), True),
    ("Red", text("equals", "red"), False),
    ("Red", text("equals", "red", ignore_case=True), True),
    ("", text("equals", ""), True),
    ("red", text("not-equals", "red"), False),
    ("Red", text("not-equals", "red"), True),
    ("Red", text("not-equals", "red", ignore_case=True), False),
    ("dark red", text("contains", "red"), True),
    ("dark red", text("contains", "Red"), False),
    ("dark red", text("contains", "ark R", ignore_case=True), True),
    ("dark red", text("not-contains", "blue"), True),
    ("dark red", text("not-contains", "red"), False),
    ("dark red", text("starts-with", "dark"), True),
    ("dark red", text("starts-with", "red"), False),
    ("dark red", text("not-starts-with", "red"), True),
    ("dark red", text("ends-with", "red"), True),
    ("dark red", text("not-ends-with", "red"), False),
    ("ÅSA", text("equals", "åsa", ignore_case=True), True),
    ("100%", text("contains", "%"), True),
    ("1000", text("contains", "%"), False),
    ("red", text("in", ["blue", "red"]), True),
    ("Red", text("in", ["blue", "red"]), False),
    ("Red", text("in", ["blue", "red"], ignore_case=True), True),
    ("green", text("not-in", ["blue", "red"]), True),
    ("red", text("not-in", ["blue", "red"]), False),
    ("dark red", text("regex", "r.d$"), True),
    ("dark red", text("regex", "^red"), False),
    ("DARK RED", text("regex", "red", ignore_case=True), True),
    ("dark red", text("nregex", "^red"), True),
    ("dark red", text("nregex", "red"), False),
    # Unset: nothing but not-set, whatever the sense of the operator.
    (UNSET, text("not-equals", "red"), False),
    (UNSET, text("not-contains", "red"), False),
    (UNSET, text("not-in", ["red"]), False),
    (UNSET, text("nregex", "red"), False),
    (UNSET, truth(False), False),
    (UNSET, number("less-than", 5), False),
    (UNSET, items("not-contains", "red"), False),
    (UNSET, items("length-equals", 0), False),
    (UNSET, LAST_WEEK, False),
    (UNSET, IS_SET, False),
    (UNSET, NOT_SET, True),
    (UNSET, text("equals", "red", include_unset=True), True),
    (UNSET, number("equals", 5, include_unset=True), True),
    (UNSET, truth(False, include_unset=True), True),
    (UNSET, items("contains", "red", include_unset=True), True),
    (UNSET, LAST_WEEK | {"include_unset": True}, True),
    ("blue", text("equals", "red", include_unset=True), False),
    # Set, though empty.
    ("", IS_SET, True),
    ([], IS_SET, True),
    ({}, IS_SET, True),
    (0, IS_SET, True),
    (False, IS_SET, True),
    ("", NOT_SET, False),
    ("", text("not-equals", "red"), True),
    # Numbers; text and booleans are none.
    (5, number("equals", 5), True),
    (5.0, number("equals", 5), True),
    (5, number("not-equals", 5.0), False),
    (6, number("not-equals", 5), True),
    (5, number("greater-than", 5), False),
    (5, number("greater-than-or-equal", 5), True),
    (5, number("less-than", 5), False),
    (4.9, number("less-than", 5), True),
    (5, number("less-than-or-equal", 5), True),
    (5, range_(5, 7), True),
    (7, range_(5, 7), True),
    (7.01, range_(5, 7), False),
    ("5", number("equals", 5), False),
    ("5", number("not-equals", 6), False),
    ("5", text("equals", "5"), True),
    (5, text("equals", "5"), False),
    (5, text("not-equals", "5"), False),
    (True, number("equals", 1), False),
    (True, number("not-equals", 0), False),
    # Booleans.
    (True, truth(True), True),
    (False, truth(False), True),
    (True, truth(False), False),
    ("true", truth(True), False),
    (1, truth(True), False),
    # Lists.
    (["red", "blue"], items("contains", "red"), True),
    (["dark red"], items("contains", "red"), False),
    (["Red"], items("contains", "red"), False),
    ([5], items("contains", 5), True),
    ([5.0], items("contains", 5), True),
    (["5"], items("contains", 5), False),
    ([True], items("contains", 1), False),
    (["red"], items("not-contains", "red"), False),
    ([], items("not-contains", "red"), True),
    (["red", "blue"], items("contains-any", ["green", "blue"]), True),
    (["red"], items("contains-any", ["green", "blue"]), False),
    (["red", "blue", "x"], items("contains-all", ["red", "blue"]), True),
    (["red"], items("contains-all", ["red", "blue"]), False),
    (["red"], items("not-contains-any", ["green"]), True),
    (["red"], items("not-contains-any", ["green", "red"]), False),
    (["red"], items("not-contains-all", ["green", "red"]), True),
    (["red", "green"], items("not-contains-all", ["green", "red"]), False),
    (["dark red", 5], items("contains-substring", "red"), True),
    (["dark red", 5], items("contains-substring", "5"), False),
    (["dark red"], items("not-contains-substring", "blue"), True),
    ([], items("length-equals", 0), True),
    (["a", "a"], items("length-equals", 2), True),
    (["a"], items("length-greater-than", 1), False),
    (["a"], items("length-greater-than-or-equal", 1), True),
    (["a"], items("length-less-than", 1), False),
    (["a"], items("length-less-than-or-equal", 1), True),
    ("red", items("contains", "red"), False),
    ("red", items("not-contains", "blue"), False),
    ("red", items("length-equals", 3), False),
    # Text operators on lists: contains means an equal item, the rest do not match.
    (["red"], text("contains", "red"), True),
    (["dark red"], text("contains", "red"), False),
    (["Red"], text("contains", "red", ignore_case=True), True),
    (["dark red"], text("not-contains", "red"), True),
    (["red"], text("not-contains", "red"), False),
    (["red"], text("equals", "red"), False),
    (["red"], text("not-equals", "blue"), False),
    (["red"], text("in", ["red"]), False),
    (["red"], text("not-in", ["blue"]), False),
    (["red"], text("nregex", "blue"), False),
    # Objects match nothing but existence.
    ({"red": 1}, text("contains", "red"), False),
    ({"red": 1}, items("contains", "red"), False),
    ({"red": 1}, text("not-equals", "red"), False),
    # Dates in text; a number is never a date.
    ("2026-03-09", LAST_WEEK, True),
    ("2026-03-09 14:00:00", LAST_WEEK, True),
    ("2026-03-09T14:00:00+01:00", LAST_WEEK, True),
    ("2026-03-10T09:00+01:00", LAST_WEEK, True),
    ("2026-03-10T09:01+01:00", LAST_WEEK, False),
    ("9 March 2026", LAST_WEEK, False),
    (1773014400, LAST_WEEK, False),
    (["2026-03-09"], LAST_WEEK, False),
    ("2026-03-09", text("contains", "03-09"), True),
    # Phone numbers by the country they belong to.
    ("+46701740605", text("phone-country-code-in", ["SE", "NO"]), True),
    ("+46701740605", text("phone-country-code-in", ["se"]), True),
    ("+15062345678", text("phone-country-code-in", ["US"]), False),
    ("+15062345678", text("phone-country-code-in", ["CA"]), True),
    ("+46701740605", text("phone-country-code-not-in", ["US"]), True),
    ("+46701740605", text("phone-country-code-not-in", ["SE"]), False),
    (UNSET, text("phone-country-code-not-in", ["SE"]), False),
    ("red", text("phone-country-code-not-in", ["SE"]), False),
]


@pytest.mark.parametrize(("value", "filter_", "expected"), ROWS)
def test_filter(value: Any, filter_: dict[str, Any], expected: bool) -> None:
    assert passes(value, filter_, AT, ZoneInfo("UTC")) is expected


def test_a_date_without_a_zone_is_in_the_accounts() -> None:
    # Midnight in Kathmandu is 18:15 the day before in UTC; today there began 2026-03-09T18:15Z.
    today = date("between", start=0, end=0, unit="day")
    assert passes("2026-03-10", today, AT, ZoneInfo("Asia/Kathmandu"))
    assert not passes("2026-03-09T18:00Z", today, AT, ZoneInfo("Asia/Kathmandu"))


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(ValueError, match="colour"):
        passes("red", {"type": "colour", "operator": "equals"}, AT, ZoneInfo("UTC"))
