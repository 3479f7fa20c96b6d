"""Towns and cities by name, from tables shipped with the program: 5,000 people and more."""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
import pyarrow as pa

from profiles.places.countries import country_code
from profiles.places.tables import DATA, SCALE, integers, read
from profiles.places.text import fold

_FOREIGN_NAME = 20
"""Weight of a city's own name relative to names in other languages: so "krak" finds Kraków before
Caracas, and "wien" still finds Vienna before Wiener Neustadt."""


@dataclass(frozen=True, slots=True)
class Place:
    """A town: its name and region in English if there are any, its country's alpha-2 code, its
    centre in degrees, and its population (0 if unknown)."""

    name: str
    region: str
    country: str
    latitude: float
    longitude: float
    population: int


def city_point(
    city: str | None, region: str | None, country: str | None
) -> tuple[float, float] | None:
    """Return (latitude, longitude) in degrees of the largest city of that name, None if unknown.

    `country` is an ISO code or a name; without one the largest city of that name anywhere is
    returned, and an unknown country gives None. If the country has the `region` (name or code, such
    as "Massachusetts" or "MA"), the city must be in it; any other text is ignored. In a known
    country a city's own name comes before other cities' names in other languages.
    """
    if not city:
        return None
    within = country_code(country) if country and country.strip() else None
    if within is None and country and country.strip():
        return None
    atlas = _atlas()
    for name in (city, city.split(",")[0]):
        for place in atlas.cities_named(fold(name), within, region):
            return atlas.point(place)
    return None


def search(text: str, *, limit: int = 8) -> list[Place]:
    """Return up to `limit` places whose name begins with the text, the largest first.

    Names in other languages (in Latin letters) match, too, with less weight. After a comma the
    text may name a region or country: "Paris, Texas".
    """
    name, _, rest = text.partition(",")
    prefix, where = fold(name), fold(rest)
    if not prefix or limit < 1:
        return []
    atlas = _atlas()
    places = atlas.beginning(prefix, atlas.areas(where) if where else None)
    return [atlas.place(place) for place in islice(places, limit)]


class _Atlas:
    """The cities, largest first, and an index of their sorted names.

    A city is its row number. Names stay in Arrow: as Python texts they would take ten times the
    memory.
    """

    def __init__(self) -> None:
        names = read("city_names.parquet")
        self._keys: pa.StringArray = names["key"].chunk(0)
        self._places = integers(names, "city")
        self._own = integers(names, "own").astype(np.bool_)
        cities = read("cities.parquet")
        self._names: pa.StringArray = cities["name"].chunk(0)
        self._regions: pa.DictionaryArray = cities["region"].chunk(0)
        self._latitudes = integers(cities, "latitude")
        self._longitudes = integers(cities, "longitude")
        self._populations = integers(cities, "population")
        self._region_names, self._regions_named = _regions()

    def cities_named(self, key: str, country: str | None, region: str | None) -> Iterator[int]:
        """Yield the cities of exactly that name, best first."""
        first = bisect_left(self._keys, key, key=pa.StringScalar.as_py) if key else 0
        candidates: list[tuple[bool, int]] = []
        for row in range(first, len(self._keys)):
            if not key or self._keys[row].as_py() != key:
                break
            place = int(self._places[row])
            if country is None or self._region(place)[:2] == country:
                candidates.append((country is not None and not self._own[row], place))
        codes = self._regions_named.get(fold(region), frozenset()) if region else frozenset()
        allowed = {code for code in codes if country is None or code[:2] == country}
        for _, place in sorted(candidates):
            if not allowed or self._region(place) in allowed:
                yield place

    def areas(self, where: str) -> frozenset[str]:
        """Return the codes of the country and regions with this folded name or, else, prefix."""
        areas = self._regions_named.get(where, frozenset())
        country = country_code(where)
        if country is not None:
            areas |= {country}
        return areas or frozenset().union(
            *(codes for name, codes in self._regions_named.items() if name.startswith(where))
        )

    def beginning(self, prefix: str, areas: frozenset[str] | None) -> Iterator[int]:
        """Yield the cities with a name of this prefix, by population and language of the name.

        `areas` are codes of countries and regions to keep to, None for everywhere.
        """
        first = bisect_left(self._keys, prefix, key=pa.StringScalar.as_py)
        # No key holds a character after this one.
        end = bisect_left(self._keys, prefix + "\U0010ffff", key=pa.StringScalar.as_py)
        places = self._places[first:end]
        weights = self._populations[places] * np.where(self._own[first:end], _FOREIGN_NAME, 1.0)
        for place in dict.fromkeys(places[np.lexsort((places, -weights))].tolist()):
            code = self._region(place)
            if areas is None or code in areas or code[:2] in areas:
                yield place

    def point(self, place: int) -> tuple[float, float]:
        return int(self._latitudes[place]) / SCALE, int(self._longitudes[place]) / SCALE

    def place(self, place: int) -> Place:
        code = self._region(place)
        latitude, longitude = self.point(place)
        return Place(
            name=self._names[place].as_py(),
            region=self._region_names.get(code, ""),
            country=code[:2],
            latitude=latitude,
            longitude=longitude,
            population=int(self._populations[place]),
        )

    def _region(self, place: int) -> str:
        """Return the code of a city's region, which begins with its country's: "PL.77"."""
        code: str = self._regions[place].as_py()
        return code


def _regions() -> tuple[Mapping[str, str], Mapping[str, frozenset[str]]]:
    """Return the names of regions by code, and the codes by folded name or abbreviation."""
    names: dict[str, str] = {}
    codes_by_name: dict[str, set[str]] = {}
    with (DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names[row["code"]] = row["name"]
            for name in (row["name"], row["abbreviation"]):
                if fold(name):
                    codes_by_name.setdefault(fold(name), set()).add(row["code"])
    return names, {name: frozenset(codes) for name, codes in codes_by_name.items()}


@cache
def _atlas() -> _Atlas:
    return _Atlas()
