"""The base of all filters: a test of distinct values, registered under its operators.

An unset property matches nothing, unless the filter includes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, Column, Values
from segments.definition import plain_names, words
from segments.definition.fields import Choice, Flag, Structure, declare
from segments.definition.windows import Edge, Moment

Labels = dict[str, str]


def operator(labels: Labels) -> Any:
    """Declare a filter's operator field."""
    return declare(Choice(tuple(labels.items())), _("Operator"))


@dataclass(frozen=True)
class Filter(Structure):
    """A test of one value."""

    type: ClassVar[str]
    labels: ClassVar[Labels]
    """Operator to its label in the builder."""
    phrases: ClassVar[Labels]
    """Operator to its words in a sentence, after the name of the property."""
    layout: ClassVar[str] = "fields"
    """How a form lays out what belongs to the operator."""
    operator: str = declare(Choice(()), "")
    include_unset: Literal[True] | Any = declare(
        Flag(only=True), _("Include people without it"), optional=True
    )

    def matches(self, values: Values, moment: Moment) -> Bools:
        """bool[k]: which of the distinct values match."""
        raise NotImplementedError

    def test(self, column: Column, moment: Moment) -> Bools:
        """bool[n]: which rows match; an unset row does if the filter includes it."""
        matches = column.spread(self.matches(column.values, moment))
        return matches | ~column.is_set if self.include_unset else matches

    def edges(self, since: Moment, until: Moment) -> Iterator[Edge]:
        """Edges that may have changed answers between two moments by the passing of time alone."""
        return iter(())

    def including_unset(self) -> Filter:
        """The same filter, which also matches unset values."""
        return replace(self, include_unset=True)

    @property
    def asks_for_unset(self) -> bool:
        """Whether the filter covers unset values itself, so that nobody is left out for one."""
        return bool(self.include_unset)

    def phrase(self) -> str:
        """The test in the active language: "contains “spring” (or is not set)"."""
        text = gettext(self.template()) % self.literals()
        return words.with_notes(text, self.notes())

    def template(self) -> str:
        """The message of the phrase, with placeholders."""
        return self.phrases[self.operator]

    def literals(self) -> dict[str, str]:
        """The values of the placeholders."""
        return {}

    def notes(self) -> list[str]:
        """Remarks that the phrase adds in brackets."""
        return [gettext("or is not set")] if self.include_unset else []


filters: dict[tuple[str, str], type[Filter]] = {}
"""(type, operator) to its filter class."""

F = TypeVar("F", bound=type[Filter])


def filter_class(cls: F) -> F:
    """Register a filter class under each of its operators."""
    for table in ("phrases", "spans", "amounts"):
        plain_names.add_continuations(first=getattr(cls, table, {}).values())
    for name in cls.labels:
        if (cls.type, name) in filters:
            raise ValueError(f"{cls.type} {name} is registered twice")
        filters[cls.type, name] = cls
    return cls
