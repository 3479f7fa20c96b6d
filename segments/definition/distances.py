"""How far people live from a point: shared by the two distance kinds."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_noop as _

from profiles.columns.column import Bools, Floats
from profiles.columns.population import Population
from profiles.columns.unit_vectors import ERROR, cosines, directions
from segments.definition import words
from segments.definition.evidence import Evidence, KnownValue
from segments.definition.needs import MustSet
from segments.definition.operators import NumberTest
from segments.definition.words import Say

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""
_BLOCK = 1 << 16
UNITS = (("kilometers", _("km")), ("miles", _("miles")))
KM = {"kilometers": 1.0, "miles": 1.609344}

_DISTANCE_TEXTS: dict[str, Say] = {
    "kilometers": lambda distance: words.quantity(
        distance,
        lambda n: ngettext("%(number)s km", "%(number)s km", n),
        pgettext("fraction", "%(number)s km"),
    ),
    "miles": lambda distance: words.quantity(
        distance,
        lambda n: ngettext("%(number)s mile", "%(number)s miles", n),
        pgettext("fraction", "%(number)s miles"),
    ),
}


def distance_text(unit: str) -> Say:
    """Formats a distance in a unit: "48 km"."""
    return _DISTANCE_TEXTS[unit]


def distances(people: Population, latitude: float, longitude: float, unit: str) -> Floats:
    """float64[n]: great-circle distance of each person from a point; NaN where unknown.

    The haversine formula on a sphere (R. W. Sinnott, Sky and Telescope 68, 1984).
    """
    return _great_circle(*people.coordinates(), (latitude, longitude), unit)


def within(
    people: Population, latitude: float, longitude: float, unit: str, test: NumberTest
) -> Bools:
    """bool[n]: whose distance from a point passes a test; an unknown distance does not.

    Between two neighbouring bounds of the test, all distances pass or none does. So the cosine of
    the angle decides, and the exact distance is computed only for people closer to a bound than
    the error of the cosine.
    """
    latitudes, longitudes = people.coordinates()
    towards = people.directions()
    point = directions(np.array([latitude]), np.array([longitude]))
    beyond, borders = _borders(test, unit)
    matches = np.empty(len(people), dtype=np.bool_)
    for start in range(0, len(matches), _BLOCK):
        block = slice(start, start + _BLOCK)
        cosine = cosines(towards[:, block], point)
        some = cosine == cosine if beyond else np.zeros(len(cosine), dtype=np.bool_)
        unsure = np.zeros(len(cosine), dtype=np.bool_)
        for border in borders:
            nearer = cosine >= border.cosine
            some = some | nearer if border.passes else some & ~nearer
            unsure |= np.abs(cosine - np.float32(border.cosine)) <= ERROR
        matches[block] = some
        rows = np.flatnonzero(unsure) + start
        if len(rows):
            away = _great_circle(latitudes[rows], longitudes[rows], (latitude, longitude), unit)
            matches[rows] = test.holds(away)
    return matches


class _Border(NamedTuple):
    """A bound of the test as the cosine of its angle, and whether nearer distances pass."""

    cosine: float
    passes: bool


def _borders(test: NumberTest, unit: str) -> tuple[bool, list[_Border]]:
    """Whether distances beyond all borders pass; and the borders, farthest first."""
    away = sorted({bound for bound in test.bounds if bound >= 0}, reverse=True)
    between = [(far + near) / 2 for far, near in pairwise([*away, 0.0])]
    beyond, *passes = test.holds(np.array([max(away, default=0.0) + 1, *between])).tolist()
    angles = np.minimum(np.array(away) * (KM[unit] / EARTH_RADIUS_KM), np.pi)
    return beyond, [_Border(*pair) for pair in zip(np.cos(angles).tolist(), passes, strict=True)]


def _great_circle(
    latitudes: Floats, longitudes: Floats, point: tuple[float, float], unit: str
) -> Floats:
    here, there = np.radians(point)
    latitudes, longitudes = np.radians(latitudes), np.radians(longitudes)
    half = (
        np.sin((latitudes - here) / 2) ** 2
        + np.cos(latitudes) * np.cos(here) * np.sin((longitudes - there) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM / KM[unit] * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


def distance_evidence(away: Floats, place: str, unit: str, test: NumberTest) -> Evidence:
    """The evidence about one person whose distance from a place is away[0]."""
    name = gettext("distance from %(place)s") % {"place": place}
    distance, met = float(away[0]), bool(test.holds(away)[0])
    condition = gettext("must be %(distance)s") % {"distance": test.amount(distance_text(unit))}
    if np.isnan(distance):
        return Evidence((KnownValue(name, None, condition, met),), (MustSet(gettext("place")),))
    text = distance_text(unit)(round(distance, 1))
    return Evidence((KnownValue(name, distance, condition, met, text),))
