"""What stands at and around a token of a text, whatever was read before it.

Looks at tokens only; it changes nothing and knows no conditions that were read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from segments.sentences.marks import Mark, WordMarker
from segments.sentences.phrases import MOST_WORDS, Meaning, Phrases
from segments.sentences.tokens import Token
from segments.sentences.wording import wording

_MOST_WORDS_OF_PLACES = 3
_BEFORE_PLACES = frozenset(
    (
        *("in", "from", "of", "near", "around", "outside"),
        *("i", "fran", "nara", "runt", "utanfor"),
        *("w", "we", "z", "ze", "od", "kolo", "poza", "spoza"),
    )
)
"""Prepositions after which a word in small letters may be a place."""
_BEFORE_GROUPS = frozenset(
    (
        *("in", "on", "list", "lists", "segment", "segments", "member", "members"),
        *("i", "pa", "listan", "lista", "listor", "segmentet"),
        *("na", "liscie", "listy", "w", "segmencie", "segmentu", "naleza"),
    )
)


class Lookaround:
    """The structure, the marks and the meanings at the tokens of a text in one language."""

    def __init__(
        self, tokens: Sequence[Token], phrases: Phrases, language: str, today: date
    ) -> None:
        self._tokens, self._phrases, self._language = tokens, phrases, language
        self._words = wording(language)
        self._marker = WordMarker(tokens, language, today)

    def text_test(self, i: int) -> tuple[str, int] | None:
        """(operator, token after it) of a test of texts at a token."""
        for length in (1, 2, 3):
            typed = " ".join(token.word for token in self._tokens[i : i + length])
            for operator, pattern in self._words.text_tests.items():
                if re.fullmatch(pattern, typed) and i + length < len(self._tokens):
                    return operator, i + length
        return None

    def mark(self, i: int) -> Mark | None:
        """The longer of a time and an amount at a token."""
        if self._tokens[i].is_quoted:
            return None
        time, amount = self._marker.time(i), self._marker.amount(i)
        if time is not None and (amount is None or time.last >= amount.last):
            return time
        return amount

    def meanings(self, i: int) -> tuple[list[Meaning], int]:
        """The meanings of the longest phrase at a token."""
        for last in range(min(i + MOST_WORDS, len(self._tokens)), i, -1):
            words = tuple(token.word for token in self._tokens[i:last])
            if self._tokens[i].is_quoted:
                words, last = tuple(self._tokens[i].word.split()), i + 1
            if self.joins(i) and last == i + 1:
                return [], 0
            meanings = self._phrases.at(words, self._language)
            inner = range(i + 1, last)
            if any(self.joins(j) or self.mark(j) is not None for j in inner):
                meanings = [meaning for meaning in meanings if meaning.is_name]
            if meanings:
                rest = self._tokens[i].word in self._words.negations and self.meanings(i + 1)[0]
                return ([], 0) if rest else (meanings, last - i)
        return [], 0

    def joins(self, i: int) -> bool:
        """Whether a token joins, negates or refers back: "and", "not", "who"."""
        token, words = self._tokens[i], self._words
        joins = words.both | words.either | words.but | words.negations | words.nor | words.pronouns
        return token.word in joins and not token.is_quoted

    def names_group(self, first: int) -> bool:
        """Whether the words before say that a list or a segment follows."""
        before = {token.word for token in self._tokens[max(first - 2, 0) : first]}
        return bool(before & _BEFORE_GROUPS)

    def longest(self, i: int) -> int:
        """The token after the longest run of words from a token on."""
        last = i + 1
        while last < min(i + MOST_WORDS, len(self._tokens)) and not self._tokens[i].is_quoted:
            token = self._tokens[last]
            if self.joins(last) or token.word in {",", ";", ".", "!", "?"}:
                break
            if self.mark(last) is not None or token.is_quoted:
                break
            last += 1
        return last

    def is_said_to_equal(self, first: int) -> bool:
        """Whether the words before a token say that a property has the value that follows."""
        before = [token.word for token in self._tokens[max(first - 2, 0) : first]]
        return any(word in self._words.equals for word in before)

    def may_be_place(self, first: int, last: int) -> bool:
        """Whether words may be a place: a capital letter begins it, or a preposition precedes."""
        before = self._tokens[first - 1].word if first else ""
        is_capital = self._tokens[first].raw[0].isupper()
        return last - first <= _MOST_WORDS_OF_PLACES and (is_capital or before in _BEFORE_PLACES)

    def comes_to_nor(self, i: int) -> bool:
        """Whether the list of "neither A, B nor C" goes on at a token."""
        words = self._words
        ends = words.but | words.both | words.pronouns | words.negations | {".", ";"}
        for token in self._tokens[i:]:
            if token.word in words.nor | words.either:
                return True
            if token.word in ends:
                return False
        return False
