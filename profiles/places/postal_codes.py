"""The centres of postal codes, read country by country from a table shipped with the program."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from profiles.places.countries import alpha2
from profiles.places.tables import DATA, SCALE, integers, read

_FILE = "postal_codes.parquet"

_LONGEST = 30
_NEIGHBOURS_WITHIN_KM = 25.0
_KM_PER_DEGREE = 111.2

_BRITISH = frozenset({"GB", "GG", "IM", "JE"})
_LETTERED: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        # A routing key in Ireland, a locality in Malta, a block of boxes in Bermuda: the rest of
        # the code identifies streets and houses.
        "IE": re.compile(r"[A-Z][0-9][0-9W]"),
        "MT": re.compile(r"[A-Z]{3}"),
        "BM": re.compile(r"[A-Z]{2}[0-9A-Z]{2}"),
    }
)
_CANADIAN_CODE = re.compile(r"([A-Z][0-9][A-Z])(?:[0-9][A-Z][0-9])?")
_BRITISH_CODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?(?:([0-9])(?:[A-Z]{2})?)?")
_BRITISH_UNSPACED = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])[A-Z]{2}")
_DIGITS = re.compile(r"[A-Z]{0,3}([0-9]+)(?:[A-Z]{1,3}|CEDEX[0-9]*)?")
_CLUTTER = re.compile(r"[\s.\-\u2010-\u2015\u3012]+")

_TERRITORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CH": ("LI",),
        "FI": ("AX",),
        "FR": ("RE", "GP", "MQ", "GF", "YT", "PF", "NC", "PM", "WF", "MC"),
        "GB": ("GG", "JE", "IM"),
        "IT": ("SM", "VA"),
        "NO": ("SJ",),
        "US": ("PR", "VI", "GU", "AS", "MP", "FM", "MH", "PW"),
    }
)
"""Countries whose postal system also serves others, which the table keeps under their own code."""

_AMERICAN = frozenset(("US", *_TERRITORIES["US"]))

_RANGES = frozenset({"BR"})
"""Countries for which the table keeps the first code of each municipality's range."""


def postal_code_countries() -> frozenset[str]:
    """Return the alpha-2 codes of the countries whose postal codes are known."""
    return frozenset(_row_groups())


def postal_code_point(country: str | None, code: str | None) -> tuple[float, float] | None:
    """Return (latitude, longitude) in degrees of a postal code's centre, None if it is unknown.

    `country` is an ISO alpha-2 or alpha-3 code. Case, spaces and hyphens do not matter; a country
    prefix ("SE-111 20"), ZIP+4, CEDEX and a leading zero lost in a spreadsheet are understood. In
    Ireland and, outside the countryside, Canada the first three characters decide, in the United
    Kingdom the sector ("SW1A 1") or else the outward code. A code that is not in the table gets the
    centre of its neighbours (codes with the same beginning), if these lie within 25 km of it.
    """
    if not country or not code or len(code) > _LONGEST:
        return None
    country = country.strip().upper()
    country = alpha2(country) or country
    if country not in _row_groups():
        return None
    for system in (country, *_TERRITORIES.get(country, ())):
        table = _table(system)
        for spelling in spellings(system, code, table.width, table.zeros):
            point = table.exact(spelling)
            if point is not None:
                return point
    table = _table(country)
    for spelling in spellings(country, code, table.width, table.zeros):
        point = table.range_of(spelling) if country in _RANGES else table.estimate(spelling)
        if point is not None:
            return point
    return None


