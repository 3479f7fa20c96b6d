"""The short names of regions within a country, such as the two letters of American states."""

from __future__ import annotations

import csv
from functools import cache

from profiles.places.tables import DATA
from profiles.places.text import fold


def region_abbreviation(country: str, text: str) -> str:
    """Return the abbreviation of a region of a country (alpha-2), from its name or abbreviation.

    Case, accents and punctuation do not matter; "" if it is unknown or has none.
    """
    return _abbreviations(country).get(fold(text), "")


@cache
def _abbreviations(country: str) -> dict[str, str]:
    short: dict[str, str] = {}
    with (DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"].startswith(f"{country}.") and row["abbreviation"]:
                short[fold(row["name"])] = row["abbreviation"]
                short[fold(row["abbreviation"])] = row["abbreviation"]
    return short
