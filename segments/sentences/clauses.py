"""Exact clauses inside of a text that is not exact as a whole."""

from __future__ import annotations

from typing import Any as Json

from django.utils import translation

from segments.sentences.grammar import grammar
from segments.sentences.reader import TextReader, TooInvolved
from segments.sentences.symbols import ClauseText
from segments.sentences.vocabulary import Vocabulary


class ClauseReader:
    """Reads a clause of the grammar at a place of a text."""

    def __init__(self, text: str, vocabulary: Vocabulary, language: str) -> None:
        self._language = language
        with translation.override(language):
            self._reader = TextReader(text, grammar(), vocabulary)
        self._text = text

    def at(self, start: int) -> tuple[int, Json] | None:
        """(end, condition) of the longest clause at a place; None if there is none."""
        best: tuple[int, Json] | None = None
        with translation.override(self._language):
            for symbol in (ClauseText(short=False), ClauseText(short=True)):
                try:
                    readings = self._reader.read(symbol, start)
                except TooInvolved:
                    return best
                for end, value in readings:
                    follows = self._text[end : end + 1]
                    if not follows.isalnum() and (best is None or end > best[0]):
                        best = end, value
        return best
