"""The country that a time zone belongs to, from the table of the tz database."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources


def country_of_zone(time_zone: str) -> str | None:
    """Return the ISO alpha-2 code, or None for zones of no country, such as UTC."""
    countries, links = _tables()
    if time_zone in countries:
        return countries[time_zone]
    return countries.get(links.get(time_zone, ""))


@cache
def _tables() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Zone to country, and older names of zones to the current ones."""
    folder = resources.files("tzdata") / "zoneinfo"
    rows = _rows((folder / "zone.tab").read_text(encoding="utf-8"))
    countries = {zone: country for country, _coordinates, zone, *_comment in rows}
    lines = (folder / "tzdata.zi").read_text(encoding="utf-8").splitlines()
    links = [line.split(" ") for line in lines if line.startswith("L ")]
    return countries, {old: current for _letter, current, old in links}


def _rows(table: str) -> list[list[str]]:
    return [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
