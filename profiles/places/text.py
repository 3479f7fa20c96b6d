"""Normalizes names of places for comparison: no case, no accents, no punctuation."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
"""No name of a place is longer (characters); longer texts are not looked up."""

_LETTERS = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "'": None,
        "`": None,
        "\u2018": None,
        "\u2019": None,
        "\u02bb": None,
    }
)
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the words of a name in plain small letters, joined by single spaces.

    "Łódź" and "lodz" fold alike, as do "St. Louis" and "Saint Louis". A final "st" stays: it is
    the start of "Stockholm" to someone who types. Empty for texts over LONGEST or without words.
    """
    if len(text) > LONGEST:
        return ""
    words = _WORD.findall(unaccented(text))
    return " ".join(["saint" if w == "st" else w for w in words[:-1]] + words[-1:])


def unaccented(text: str) -> str:
    """Return a text in small letters without accents; "ł" and "ø" become "l" and "o"."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c))
