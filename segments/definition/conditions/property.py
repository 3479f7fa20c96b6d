"""profile-property: the properties of someone."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools
from profiles.columns.population import Population
from profiles.facts import FactKey
from segments.definition import words
from segments.definition.evidence import Evidence, KnownValue, value_at
from segments.definition.fields import FilterOf, PropertyName, declare
from segments.definition.needs import MustPass, MustSet, Need
from segments.definition.operators import ANY, Existence, Filter
from segments.definition.paths import INSTANTS, PropertyPath, parse_path
from segments.definition.tree import Condition, Crossing, Names, kind
from segments.definition.windows import Moment


@kind
@dataclass(frozen=True)
class ProfileProperty(Condition):
    type: ClassVar[str] = "profile-property"
    title: ClassVar[str] = _("Properties about someone")
    icon: ClassVar[str] = "person"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "property": "location['country']",
            "filter": {
                "type": "string",
                "operator": "not-in",
                "value": ["United States", "Canada"],
                "include_unset": True,
            },
        },
        {
            "property": "properties['Favourite colour']",
            "filter": {"type": "string", "operator": "equals", "value": "blue"},
        },
        {
            "property": "properties['Birthday']",
            "filter": {
                "type": "date",
                "operator": "anniversary-next",
                "quantity": 7,
                "unit": "day",
            },
        },
    )

    property: str = declare(PropertyName(of="profile"), _("Property"), spellings=("attribute",))
    filter: Filter = declare(FilterOf(ANY), _("Filter"))

    @builtins.property
    def path(self) -> PropertyPath:
        """The path of the property. Raises ValueError if the name is not a path."""
        path = parse_path(self.property)
        if path is None:
            raise ValueError(f"no profile has {self.property!r}")
        return path

    def mask(self, people: Population, at: datetime) -> Bools:
        return self.filter.test(self.path.column(people), Moment(at, people.zone))

    def left_out(self, people: Population, at: datetime) -> Bools | None:
        if self.filter.asks_for_unset:
            return None
        return ~self.path.column(people).is_set

    def including_unset(self) -> ProfileProperty:
        return replace(self, filter=self.filter.including_unset())

    def reads(self) -> frozenset[FactKey]:
        return frozenset({self.path.fact})

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        for edge in self.filter.edges(since, until):
            yield Crossing(self.path.dates, edge)

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        value = value_at(self.path.column(one), 0, one.zone)
        met, test = bool(self.mask(one, at)[0]), self.filter.phrase()
        return Evidence(
            (KnownValue(self._name, value, test, met),), () if met else self._needs(test)
        )

    def _needs(self, test: str) -> tuple[Need, ...]:
        if not self.path.custom and self.path.name in INSTANTS:
            return ()  # nobody can set these; the effect of time is shown elsewhere
        if isinstance(self.filter, Existence) and self.filter.operator == "is-set":
            return (MustSet(self._name),)
        return (MustPass(self._name, test),)

    @builtins.property
    def _name(self) -> str:
        return words.property_label(self.path.name, custom=self.path.custom)

    def sentence(self, names: Names) -> str:
        return words.whose(self._name, self.filter.phrase())
