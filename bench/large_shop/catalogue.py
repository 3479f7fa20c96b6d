"""What the large shop sells, writes and knows: the texts that its arrays point into."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from profiles.places.location import locate
from profiles.places.tables import DATA, read


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


METRICS = (
    "Viewed Product",
    "Received Email",
    "Opened Email",
    "Clicked Email",
    "Added to Cart",
    "Submitted Search",
    "Started Checkout",
    "Placed Order",
)
VIEWED, RECEIVED, OPENED, CLICKED, CART, SEARCHED, CHECKOUT, ORDERED = range(len(METRICS))
LISTS = ("Newsletter", "VIP", "Summer competition")

_COLOURS = ("Blue", "Green", "Red", "White", "Black")
_MATERIALS = (
    "cotton",
    "linen",
    "wool",
    "silk",
    "denim",
    "leather",
    "cashmere",
    "hemp",
    "velvet",
    "canvas",
)
_SORTS = (
    ("shirt", "Shirts"),
    ("dress", "Dresses"),
    ("jacket", "Outerwear"),
    ("trousers", "Trousers"),
    ("scarf", "Accessories"),
    ("bag", "Bags"),
    ("blanket", "Home"),
    ("cushion", "Home"),
    ("shoes", "Shoes"),
    ("hat", "Accessories"),
)
ITEMS = tuple(f"{c} {m} {s}" for m in _MATERIALS for s, _ in _SORTS for c in _COLOURS)
CATEGORIES = tuple(category for _ in _MATERIALS for _, category in _SORTS for _ in _COLOURS)
_generator = np.random.default_rng(500)
PRICES: npt.NDArray[np.float64] = np.round(_generator.lognormal(3.7, 0.6, len(ITEMS)), 2)
POPULARITY: npt.NDArray[np.float64] = _generator.permutation(
    1 / np.arange(1, len(ITEMS) + 1) ** 0.8
)
"""How often an item is wanted, in proportion to the others."""

TERMS = tuple(f"{m} {s}" for m in _MATERIALS for s, _ in _SORTS) + tuple(
    f"{c.lower()} {s}" for c in _COLOURS for s, _ in _SORTS
)
CODES = ("WELCOME10", "SUMMER20", "FREESHIP", "VIP15", "LINEN5")
_SUBJECTS = (
    "New this week",
    "Linen for summer",
    "Last chance",
    "Back in stock",
    "Our favourites",
    "Sale begins",
)
COLOURS = ("Blue", "Green", "Red", "White", "Black", "Yellow", "Grey")
TOPICS = ("Home", "Sale", "Women", "Men", "Outdoor")
SIZES = ("XS", "S", "M", "L", "XL")
DOMAINS = ("example.com", "example.org", "mail.example.net", "post.example.se", "work.example.de")
METHODS = ("form", "api", "manual_import", "preference_page")
REASONS = ("hard_bounce", "user_suppressed", "spam_complaint", "invalid_email")
FIRST_NAMES = _words(
    "Anna Maria Erik Lars Karin Johan Emma Oskar Sara Nils Elsa Hugo Ida Axel Maja Olle Klara"
    " Gustav Ebba Viktor Julia Filip Linnea Adam Hanna Simon Alva Jonas Freja Daniel James Mary"
    " Robert Linda Michael Susan David Karen Thomas Nancy"
)
LAST_NAMES = _words(
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson"
    " Smith Johnson Williams Brown Jones Garcia Miller Davis Schmidt Fischer Weber Meyer Wagner"
    " Becker Hansen Olsen Jensen Nielsen Kowalski Nowak"
)
_COUNTRIES = {"SE": 0.34, "NO": 0.1, "DK": 0.1, "DE": 0.14, "GB": 0.12, "US": 0.12, "PL": 0.08}
_CITIES_OF_EACH = 40


def campaign_name(number: int) -> str:
    """What the mailing of a number is called; there are two a week."""
    return f"{number:03} {_SUBJECTS[number % len(_SUBJECTS)]}"


@dataclass(frozen=True)
class Places:
    """The towns where customers live; `shares` float64[k] sum to 1, degrees float64[k]."""

    cities: tuple[str, ...]
    regions: tuple[str | None, ...]
    countries: tuple[str, ...]
    latitudes: npt.NDArray[np.float64]
    longitudes: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]


@cache
def places() -> Places:
    """The largest cities of a few countries, with the points that ingest would give them."""
    regions = {row["code"]: row["name"] for row in _rows("regions.csv")}
    countries = {row["alpha2"]: row["name"] for row in _rows("countries.csv")}
    table = read("cities.parquet")
    codes = table["region"].to_pylist()
    populations = table["population"].to_numpy()
    names, rows = table["name"], []
    for country, share in _COUNTRIES.items():
        here = [row for row, code in enumerate(codes) if code[:2] == country][:_CITIES_OF_EACH]
        weights = populations[here] / populations[here].sum() * share
        for row, weight in zip(here, weights, strict=True):
            name, region = names[row].as_py(), regions.get(codes[row]) or None
            where = {"city": name, "region": region, "country": countries[country]}
            point = locate(where)
            assert point is not None, where
            rows.append((name, region, countries[country], *point, weight))
    cities, of, within, latitudes, longitudes, shares = zip(*rows, strict=True)
    return Places(
        cities,
        of,
        within,
        np.array(latitudes),
        np.array(longitudes),
        np.array(shares) / sum(shares),
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
