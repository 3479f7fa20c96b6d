"""Guesses the 8-bit encoding of a file that is not UTF-8: the one in which its letters form words.

The model of words is made from the names of the towns in `profiles.places`, country by country
(ADR 13). The result is a guess, and the import says so.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice, pairwise

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
"""The encodings that are guessed, the most frequent first: name and region."""
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
"""The model of a country is made from this number of its largest towns."""
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ"
_GREEK = "αοιετσνηυρπκμλςωόίάγέήδύχώθφβξζψϋϊΐΰ"
_ALPHABETS = {"cp1251": _RUSSIAN, "koi8-r": _RUSSIAN, "cp1253": _GREEK}
"""Letters by frequency (Russian, then Ukrainian; Greek): the towns have Latin names only."""
_WORD = re.compile(
    rb"(?:[0-9] ?)?[0-9A-Za-z'\x80-\xff]*[\x80-\xff][0-9A-Za-z'\x80-\xff]*(?: ?[0-9])?"
)
"""Letters and digits without a space, at least one not ASCII, and a number next to them."""
_NUMBER = re.compile(rb"[0-9]+")
UNDECODED = re.compile("[\udc80-\udcff]")
"""A byte that an encoding does not define, as `surrogateescape` decodes it."""
_MOST_WORDS = 400
_WEIGHTS = (0.6, 0.28, 0.11)
_FLOOR = math.log(1e-7)
_IMPOSSIBLE = math.log(1e-15)
"""Log probability of an undefined byte or a control character."""
_UNLIKELY = math.log(1e-7)
"""Of a sign next to a letter, or of a letter next to a digit."""
_SIGN = math.log(1e-2)
_MARK = math.log(1e-3)
"""Of a sign of _MARKS next to a letter."""
_BETWEEN = math.log(1e-4)
"""Of a no-break space or a dash between two letters."""
_APOSTROPHE = "’"
_ELISION = math.log(1e-3)
"""Of an apostrophe as in O’Brien, d’eau and Bo’s."""
_IN_WORD = math.log(1e-5)
"""Of another apostrophe inside a word."""
_NO_BREAK_SPACE = "\u00a0"
_JOINTS = frozenset(f"–—{_NO_BREAK_SPACE}")
_BEFORE = frozenset("‘“„‚¿¡")
"""Signs that stand before letters, not after them."""
_AFTER = frozenset("’”…®™²³")
_MARKS = _JOINTS | _BEFORE | _AFTER | frozenset("«»‹›")
"""Signs that also occur next to letters."""
_SIGNS = _MARKS | frozenset("€£§°ªº½¼¾©•·×±")
"""Signs that occur in ordinary texts."""
_NO_LETTERS = "ªº½¼¾¹²³"
_LETTERS = re.compile(rf"[^\W\d_{_NO_LETTERS}]+")
_CAPITAL = math.log(1e-3)
"""Of an upper-case letter after a lower-case one, or between upper and lower case."""
_SHORTEST = 3
"""Least number of letters from which the script of a word is judged."""
_LONE = math.log(1e-4)
"""Of a word of one letter, whichever it is."""
_PRIORS = {
    "cp1252": 0.0,
    "cp1250": math.log(0.05),
    **dict.fromkeys(("mac-roman", "iso8859-2"), math.log(0.03)),
    **dict.fromkeys(("cp1257", "cp1254"), math.log(0.01)),
    **dict.fromkeys(("mac-latin2", "cp850", "cp852"), math.log(3e-4)),
    **dict.fromkeys(_ALPHABETS, math.log(1e-4)),
}
"""Log frequency of an encoding, relative to the first."""


def label_of(encoding: str) -> str:
    """Return the usual name of an encoding."""
    return _OTHERS.get(encoding) or EIGHT_BIT.get(encoding, (encoding, ""))[0]


def decoding_error(text: str, encoding: str) -> str:
    """Return why a text with bytes that its encoding does not define is rejected, else ""."""
    byte = None if text.isascii() else UNDECODED.search(text)
    if byte is None:
        return ""
    return f"The byte 0x{ord(byte[0]) & 0xFF:02X} is no letter in {label_of(encoding)}."


def rank(cells: Iterable[bytes]) -> list[str]:
    """Return the names in EIGHT_BIT, the likeliest encoding of these cells first."""
    all_words = (word for cell in cells for word in _WORD.findall(cell))
    distinct = dict.fromkeys(_NUMBER.sub(b"0", word) for word in all_words)
    words = list(islice(distinct, _MOST_WORDS))
    scores = {encoding: _score(words, encoding) for encoding in EIGHT_BIT}
    return sorted(EIGHT_BIT, key=lambda encoding: -scores[encoding])


def _score(words: list[bytes], encoding: str) -> float:
    """The log probability of these words, each in the language that fits it best."""
    texts = [word.decode(encoding, "replace") for word in words]
    alphabet = _ALPHABETS.get(encoding, "")
    return _PRIORS[encoding] + sum(_word(text, alphabet) + _shape(text) for text in texts)


def _word(text: str, alphabet: str) -> float:
    """The log probability of a word's letters in the best language, or in its own script."""
    parts = _LETTERS.findall(_small(text).replace(_APOSTROPHE, ""))
    if not parts:
        return 0.0
    if sum(map(len, parts)) == 1:
        return _LONE
    best = max(sum(map(language.score, parts)) for language in _languages())
    if not alphabet:
        return best
    short = 0.0 if max(map(len, parts)) >= _SHORTEST else _UNLIKELY
    return max(best, short + sum(map(_alphabet(alphabet).score, parts)))


