"""The values with which a condition begins after a choice, so that it counts at once.

Only gaps are filled, and only where people would have to think of a number or a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from profiles.columns.column import Column, Floats, ValueKind
from profiles.columns.gather import everyone
from profiles.columns.population import Population, UnknownKey
from segmenter.accounts.models import Account
from segments.builder.day_presets import last_month
from segments.builder.kinds.base import BuilderKind, builder_kind_of
from segments.builder.quartiles import Quartiles, Range
from segments.definition.fields import FilterOf, Many, MetricKey, Nested, PropertyName, Structure
from segments.definition.operators import filters
from segments.definition.paths import parse_path
from segments.definition.tree import kinds
from segments.definition.windows import Moment

Partial = dict[str, Any]

MANY_VALUES = 30
"""Texts of so many different values are looked for by a part of them."""
_MONTH: Partial = {"quantity": 30, "unit": "day"}
_WEEK: Partial = {"quantity": 7, "unit": "day"}
_DAYS: Mapping[str, Partial] = {
    "in-the-last": _MONTH,
    "at-least": _MONTH,
    "in-the-next": _MONTH,
    "anniversary-last": _WEEK,
    "anniversary-next": _WEEK,
    "between": {"start": 30, "end": 60, "unit": "day"},
}
"""Operator of a moving window to what it begins with."""


def with_first_values(
    partial: Partial, account: Account, at: datetime, *, begins: bool = False
) -> Partial:
    """A condition with the gaps of its filters filled as at a moment in the account's zone.

    `begins`: its property may be a new one, whose operator nobody has chosen yet.
    """
    kind = partial.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        return partial
    today = Moment(at, account.zone).today
    filling = _Filling(account, today, builder_kind_of(kind), partial, begins)
    return {"type": kind, **filling.structure(kinds[kind], partial, "", "")}


def first_difference(before: Any, after: Any, pointer: str = "") -> str:
    """The pointer of the first text or number that `after` has and `before` lacks; else empty."""
    if isinstance(after, Mapping):
        inner: Iterator[tuple[Any, Any, str]] = (
            (before.get(name) if isinstance(before, Mapping) else None, each, name)
            for name, each in after.items()
        )
    elif isinstance(after, list):
        old = before if isinstance(before, list) else []
        inner = ((old[i] if i < len(old) else None, each, str(i)) for i, each in enumerate(after))
    else:
        return pointer if before is None and after is not None else ""
    pointers = (first_difference(old, new, f"{pointer}/{step}") for old, new, step in inner)
    return next(filter(None, pointers), "")


def first_number(condition: Mapping[str, Any], pointer: str) -> str:
    """The pointer of the number that people are likeliest to change; empty if there is none.

    "At least once" and "zero times" are phrases, not numbers.
    """
    is_count = condition.get("measurement") == "count"
    for name, part in (
        ("measurement_filter", "value"),
        ("filter", "value"),
        ("timeframe_filter", "quantity"),
        ("filter", "quantity"),
    ):
        test = condition.get(name)
        number = test.get(part) if isinstance(test, Mapping) else None
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if is_number and not (is_count and part == "value" and number in (0, 1)):
            return f"{pointer}/{name}/{part}"
    return ""


@dataclass(frozen=True)
class _Filling:
    account: Account
    today: date
    kind: BuilderKind
    condition: Mapping[str, Any]
    begins: bool

    def structure(
        self, cls: type[Structure], holder: Mapping[str, Any], pointer: str, metric: str
    ) -> Partial:
        done = {name: value for name, value in holder.items() if name != "type"}
        keys = (holder.get(f.name) for f in cls.declared() if isinstance(f.type, MetricKey))
        metric = str(next(filter(None, keys), metric))
        subject = _Subject("", "", metric)
        for field in cls.declared():
            if isinstance(field.type, PropertyName) and not field.optional:
                subject = _Subject(field.type.of, str(holder.get(field.name) or ""), metric)
        for field in cls.declared():
            value, at = holder.get(field.name), f"{pointer}/{field.name}"
            match field.type:
                case FilterOf() if isinstance(value, Mapping):
                    done[field.name] = self._filter(value, at, subject)
                case Nested(structure) if isinstance(value, Mapping):
                    done[field.name] = self.structure(structure, value, at, metric)
                case Many(Nested(structure)) if isinstance(value, list):
                    done[field.name] = [
                        self.structure(structure, item, f"{at}/{i}", metric)
                        if isinstance(item, Mapping)
                        else item
                        for i, item in enumerate(value)
                    ]
        return done

    def _filter(self, value: Mapping[str, Any], pointer: str, subject: _Subject) -> Partial:
        type_, operator = str(value.get("type")), str(value.get("operator"))
        cls = filters.get((type_, operator))
        if cls is None or not _lacks(cls, value):
            return dict(value)
        match type_:
            case "date":
                return {**self._days(operator), **value}
            case "numeric":
                numbers = self._numbers(pointer, subject)
                return {**_of_range(operator, numbers), **value} if numbers else dict(value)
            case "list" if operator.startswith("length-"):
                return {"value": 1, **value}
            case "string" if (
                self.begins and operator == "equals" and self._has_many_values(subject)
            ):
                return {**value, "operator": "contains"}
        return dict(value)

    def _days(self, operator: str) -> Partial:
        match operator:
            case "between-static":
                return dict(zip(("start", "end"), last_month(self.today).texts, strict=True))
            case "before" | "after":
                return {"date": self.today.replace(day=1).isoformat()}
            case "calendar-month":
                return {"value": self.today.month}
        return dict(_DAYS.get(operator, {}))

    def _numbers(self, pointer: str, subject: _Subject) -> Range | None:
        quartiles = Quartiles(self.account)
        if subject.of:
            return quartiles.of(subject.numbers) if subject.name else None
        return self.kind.typical_numbers(self.condition, pointer, quartiles)

    def _has_many_values(self, subject: _Subject) -> bool:
        if not subject.name:
            return False
        try:
            parts = everyone(self.account).parts
            columns = [column for part in parts if (column := subject.column(part)) is not None]
        except UnknownKey:
            return False
        return any(np.count_nonzero(c.values.of(ValueKind.TEXT)) > MANY_VALUES for c in columns)


@dataclass(frozen=True)
class _Subject:
    """The property that a filter tests: of people, or of the events of a metric."""

    of: str
    name: str
    metric: str

    def column(self, people: Population) -> Column | None:
        """The property, of each person or each event. Raises UnknownKey for a metric."""
        if self.of == "event":
            return people.events(self.metric).column(self.name)
        path = parse_path(self.name)
        return path.column(people) if path else None

    def numbers(self, people: Population) -> Floats:
        """float[n]: a number for each person, NaN where there is none; of events, the average."""
        if self.of == "event":
            return people.events(self.metric).average(self.name)
        column = self.column(people)
        return np.full(len(people), np.nan) if column is None else column.number_per_row()


def _lacks(cls: type[Structure], value: Mapping[str, Any]) -> bool:
    return any(not field.optional and field.name not in value for field in cls.declared())


def _of_range(operator: str, numbers: Range) -> Partial:
    low, high = numbers
    return {"start": low, "end": high} if operator == "between" else {"value": low}
