"""The coordinates of a profile's location."""

from __future__ import annotations

import math
from collections.abc import Mapping

from profiles.places.cities import city_point
from profiles.places.countries import country_code
from profiles.places.postal_codes import postal_code_point


def locate(location: Mapping[str, object]) -> tuple[float, float] | None:
    """Return (latitude, longitude) in degrees: as stated, else the postcode's, else the city's.

    Reads `latitude`, `longitude`, `zip`, `country`, `city` and `region` of a profile's location;
    fields that are missing, of another type or out of range are ignored. Coordinates of exactly
    0, 0 count as missing: nobody lives there, and many systems write them for "unknown". With an
    unknown country only coordinates count.
    """
    latitude = _degrees(location.get("latitude"), 90.0)
    longitude = _degrees(location.get("longitude"), 180.0)
    if latitude is not None and longitude is not None and (latitude, longitude) != (0.0, 0.0):
        return latitude, longitude
    country_text = _text(location.get("country"))
    country = country_code(country_text)
    if country_text and country is None:
        return None
    point = postal_code_point(country, _text(location.get("zip")))
    if point is not None:
        return point
    return city_point(_text(location.get("city")), _text(location.get("region")), country)


def _text(value: object) -> str | None:
    """Return a non-empty text; postcodes are often stored as whole numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**10:
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def _degrees(value: object, limit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > 30:
        return None
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if math.isfinite(degrees) and abs(degrees) <= limit else None
