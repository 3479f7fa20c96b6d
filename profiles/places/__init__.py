"""Coordinates of countries, postal codes, cities and profiles, from tables in the package.

Owns names, codes and coordinates; knows nothing of profiles' rows, conditions or distances, and
uses no network.
"""

from profiles.places.cities import Place, city_point, search
from profiles.places.countries import REGIONS, alpha2, alpha3, country_code, country_name
from profiles.places.location import locate
from profiles.places.postal_codes import postal_code_countries, postal_code_point

__all__ = [
    "REGIONS",
    "Place",
    "alpha2",
    "alpha3",
    "city_point",
    "country_code",
    "country_name",
    "locate",
    "postal_code_countries",
    "postal_code_point",
    "search",
]
