"""Words as they are compared: no case, no diacritics, composed alike; and typing errors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MOST_TYPED = 100
"""Characters of a search that are looked at."""
ONE_ERROR_FROM, TWO_ERRORS_FROM = 4, 8
"""Letters from which a word may have that many typing errors."""

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "\u02bc": "'"}
)
_WORD = re.compile(r"(?<![\d.,])\d+[.,]\d{1,2}(?!\d|[.,]\d|[^\W_])|[^\W_]+")
"""A word, or a number with at most two decimals: "1,500" is no such number."""
_HYPHEN = re.compile(r"\b(e|re|pre|un|non)-(?=[a-z])")
_CLITIC = re.compile(r"'(s|re|ve|d|ll)?\b")
_NEGATION = re.compile(r"\b(\w+)n't\b|\b(have|has|had|did|do|does|is|are|was|were)nt\b")
_CANNOT = re.compile(r"\b(can't|cannot|cant)\b")


def fold(text: str) -> str:
    """A text in small letters without diacritics: "Köpt" and a decomposed "köpt" are "kopt"."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(20_000)
def tokens(text: str) -> tuple[str, ...]:
    """The folded words of a text: "E-mail isn't set" is "email", "not", "set"."""
    plain = _CANNOT.sub("can not", fold(text[:MOST_TYPED]))
    plain = _CLITIC.sub(" ", _HYPHEN.sub(r"\1", _NEGATION.sub("not", plain)))
    return tuple(_WORD.findall(plain))


def errors_allowed(word: str) -> int:
    """How many typing errors a word may have."""
    if len(word) < ONE_ERROR_FROM or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) < TWO_ERRORS_FROM else 2


def errors_between(typed: str, word: str, most: int) -> int:
    """Letters inserted, left out, replaced or swapped with their neighbour; `most` + 1 for more.

    The optimal string alignment distance.
    """
    if abs(len(typed) - len(word)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(typed, 1):
        before, above, row = row, before, [i]
        for j, other in enumerate(word, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def nearest(typed: str, words: Iterable[str]) -> list[tuple[str, int]]:
    """The words that somebody may have mistyped, with the number of errors."""
    most = errors_allowed(typed)
    if not most:
        return []
    pairs = ((word, errors_between(typed, word, most)) for word in words)
    return [(word, errors) for word, errors in pairs if errors <= min(most, len(word) // 2)]


def marked_parts(text: str, typed: str) -> list[tuple[str, bool]]:
    """A text in parts, and whether each is the beginning of a word that was typed."""
    words = [word for word in tokens(typed) if len(word) > 1 or len(typed.strip()) == 1]
    parts: list[tuple[str, bool]] = []
    at = 0
    for match in _WORD.finditer(text):
        length = max((_length_of(match[0], word) for word in words), default=0)
        if length:
            parts += [(text[at : match.start()], False), (match[0][:length], True)]
            at = match.start() + length
    parts.append((text[at:], False))
    return [part for part in parts if part[0]]


def _length_of(word: str, typed: str) -> int:
    """The number of letters of a word that fold to what was typed; 0 if it begins otherwise."""
    length = next((n for n in range(1, len(word) + 1) if len(fold(word[:n])) >= len(typed)), 0)
    return length if length and fold(word[:length]) == typed else 0
