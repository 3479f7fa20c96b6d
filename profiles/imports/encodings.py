"""Which 8-bit encoding a file that is no UTF-8 is in: the one whose letters make words.

Words are judged by the names of the towns that ship with us, country by country (ADR 13). It is a
guess, and whoever imports is told so.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice, pairwise
from typing import Protocol

from django.utils.translation import gettext_noop

from profiles.places import tables

EIGHT_BIT: Mapping[str, tuple[str, str]] = {
    "cp1252": ("Windows-1252", gettext_noop("Western Europe")),
    "cp1250": ("Windows-1250", gettext_noop("Central Europe")),
    "mac-roman": ("Mac Roman", gettext_noop("Western Europe, older Macs")),
    "iso8859-2": ("ISO 8859-2", gettext_noop("Central Europe")),
    "cp1257": ("Windows-1257", gettext_noop("Baltic")),
    "cp1254": ("Windows-1254", gettext_noop("Turkish")),
    "mac-latin2": ("Mac Central European", gettext_noop("Central Europe, older Macs")),
    "cp850": ("DOS 850", gettext_noop("Western Europe")),
    "cp852": ("DOS 852", gettext_noop("Central Europe")),
    "cp1251": ("Windows-1251", gettext_noop("Cyrillic")),
    "koi8-r": ("KOI8-R", gettext_noop("Cyrillic")),
    "cp1253": ("Windows-1253", gettext_noop("Greek")),
}
"""The encodings that are guessed, those that are met most often first: name and whose it is."""
_OTHERS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}

_COUNTRIES = frozenset(
    (
        *("SE", "PL", "DE", "FR", "ES", "CZ", "HU", "NO", "DK", "FI", "SK"),
        *("RO", "HR", "PT", "IT", "IS", "EE", "LV", "LT", "TR", "AL"),
    )
)
_TOWNS = 500
"""The largest towns of a country teach what its words look like."""
_ALPHABETS = (
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ",
    "αοιετσνηυρπκμλςωόίάγέήδύχώθφβξζψϋϊΐΰ",
)
"""Letters by how often they occur (Russian, then Ukrainian; Greek): our towns have Latin names."""
_WORD = re.compile(rb"[A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*")
UNDECODED = re.compile("[\udc80-\udcff]")
"""A byte that an encoding does not know, as `surrogateescape` leaves it in a text."""
_MOST_WORDS = 400
_WEIGHTS = (0.6, 0.28, 0.11)
_FLOOR = math.log(1e-7)
_UNLIKELY = math.log(1e-7)
"""Of a control character, or of a sign at a letter."""
_SIGN = math.log(1e-2)
_IN_WORD = math.log(1e-3)
"""Of an apostrophe."""
_APOSTROPHE = "’"
_MARKS = frozenset("’‘‚“”„«»‹›–—…®™²³¿¡\u00a0")
"""Signs that stand before or after letters, too."""
_SIGNS = _MARKS | frozenset("€£§°ªº½¼¾©•·×±")
"""Signs that people write."""
_LETTERS = re.compile(r"[^\W\d_ªº]+")
_CAPITAL = math.log(1e-3)
"""Of a capital after a small letter."""
_PRIORS = {"cp1252": 0.0, "cp1250": math.log(0.25)}
_RARE = math.log(0.05)


def label_of(encoding: str) -> str:
    """Return what people call an encoding."""
    return _OTHERS.get(encoding) or EIGHT_BIT.get(encoding, (encoding, ""))[0]


def undecoded(text: str, encoding: str) -> str:
    """Return why a text with bytes that are no letters in its encoding is refused, else ""."""
    byte = None if text.isascii() else UNDECODED.search(text)
    if byte is None:
        return ""
    return f"The byte 0x{ord(byte[0]) & 0xFF:02X} is no letter in {label_of(encoding)}."


def rank(cells: Iterable[bytes]) -> list[str]:
    """Return the names in EIGHT_BIT, the likeliest encoding of these cells first."""
    different = dict.fromkeys(word for cell in cells for word in _WORD.findall(cell))
    words = list(islice(different, _MOST_WORDS))
    scores = {encoding: _score(words, encoding) for encoding in EIGHT_BIT}
    return sorted(EIGHT_BIT, key=lambda encoding: -scores[encoding])


def _score(words: list[bytes], encoding: str) -> float:
    """The logarithm of how likely it is that some language writes these words."""
    texts = [word.decode(encoding, "replace") for word in words]
    parts = [part for text in texts for part in _LETTERS.findall(text.lower())]
    best = max(sum(map(language.score, parts)) for language in _languages())
    return best + sum(map(_shape, texts)) + _PRIORS.get(encoding, _RARE)


def _shape(text: str) -> float:
    """How likely the signs and the capitals of a word are, in any language."""
    score = 0.0
    for before, letter, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        beside = _is_letter(before) + _is_letter(after)
        if _is_letter(letter):
            score += _CAPITAL if letter.isupper() and before.islower() else 0.0
        elif letter not in _SIGNS or (beside == 1 and letter not in _MARKS):
            score += _UNLIKELY
        elif beside == 2:
            score += _IN_WORD if letter == _APOSTROPHE else _UNLIKELY
        else:
            score += _SIGN
    return score


def _is_letter(text: str) -> bool:
    return text.isalpha() and text not in "ªº"


class _Language(Protocol):
    def score(self, word: str) -> float:
        """Return the logarithm of how likely a word of small letters is."""
        ...


class _Latin:
    """Groups of three, two and one letters, counted in words of one country."""

    def __init__(self, words: Iterable[str]) -> None:
        self._three: Counter[tuple[str, ...]] = Counter()
        self._two: Counter[tuple[str, ...]] = Counter()
        self._one: Counter[str] = Counter()
        for word in words:
            text = f"  {word} "
            self._three.update(zip(text, text[1:], text[2:], strict=False))
            self._two.update(pairwise(text))
            self._one.update(text[2:])
        self._all = self._one.total()
        self._scores: dict[tuple[str, ...], float] = {}

    def score(self, word: str) -> float:
        text = f"  {word} "
        groups = zip(text, text[1:], text[2:], strict=False)
        return sum(self._scores.get(group) or self._learn(group) for group in groups)

    def _learn(self, group: tuple[str, ...]) -> float:
        three, two, one = _WEIGHTS
        share = three * self._three[group] / max(self._two[group[:2]], 1)
        share += two * self._two[group[1:]] / max(self._one[group[1]], 1)
        share += one * self._one[group[2]] / self._all
        self._scores[group] = score = math.log(share) if share else _FLOOR
        return score


class _Alphabet:
    """Letters of which each is as frequent as its place in the alphabet says (Zipf)."""

    def __init__(self, letters: str) -> None:
        total = sum(1 / place for place in range(1, len(letters) + 1))
        self._scores = {
            letter: math.log(1 / place / total) for place, letter in enumerate(letters, 1)
        }

    def score(self, word: str) -> float:
        return sum(self._scores.get(letter, _FLOOR) for letter in word)


@cache
def _languages() -> list[_Language]:
    """Read once a process, and only where a file is no UTF-8."""
    towns = tables.read("cities.parquet")
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, region in zip(towns["name"].to_pylist(), towns["region"].to_pylist(), strict=True):
        country = region[:2]
        if country in _COUNTRIES and len(names[country]) < _TOWNS:
            names[country].append(name)
    words = (_LETTERS.findall(" ".join(some).lower()) for some in names.values())
    return [*map(_Latin, words), *map(_Alphabet, _ALPHABETS)]
