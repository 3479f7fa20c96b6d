"""Drawing filters, every type and operator of the grammar, from the pools the facts come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from . import pools
from .dice import Dice
from .draw_facts import date_text
from .windows import read_date
from .world import Json

STRING_OPERATORS = [
    "contains",
    "ends-with",
    "equals",
    "not-contains",
    "not-ends-with",
    "not-equals",
    "not-starts-with",
    "starts-with",
    "regex",
    "nregex",
    "in",
    "not-in",
]
PHONE_OPERATORS = ["phone-country-code-in", "phone-country-code-not-in"]
NUMERIC_OPERATORS = [
    "equals",
    "not-equals",
    "greater-than",
    "greater-than-or-equal",
    "less-than",
    "less-than-or-equal",
]
LENGTH_OPERATORS = [
    f"length-{operator}" for operator in NUMERIC_OPERATORS if operator != "not-equals"
]
LIST_OPERATORS = [
    "contains",
    "not-contains",
    "contains-any",
    "contains-all",
    "not-contains-any",
    "not-contains-all",
    "contains-substring",
    "not-contains-substring",
    *LENGTH_OPERATORS,
]
RANGE_OPERATORS = ["in-the-last", "at-least", "between", "in-the-next", "between-static"]
DATE5_OPERATORS = [*RANGE_OPERATORS, "before", "after", "anniversary-last", "anniversary-next"]
GROUP_OPERATORS = [*RANGE_OPERATORS, "before", "after"]
DATE7_OPERATORS = [*DATE5_OPERATORS, "anniversary", "anniversary-month", "calendar-month"]
EXISTENCE_OPERATORS = ["is-set", "not-set"]


def string(dice: Dice) -> Json:
    """Choose a text filter."""
    operator = dice.one(STRING_OPERATORS)
    if operator in ("regex", "nregex"):
        literal: Any = dice.one(pools.PATTERNS)
    elif operator in ("in", "not-in"):
        literal = dice.some(pools.TEXTS, 1, 3)
    elif operator in ("equals", "not-equals"):
        literal = dice.one(pools.TEXTS)
    else:
        literal = dice.one(pools.NEEDLES)
    filter_: Json = {"type": "string", "operator": operator, "value": literal}
    return filter_ | {"ignore_case": True} if dice.chance(4) else filter_


def phone(dice: Dice) -> Json:
    """Choose a filter on the country of a phone number."""
    codes = dice.some(pools.PHONE_COUNTRIES, 1, 3)
    return {"type": "string", "operator": dice.one(PHONE_OPERATORS), "value": codes}


def equality(dice: Dice, choices: Sequence[str]) -> Json:
    """Choose equals or not-equals one of the texts."""
    operator = dice.one(["equals", "not-equals"])
    return {"type": "string", "operator": operator, "value": dice.one(choices)}


def number(dice: Dice, choices: Sequence[float] = pools.NUMBERS, ranges: bool = True) -> Json:
    """Choose a numeric filter."""
    if ranges and dice.chance(6):
        start, end = sorted([dice.one(choices), dice.one(choices)])
        return {"type": "numeric", "operator": "between", "start": start, "end": end}
    operator = dice.one(NUMERIC_OPERATORS)
    return {"type": "numeric", "operator": operator, "value": dice.one(choices)}


def boolean(dice: Dice) -> Json:
    """Choose a true-or-false filter."""
    return {"type": "boolean", "operator": "equals", "value": not dice.chance(2)}


def existence(dice: Dice) -> Json:
    """Choose is-set or not-set."""
    return {"type": "existence", "operator": dice.one(EXISTENCE_OPERATORS)}


def list_(dice: Dice) -> Json:
    """Choose a list filter."""
    operator = dice.one(LIST_OPERATORS)
    if operator in LENGTH_OPERATORS:
        literal: Any = dice.one(pools.LENGTHS)
    elif operator.endswith("substring"):
        literal = dice.one(pools.NEEDLES)
    elif operator.endswith(("any", "all")):
        literal = dice.some(["red", "blue", "Red", "5", "dark red"], 1, 3)
    else:
        literal = dice.one(["red", "blue", "", "5", 5, 1, "Red"])
    return {"type": "list", "operator": operator, "value": literal}


def date(
    dice: Dice, at: datetime, zone: str, operators: Sequence[str] = tuple(DATE7_OPERATORS)
) -> Json:
    """Choose a date filter with one of the operators."""
    operator = dice.one(operators)
    filter_: Json = {"type": "date", "operator": operator}
    if operator in ("before", "after"):
        return filter_ | {"date": date_text(dice, at, zone)}
    if operator == "between-static":
        both = [date_text(dice, at, zone), date_text(dice, at, zone)]
        start, end = sorted(both, key=lambda text: _instant(text, zone))
        return filter_ | {"start": start, "end": end}
    if operator == "calendar-month":
        return filter_ | {"value": dice.one([1, 2, 3, 5, 10, 12])}
    if operator in ("anniversary", "anniversary-month"):
        return filter_
    unit = dice.one(pools.UNITS)
    quantity = dice.one(pools.QUANTITIES[unit])
    if operator == "between":
        start_ago, end_ago = sorted([quantity, dice.one([0, *pools.QUANTITIES[unit]])])
        return filter_ | {"start": start_ago, "end": end_ago, "unit": unit}
    return filter_ | {"unit": unit, "quantity": quantity}


def _instant(text: str, zone: str) -> datetime:
    stamp = read_date(text, ZoneInfo(zone))
    if stamp is None:
        raise ValueError(f"drew something that is no date: {text!r}")
    return stamp.instant


def any_filter(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a filter of any type."""
    kind = dice.up_to(6)
    if kind == 0:
        return string(dice)
    if kind == 1:
        return number(dice)
    if kind == 2:
        return boolean(dice)
    if kind == 3:
        return existence(dice)
    if kind == 4:
        return list_(dice)
    if kind == 5:
        return date(dice, at, zone)
    return phone(dice)


def suited(dice: Dice, name: str, at: datetime, zone: str) -> Json:
    """Choose a filter that mostly suits the usual type of a property of that name."""
    if dice.chance(4):
        return with_unset(dice, any_filter(dice, at, zone))
    if name in ("Tags", "Items"):
        filter_ = string(dice) if dice.chance(3) else list_(dice)
    elif name in ("Size", "Price", "$value"):
        filter_ = number(dice)
    elif name in ("Birthday", "Shipped"):
        filter_ = date(dice, at, zone)
    elif name == "VIP":
        filter_ = boolean(dice)
    else:
        filter_ = string(dice)
    return with_unset(dice, filter_)


def with_unset(dice: Dice, filter_: Json) -> Json:
    """Return the filter, one time in five including people without the property."""
    if filter_["type"] != "existence" and dice.chance(5):
        return filter_ | {"include_unset": True}
    return filter_
