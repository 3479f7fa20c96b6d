"""Where someone is: regions by country, and distances on the sphere.

The country table covers the regions' countries and the ones the strategies draw; it must not be
taken for a list of all countries.
"""

from __future__ import annotations

import math

from .world import Coordinates, Json, World

EARTH_RADIUS_KM = 6371.0088
MILE_KM = 1.609344

# alpha-2, alpha-3, English names
_COUNTRIES = """
AT AUT Austria|BE BEL Belgium|BG BGR Bulgaria|HR HRV Croatia|CY CYP Cyprus|DK DNK Denmark
CZ CZE Czechia/Czech Republic|EE EST Estonia|FI FIN Finland|FR FRA France|DE DEU Germany
GR GRC Greece|HU HUN Hungary|IE IRL Ireland|IT ITA Italy|LV LVA Latvia|LT LTU Lithuania
LU LUX Luxembourg|MT MLT Malta|NL NLD Netherlands/The Netherlands|PL POL Poland|PT PRT Portugal
RO ROU Romania|SK SVK Slovakia|SI SVN Slovenia|ES ESP Spain|SE SWE Sweden
IS ISL Iceland|LI LIE Liechtenstein|NO NOR Norway|GB GBR United Kingdom|US USA United States
CA CAN Canada|CH CHE Switzerland|AU AUS Australia|BR BRA Brazil|NP NPL Nepal|JP JPN Japan
PR PRI Puerto Rico|UA UKR Ukraine|TR TUR Turkey
"""
_EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    ]
)
REGIONS = {
    "european_union": _EU,
    "european_economic_area": _EU | {"IS", "LI", "NO"},
    "united_kingdom": frozenset({"GB"}),
    "united_states": frozenset({"US"}),
}
_ALPHA2: dict[str, str] = {}
_ALPHA3: dict[str, str] = {}
for _entry in _COUNTRIES.replace("\n", "|").strip("|").split("|"):
    _two, _three, _names = _entry.split(" ", 2)
    _ALPHA3[_two] = _three
    for _known in (_two, _three, *_names.split("/")):
        _ALPHA2[_known.upper()] = _two


def alpha2(country: str) -> str | None:
    """Return the ISO alpha-2 code of a country's English name or ISO code, or None."""
    return _ALPHA2.get(country.strip().upper())


def is_within(condition: Json, world: World, person: int, centre: Coordinates) -> bool:
    """Test the distance from a point; someone whose place is unknown is neither near nor far."""
    here = _coordinates(world, person)
    if here is None:
        return False
    distance = haversine_km(here, centre)
    if condition["unit"] == "miles":
        distance /= MILE_KM
    limit = condition["filter"]["value"]
    if condition["filter"]["operator"] == "less-than":
        return bool(distance < limit)
    return bool(distance > limit)


def haversine_km(start: Coordinates, end: Coordinates) -> float:
    """Return the great-circle distance in kilometres between two points in degrees."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*start, *end))
    chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))


def _coordinates(world: World, person: int) -> Coordinates | None:
    location = location_of(world, person)
    if location.get("latitude") is not None and location.get("longitude") is not None:
        return (location["latitude"], location["longitude"])
    country = _ALPHA3.get(alpha2(location.get("country") or "") or "")
    if country is None:
        return None
    by_code = world.places.get((country, location.get("zip") or ""))
    return by_code or world.cities.get((country, location.get("city") or ""))


def location_of(world: World, person: int) -> Json:
    """Return what is known of where someone is."""
    location: Json | None = world.people[person].get("location")
    return location or {}
