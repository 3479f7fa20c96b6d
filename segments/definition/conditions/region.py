"""profile-region: who lives in a group of countries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts, places
from profiles.columns.column import Bools
from profiles.columns.population import Population
from profiles.facts import FactKey
from segments.definition import words
from segments.definition.evidence import Evidence, KnownValue, value_at
from segments.definition.fields import Choice, Flag, declare
from segments.definition.needs import MustSet
from segments.definition.tree import Condition, Names, kind

REGIONS = (
    ("european_union", _("the European Union")),
    ("united_states", _("the United States")),
    ("european_economic_area", _("the European Economic Area")),
    ("united_kingdom", _("the United Kingdom")),
)
_SENTENCES = {
    ("european_union", True): _("who live in the European Union"),
    ("european_union", False): _("who do not live in the European Union"),
    ("united_states", True): _("who live in the United States"),
    ("united_states", False): _("who do not live in the United States"),
    ("european_economic_area", True): _("who live in the European Economic Area"),
    ("european_economic_area", False): _("who do not live in the European Economic Area"),
    ("united_kingdom", True): _("who live in the United Kingdom"),
    ("united_kingdom", False): _("who do not live in the United Kingdom"),
}


@kind
@dataclass(frozen=True)
class ProfileRegion(Condition):
    type: ClassVar[str] = "profile-region"
    title: ClassVar[str] = _("If someone lives in a region of the world (or not)")
    icon: ClassVar[str] = "globe"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {"in_region": True, "region": "european_union"},
    )

    in_region: bool = declare(Flag(), _("Lives in"))
    region: str = declare(Choice(REGIONS), _("Region"), spellings=("region_id",))

    def mask(self, people: Population, at: datetime) -> Bools:
        """A country that is set but unknown lies outside every region."""
        column = people.attribute("country")
        inside = places.REGIONS[self.region]
        matching = np.zeros(len(column.values), dtype=np.bool_)
        for position, text in enumerate(column.values.texts.to_pylist()):
            code = places.country_code(text) if text else None
            matching[position] = (code in inside) == self.in_region
        return column.spread(matching)

    def left_out(self, people: Population, at: datetime) -> Bools | None:
        return ~people.attribute("country").is_set

    def reads(self) -> frozenset[FactKey]:
        return frozenset({facts.attribute("country")})

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        name, country = words.property_label("country", custom=False), one.attribute("country")
        known = KnownValue(name, value_at(country, 0, one.zone), met=bool(self.mask(one, at)[0]))
        return Evidence((known,), () if country.is_set[0] else (MustSet(name),))

    def sentence(self, names: Names) -> str:
        return gettext(_SENTENCES[self.region, self.in_region])
