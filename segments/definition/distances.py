"""How far people live from a point; what the two distance kinds share."""

from __future__ import annotations

import numpy as np
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Floats
from profiles.columns.population import Population
from segments.definition import words
from segments.definition.evidence import Evidence, Known, MustSet
from segments.definition.operators import NumberTest
from segments.definition.words import Say

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""
UNITS = (("kilometers", _("km")), ("miles", _("miles")))
KM = {"kilometers": 1.0, "miles": 1.609344}

_SAID: dict[str, Say] = {
    "kilometers": lambda distance: words.counted(
        distance,
        lambda n: ngettext("%(number)s km", "%(number)s km", n),
        pgettext("fraction", "%(number)s km"),
    ),
    "miles": lambda distance: words.counted(
        distance,
        lambda n: ngettext("%(number)s mile", "%(number)s miles", n),
        pgettext("fraction", "%(number)s miles"),
    ),
}


def distance_text(unit: str) -> Say:
    """How a distance in a unit is said: "48 km"."""
    return _SAID[unit]


def distances(people: Population, latitude: float, longitude: float, unit: str) -> Floats:
    """float64[n]: great-circle distance of each person from a point; NaN where unknown.

    The haversine formula on a sphere (R. W. Sinnott, Sky and Telescope 68, 1984).
    """
    latitudes, longitudes = (np.radians(degrees) for degrees in people.coordinates())
    here, there = np.radians(latitude), np.radians(longitude)
    half = (
        np.sin((latitudes - here) / 2) ** 2
        + np.cos(latitudes) * np.cos(here) * np.sin((longitudes - there) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM / KM[unit] * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


def evidence_of(away: Floats, place: str, unit: str, test: NumberTest) -> Evidence:
    """What decided about one person whose distance from a place is away[0]."""
    name = gettext("distance from %(place)s") % {"place": place}
    distance, met = float(away[0]), bool(test.holds(away)[0])
    asked = gettext("must be %(distance)s") % {"distance": test.amount(distance_text(unit))}
    if np.isnan(distance):
        return Evidence((Known(name, None, asked, met),), (MustSet(gettext("place")),))
    said = distance_text(unit)(round(distance, 1))
    return Evidence((Known(name, distance, asked, met, said),))