def _small(text: str) -> str:
    return text.replace("İ", "i").lower()  # lower() would give two characters


def _shape(text: str) -> float:
    """The log probability of the signs, digits and capitals of a word, in any language."""
    score = 0.0
    padded = f" {text} "
    for place, letter in enumerate(text):
        before, after = padded[place], padded[place + 2]
        if _is_letter(letter):
            is_odd = before.islower() or (before.isupper() and after.islower())
            score += _CAPITAL if letter.isupper() and is_odd else 0.0
            if not letter.isascii():
                score += _at_digits(before, after, text)
        elif not letter.isascii():
            score += _sign(letter, text[:place], text[place + 1 :])
    return score


def _at_digits(before: str, after: str, text: str) -> float:
    """A letter between digits, or alone next to a number, is probably a space or a currency."""
    is_alone = not (_is_letter(before) or _is_letter(after))
    return _UNLIKELY if is_alone and any(map(str.isdigit, text)) else 0.0


def _sign(sign: str, left: str, right: str) -> float:
    """The log probability of a sign between the parts of a word to its left and right."""
    is_after, is_before = any(map(_is_letter, left)), any(map(_is_letter, right))
    if sign == "\ufffd" or "\x7f" <= sign < "\xa0":
        return _IMPOSSIBLE
    if sign not in _SIGNS or ((is_after or is_before) and sign not in _MARKS):
        return _UNLIKELY
    if is_after and is_before:
        if sign in _JOINTS:
            return _BETWEEN
        if sign != _APOSTROPHE:
            return _UNLIKELY
        is_elision = right == "s" or left[-1].isupper() == right[0].isupper()
        return _ELISION if is_elision else _IN_WORD
    if (is_after and sign in _BEFORE) or (is_before and sign in _AFTER):
        return _UNLIKELY
    return _MARK if sign in _MARKS - _JOINTS else _SIGN


def _is_letter(text: str) -> bool:
    return text.isalpha() and text not in _NO_LETTERS


class _Latin:
    """A model of words: trigrams, bigrams and letters, counted in words of one country."""

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
        """Return the logarithm of how likely a word of small letters is."""
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
    """A model of letters whose frequency falls with their rank (Zipf)."""

    def __init__(self, letters: str) -> None:
        total = sum(1 / place for place in range(1, len(letters) + 1))
        self._scores = {
            letter: math.log(1 / place / total) for place, letter in enumerate(letters, 1)
        }

    def score(self, word: str) -> float:
        """Return the logarithm of how likely a word of small letters is."""
        return sum(self._scores.get(letter, _FLOOR) for letter in word)


_alphabet = cache(_Alphabet)


@cache
def _languages() -> list[_Latin]:
    """Computed once in a process, and only if a file is not UTF-8."""
    towns = tables.read("cities.parquet")
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, region in zip(towns["name"].to_pylist(), towns["region"].to_pylist(), strict=True):
        country = region[:2]
        if country in _COUNTRIES and len(names[country]) < _TOWNS:
            names[country].append(name)
    words = (_LETTERS.findall(_small(" ".join(some))) for some in names.values())
    return list(map(_Latin, words))
