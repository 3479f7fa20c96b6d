"""Guesses gender from a first name: likely female, likely male, or uncertain.

The guess uses a table of names (predictions/data). Callers must not use it for people who declared
a gender, nor for accounts that switched it off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

NAMES = Path(__file__).parents[1] / "data" / "first_names.parquet"
LEAST_OBSERVATIONS = 10
LIKELY_PERMILLE = 900

_LONGEST = 100
_WORD = re.compile(r"[^\W\d_](?:\.(?![^\W\d_])|[^\s.,;/()\[\]\"])*")
_TITLES = frozenset(
    {
        *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "lord", "rev"),
        *("herr", "frau", "fru", "fröken", "hr", "dhr", "mevr", "mw", "doktor", "dipl", "madam"),
        *("m", "mme", "mlle", "monsieur", "madame", "mademoiselle", "pani"),
        *("sr", "sra", "srta", "señor", "señora", "señorita", "signor", "signora", "signorina"),
    }
)
_TITLES_OR_NAMES = frozenset({"don", "doña", "dame", "lady", "pan", "ing", "mag"})
"""Titles only if a name follows."""
_LETTERS = str.maketrans(
    dict(zip("łøđðıħŧə", "loddihte", strict=True))
    | {"æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"}
    | dict.fromkeys("\u2019\u2018`´\u02bc", "'")
    | dict.fromkeys("\u2010\u2011\u2013", "-")
)


class Gender(StrEnum):
    """A predicted gender, with the names of Klaviyo's segments."""

    LIKELY_FEMALE = "likely_female"
    LIKELY_MALE = "likely_male"
    UNCERTAIN = "uncertain"


def guess_gender(first_name: str | None) -> Gender:
    """Guess from a first name, as a person typed it.

    Looks up its first word that is not a title, with accents, else without. Likely means at least
    90 % of at least 10 observations.
    """
    for form in _forms(first_name or ""):
        if (gender := _table().get(form)) is not None:
            return gender
    return Gender.UNCERTAIN


def guess_genders(first_names: Iterable[str | None]) -> list[Gender]:
    """Guess for many first names, each distinct one once."""
    cache: dict[str | None, Gender] = {}
    guesses = []
    for name in first_names:
        guess = cache.get(name)
        if guess is None:
            guess = cache[name] = guess_gender(name)
        guesses.append(guess)
    return guesses


def _forms(text: str) -> tuple[str, ...]:
    """The keys of a name in the table: as it is written, and without accents."""
    composed = unicodedata.normalize("NFC", text[:_LONGEST]).lower()
    # "Dr.Anna" is two words.
    words = [word.strip(".'-\u2019") for word in _WORD.findall(composed)]
    words = [word for word in words if word and word not in _TITLES]
    if len(words) > 1 and words[0] in _TITLES_OR_NAMES:
        words = words[1:]
    return (words[0], _fold(words[0])) if words else ()


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=1)
def _table() -> dict[str, Gender]:
    """Name to gender. Read once in a process: 0.1 s and 20 MB."""
    table = pq.ParquetFile(NAMES).read()
    table = table.filter(pc.greater_equal(table["observations"], LEAST_OBSERVATIONS))
    shares = table["female_permille"].to_numpy()
    names = table["name"].to_pylist()
    return {name: _of_share(int(share)) for name, share in zip(names, shares, strict=True)}


def _of_share(female_permille: int) -> Gender:
    if female_permille >= LIKELY_PERMILLE:
        return Gender.LIKELY_FEMALE
    if female_permille <= 1000 - LIKELY_PERMILLE:
        return Gender.LIKELY_MALE
    return Gender.UNCERTAIN
