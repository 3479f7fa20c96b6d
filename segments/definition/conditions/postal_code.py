"""profile-postal-code-distance: who lives near (or far from) a postcode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts, places
from profiles.columns.column import Bools, Floats
from profiles.columns.population import Population
from profiles.facts import FactKey
from segmenter.kernel.errors import Problem
from segments.definition import words
from segments.definition.distances import UNITS, distance_evidence, distance_text, distances, within
from segments.definition.evidence import Evidence
from segments.definition.fields import Choice, FilterOf, Text, declare
from segments.definition.operators import NumberFilter
from segments.definition.tree import Condition, Names, kind


@kind
@dataclass(frozen=True)
class ProfilePostalCodeDistance(Condition):
    type: ClassVar[str] = "profile-postal-code-distance"
    title: ClassVar[str] = _("How far someone lives from a postcode")
    icon: ClassVar[str] = "target"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "country_code": "SWE",
            "postal_code": "791 70",
            "unit": "kilometers",
            "filter": {"type": "numeric", "operator": "less-than", "value": 48},
        },
    )

    country_code: str = declare(Text(most=3, least=2), _("Country"))
    postal_code: str = declare(Text(most=20, least=1), _("Postcode"))
    unit: str = declare(Choice(UNITS), _("Unit"))
    filter: NumberFilter = declare(FilterOf((NumberFilter,)), _("Distance"))

    def mask(self, people: Population, at: datetime) -> Bools:
        point = places.postal_code_point(self.country_code, self.postal_code)
        if point is None:
            return people.nobody()
        return within(people, *point, self.unit, self.filter)

    def _away(self, people: Population) -> Floats:
        """float64[n]: how far from the postcode; NaN where either place is unknown."""
        point = places.postal_code_point(self.country_code, self.postal_code)
        if point is None:
            return np.full(len(people), np.nan)
        return distances(people, *point, self.unit)

    def left_out(self, people: Population, at: datetime) -> Bools | None:
        return np.isnan(people.coordinates()[0])

    def reads(self) -> frozenset[FactKey]:
        return frozenset({facts.PLACE})

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        return distance_evidence(self._away(one), self.postal_code, self.unit, self.filter)

    def sentence(self, names: Names) -> str:
        return gettext("who live %(distance)s from the postcode %(postcode)s (%(country)s)") % {
            "distance": self.filter.amount(distance_text(self.unit)),
            "postcode": words.as_name(self.postal_code),
            "country": words.as_name(self.country_code),
        }

    def problems(self) -> Iterator[Problem]:
        if places.country_code(self.country_code) is None:
            template = gettext("There is no country “%(country)s”.")
            message = template % {"country": self.country_code}
            yield Problem("/country_code", "invalid", message)
        elif places.postal_code_point(self.country_code, self.postal_code) is None:
            template = gettext("The postcode “%(postcode)s” of %(country)s is not known.")
            message = template % {"postcode": self.postal_code, "country": self.country_code}
            yield Problem("/postal_code", "unknown", message)
