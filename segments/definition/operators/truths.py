"""Filters of booleans, and of whether a property is set at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, Column, ValueKind, Values
from segments.definition import words
from segments.definition.fields import Flag, declare
from segments.definition.operators.base import Filter, Labels, filter_class, operator
from segments.definition.windows import Moment


@filter_class
@dataclass(frozen=True)
class BooleanFilter(Filter):
    type: ClassVar[str] = "boolean"
    labels: ClassVar[Labels] = {"equals": _("is")}
    phrases: ClassVar[Labels] = {"equals": _("is %(truth)s")}
    operator: str = operator(labels)
    value: bool = declare(Flag(), _("Value"))

    def matches(self, values: Values, moment: Moment) -> Bools:
        return values.of(ValueKind.BOOLEAN) & (values.truths == self.value)

    def literals(self) -> dict[str, str]:
        return {"truth": words.truth(self.value)}


@filter_class
@dataclass(frozen=True)
class Existence(Filter):
    type: ClassVar[str] = "existence"
    labels: ClassVar[Labels] = {"is-set": _("is set"), "not-set": _("is not set")}
    phrases: ClassVar[Labels] = labels
    operator: str = operator(labels)

    def matches(self, values: Values, moment: Moment) -> Bools:
        return np.full(len(values), self.operator == "is-set")

    def test(self, column: Column, moment: Moment) -> Bools:
        if self.operator == "is-set":
            return super().test(column, moment)
        return ~column.is_set

    @property
    def asks_for_unset(self) -> bool:
        return True

    def notes(self) -> list[str]:
        return super().notes() if self.operator == "is-set" else []
