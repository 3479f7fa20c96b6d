"""How far people live from a point; what the two distance kinds share."""

from __future__ import annotations

import numpy as np
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, Floats
from profiles.columns.population import Population
from segments.definition import words
from segments.definition.evidence import Evidence, Known, MustSet
from segments.definition.operators import NumberTest
from segments.definition.words import Say

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""
_MARGIN = 1e-6
"""Radians: more than what rounding can move a distance by."""
_BLOCK = 1 << 15
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
    return _apart(*people.coordinates(), (latitude, longitude), unit)


def within(
    people: Population, latitude: float, longitude: float, unit: str, test: NumberTest
) -> Bools:
    """bool[n]: whose distance from a point passes a test; where unknown, it does not.

    Distances are worked out only of those who may live within the last number that the test
    compares with: beyond it, everyone passes or nobody.
    """
    latitudes, longitudes = people.coordinates()
    point = latitude, longitude
    near = _around(latitudes, longitudes, point, test.last * KM[unit] / EARTH_RADIUS_KM)
    rows = np.flatnonzero(near)
    if test.holds(np.array([np.inf]))[0]:
        found = ~(np.isnan(latitudes) | np.isnan(longitudes))
    else:
        found = people.nobody()
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        found[some] = test.holds(_apart(latitudes[some], longitudes[some], point, unit))
    return found


def _around(
    latitudes: Floats, longitudes: Floats, point: tuple[float, float], reach: float
) -> Bools:
    """bool[n]: who is inside a frame of degrees that holds everyone within `reach` radians."""
    reach = max(reach, 0.0) + _MARGIN
    here = np.radians(point[0])
    near = _between(latitudes, point[0], float(np.degrees(reach)))
    if abs(here) + reach < np.pi / 2:
        # sin²(reach / 2) is at least cos(latitude) cos(here) sin²(difference / 2).
        narrowest = np.cos(abs(here) + reach) * np.cos(here)
        ratio = np.sin(reach / 2) / np.sqrt(narrowest)
        if ratio < 1:
            width = float(np.degrees(2 * np.arcsin(ratio) + _MARGIN))
            inside = _between(longitudes, point[1], width)
            for turned in (point[1] - 360, point[1] + 360):
                if abs(turned) <= 180 + width:
                    inside |= _between(longitudes, turned, width)
            near &= inside
    return near


def _between(degrees: Floats, middle: float, width: float) -> Bools:
    inside = degrees >= middle - width
    inside &= degrees <= middle + width
    return inside


def _apart(latitudes: Floats, longitudes: Floats, point: tuple[float, float], unit: str) -> Floats:
    here, there = np.radians(point)
    latitudes, longitudes = np.radians(latitudes), np.radians(longitudes)
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
