"""profile-location-distance: who lives near (or far from) a point on the map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.population import Population
from segments.definition.distances import UNITS, distances
from segments.definition.fields import Choice, FilterOf, Number, Text, declare
from segments.definition.operators import NUMBERS, NumberTest
from segments.definition.tree import Condition, kind


@kind
@dataclass(frozen=True)
class ProfileLocationDistance(Condition):
    type: ClassVar[str] = "profile-location-distance"
    title: ClassVar[str] = _("How far someone lives from a place")

    latitude: float = declare(Number(least=-90, most=90), _("Latitude"))
    longitude: float = declare(Number(least=-180, most=180), _("Longitude"))
    label: str | Any = declare(Text(most=200), _("Place"), optional=True, nullable=True)
    unit: str = declare(Choice(UNITS), _("Unit"))
    filter: NumberTest = declare(FilterOf(NUMBERS), _("Distance"))

    def mask(self, people: Population, at: datetime) -> Bools:
        return self.filter.holds(distances(people, self.latitude, self.longitude, self.unit))

    def left_out(self, people: Population, at: datetime) -> Bools | None:
        return np.isnan(people.coordinates()[0])

    def reads(self) -> frozenset[str]:
        return frozenset({facts.PLACE})
