"""profile-location-distance: who lives near (or far from) a point on the map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools, Floats
from profiles.columns.population import Population
from profiles.facts import FactKey
from segments.definition import words
from segments.definition.distances import UNITS, distance_evidence, distance_text, distances, within
from segments.definition.evidence import Evidence
from segments.definition.fields import Choice, FilterOf, Number, Text, declare
from segments.definition.operators import NUMBERS, NumberTest
from segments.definition.tree import Condition, Names, kind


@kind
@dataclass(frozen=True)
class ProfileLocationDistance(Condition):
    type: ClassVar[str] = "profile-location-distance"
    title: ClassVar[str] = _("How far someone lives from a place")
    icon: ClassVar[str] = "place"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "latitude": 42.36,
            "longitude": -71.06,
            "label": "Boston",
            "unit": "kilometers",
            "filter": {"type": "numeric", "operator": "less-than", "value": 48},
        },
    )

    latitude: float = declare(Number(least=-90, most=90), _("Latitude"))
    longitude: float = declare(Number(least=-180, most=180), _("Longitude"))
    label: str | Any = declare(Text(most=200), _("Place"), optional=True, nullable=True)
    unit: str = declare(Choice(UNITS), _("Unit"))
    filter: NumberTest = declare(FilterOf(NUMBERS), _("Distance"))

    def mask(self, people: Population, at: datetime) -> Bools:
        return within(people, self.latitude, self.longitude, self.unit, self.filter)

    def _away(self, people: Population) -> Floats:
        return distances(people, self.latitude, self.longitude, self.unit)

    def left_out(self, people: Population, at: datetime) -> Bools | None:
        return np.isnan(people.coordinates()[0])

    def reads(self) -> frozenset[FactKey]:
        return frozenset({facts.PLACE})

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        place = str(self.label) if self.label else f"{self.latitude} / {self.longitude}"
        return distance_evidence(self._away(one), place, self.unit, self.filter)

    def sentence(self, names: Names) -> str:
        distance = self.filter.amount(distance_text(self.unit))
        point = {
            "latitude": words.number(self.latitude),
            "longitude": words.number(self.longitude),
        }
        if self.label:
            coordinates = "{latitude} / {longitude}".format(**point)
            place = words.with_notes(words.as_name(str(self.label)), [coordinates])
            values = {"distance": distance, "place": place}
            return gettext("who live %(distance)s from %(place)s") % values
        values = point | {"distance": distance}
        return gettext("who live %(distance)s from the point %(latitude)s / %(longitude)s") % values
