"""Countries: ISO 3166 codes, names, and the regions that they form."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from profiles.places.country_names import OTHER_NAMES
from profiles.places.tables import DATA
from profiles.places.text import LONGEST, fold

_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EUROPEAN_UNION = frozenset(_MEMBERS.split())

REGIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "european_union": _EUROPEAN_UNION,
        "european_economic_area": _EUROPEAN_UNION | {"IS", "LI", "NO"},
        "united_kingdom": frozenset({"GB"}),
        "united_states": frozenset({"US"}),
    }
)
"""Region -> ISO alpha-2 codes. Territories with a code of their own (Puerto Rico, Guam, Åland,
Réunion, Jersey) belong to no region."""


def country_code(text: str | None) -> str | None:
    """Return the ISO alpha-2 code of a country's name or code, None if it is unknown.

    Knows alpha-2 and alpha-3 codes, English names with their usual variants, and many countries'
    own names; case, accents, punctuation and outer spaces do not matter.
    """
    if not text or len(text) > LONGEST:
        return None
    code = text.strip().replace(".", "").upper()
    table = _table()
    if code in table.names:
        return code
    if code in table.alpha2:
        return table.alpha2[code]
    return table.by_name.get(fold(text).removeprefix("the "))


def alpha2(alpha3: str | None) -> str | None:
    """Return the alpha-2 code of an alpha-3 code in any case, None if there is none."""
    return _table().alpha2.get(alpha3.strip().upper()) if alpha3 else None


def alpha3(alpha2: str | None) -> str | None:
    """Return the alpha-3 code of an alpha-2 code in any case, None if there is none."""
    return _table().alpha3.get(alpha2.strip().upper()) if alpha2 else None


def country_name(alpha2: str | None) -> str | None:
    """Return the English name of an alpha-2 code in any case, None if there is none."""
    return _table().names.get(alpha2.strip().upper()) if alpha2 else None


class _Countries:
    """The table of countries with its indexes."""

    def __init__(self) -> None:
        with (DATA / "countries.csv").open(encoding="utf-8", newline="") as file:
            rows = [(row["alpha2"], row["alpha3"], row["name"]) for row in csv.DictReader(file)]
        self.names = {two: name for two, _, name in rows}
        self.alpha2 = {three: two for two, three, _ in rows}
        self.alpha3 = {two: three for two, three, _ in rows}
        self.by_name = {fold(name).removeprefix("the "): two for two, _, name in rows}
        for two, names in OTHER_NAMES.items():
            for name in names:
                self.by_name[fold(name)] = two


@cache
def _table() -> _Countries:
    return _Countries()
