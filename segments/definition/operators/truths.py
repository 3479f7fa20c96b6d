"""Filters of booleans, and of whether a property is set at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, Column, Kind, Values
from segments.definition.fields import Flag, declare
from segments.definition.operators.base import Filter, Labels, filter_class, operator
from segments.definition.windows import Moment


@filter_class
@dataclass(frozen=True)
class BooleanFilter(Filter):
    type: ClassVar[str] = "boolean"
    labels: ClassVar[Labels] = {"equals": _("is")}
    operator: str = operator(labels)
    value: bool = declare(Flag(), _("Value"))

    def matches(self, values: Values, moment: Moment) -> Bools:
        return values.of(Kind.BOOLEAN) & (values.truths == self.value)


@filter_class
@dataclass(frozen=True)
class Existence(Filter):
    type: ClassVar[str] = "existence"
    labels: ClassVar[Labels] = {"is-set": _("is set"), "not-set": _("is not set")}
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