def spellings(country: str, code: str, width: int, zeros: bool) -> tuple[str, ...]:
    """Return the keys under which the table may hold a code, the most exact first.

    `width` is the number of digits of the country's codes, `zeros` whether some begin with 0.
    """
    # Normalizes full-width letters and digits, as used in Japan.
    text = (code if code.isascii() else unicodedata.normalize("NFKC", code)).strip().upper()
    if country in _BRITISH:
        unspaced = _BRITISH_UNSPACED.fullmatch(_CLUTTER.sub("", text))
        match = unspaced or _BRITISH_CODE.fullmatch(_CLUTTER.sub(" ", text))
        if match is None:
            return ()
        outward, sector = match.groups()
        return (f"{outward} {sector}", outward) if sector else (outward,)
    text = _CLUTTER.sub("", text)
    if country == "CA":
        match = _CANADIAN_CODE.fullmatch(text)
        return tuple(dict.fromkeys(match.group(0, 1))) if match else ()
    if country in _LETTERED:
        start = _LETTERED[country].match(text)
        return (start.group(),) if start else ()
    number = _DIGITS.fullmatch(text)
    if number is None:
        return ()
    digits = number.group(1)
    if country in _AMERICAN and len(digits) == 9:
        digits = digits[:5]
    if len(digits) > width > 0:
        return ()
    if zeros and len(digits) >= 3 and width - len(digits) in (1, 2):
        return (digits.zfill(width),)
    return (digits,)


@dataclass(frozen=True, slots=True)
class _Table:
    """One country's codes in order (ASCII bytes), and their points (int32, degrees * SCALE)."""

    codes: npt.NDArray[np.bytes_]
    latitudes: npt.NDArray[np.int32]
    longitudes: npt.NDArray[np.int32]
    width: int
    zeros: bool

    def exact(self, key: str) -> tuple[float, float] | None:
        place = self._search(key)
        if place == len(self.codes) or self.codes[place] != key.encode():
            return None
        return self._point(place)

    def estimate(self, key: str) -> tuple[float, float] | None:
        """Return the centre of the codes with the key's beginning, if they are close together.

        One neighbour is enough if only the last character differs, three if the last two do.
        """
        starts = [(key, 1)] if len(key) < self.width else [(key[:-1], 1), (key[:-2], 3)]
        for start, enough in starts:
            if len(start) < 3:
                return None
            first, end = self._search(start), self._search(start + "~")
            if end - first < enough:
                continue
            latitudes = self.latitudes[first:end] / SCALE
            longitudes = self.longitudes[first:end] / SCALE
            latitude, longitude = float(np.median(latitudes)), float(np.median(longitudes))
            distances = _KM_PER_DEGREE * np.hypot(
                latitudes - latitude, (longitudes - longitude) * np.cos(np.radians(latitude))
            )
            if float(np.percentile(distances, 90)) > _NEIGHBOURS_WITHIN_KM:
                return None
            return round(latitude, 4), round(longitude, 4)
        return None

    def range_of(self, key: str) -> tuple[float, float] | None:
        """Return the point of the range in which a whole code lies."""
        place = self._search(key + "~") - 1
        if len(key) < self.width - 3 or place < 0:
            return None
        return self._point(place) if self.codes[place][:1] == key[:1].encode() else None

    def _search(self, key: str) -> int:
        # A needle wider than the codes would make NumPy copy all of them.
        needle = np.array(key.encode(), dtype=f"S{self.codes.itemsize}")
        return int(np.searchsorted(self.codes, needle))

    def _point(self, place: int) -> tuple[float, float]:
        return int(self.latitudes[place]) / SCALE, int(self.longitudes[place]) / SCALE


@cache
def _row_groups() -> Mapping[str, int]:
    """Return the table's row group of each country: there is one each."""
    metadata = pq.read_metadata(DATA / _FILE)
    return {
        metadata.row_group(i).column(0).statistics.min: i for i in range(metadata.num_row_groups)
    }


@cache
def _table(country: str) -> _Table:
    rows = read(_FILE, _row_groups()[country])
    codes = np.array([code.encode() for code in rows["code"].to_pylist()], dtype=np.bytes_)
    return _Table(
        codes=codes,
        latitudes=integers(rows, "latitude"),
        longitudes=integers(rows, "longitude"),
        width=codes.itemsize,
        zeros=bool(codes[0].startswith(b"0")),
    )
