"""How far people live from a point; what the two distance kinds share."""

from __future__ import annotations

import numpy as np
from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext, pgettext

from profiles.columns.column import Floats
from profiles.columns.population import Population
from segments.definition import words
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
