"""profile-location-distance in the builder: a place is chosen by its name, not by coordinates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from profiles import places
from segments.builder.kinds.base import BuilderKind, builder_kind
from segments.builder.offers import AMOUNTS, Offer
from segments.builder.quartiles import Quartiles, Range
from segments.builder.suggestions import Suggestion, sources
from segments.engine.vocabulary import Catalog

NEAR = {"type": "numeric", "operator": "less-than", "value": 50}
"""The distance that a new condition begins with."""
_PLACE = "place"


@builder_kind("profile-location-distance")
class LocationKind(BuilderKind):
    start: ClassVar[Mapping[str, Any]] = {"filter": NEAR}

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        label, point = partial.get("label"), (partial.get("latitude"), partial.get("longitude"))
        words = str(label or "")
        if not words and None not in point:
            words = f"{point[0]}, {point[1]}"
        return Offer(
            words={"/filter": AMOUNTS},
            picks={"/label": (_PLACE, words)},
            stands_for={"/latitude": "/label", "/longitude": "/label"},
        )

    def typical_numbers(
        self, partial: Mapping[str, Any], pointer: str, quartiles: Quartiles
    ) -> Range | None:
        return 50, 100


@sources.register(_PLACE)
def _places(catalog: Catalog, about: Mapping[str, str], words: str) -> Iterator[Suggestion]:
    for place in places.search(words, limit=10):
        country = places.country_name(place.country) or place.country
        where = ", ".join(part for part in (place.region, country) if part)
        point = {
            "label": f"{place.name}, {country}",
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
        yield Suggestion(place.name, json.dumps(point), where, icon="place")
