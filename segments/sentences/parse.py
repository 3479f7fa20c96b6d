"""Free text as a definition: exactly what was printed, else what a marketer would write.

What was not understood is a gap; a definition never says more than its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any as Json

from django.conf import settings
from django.utils import translation

from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.sentences.exact import read_sentence
from segments.sentences.vocabulary import AccountNames, Vocabulary

MOST_LETTERS = 20_000
"""A longer text is not read."""


@dataclass(frozen=True)
class Gap:
    """A part of the text that was not understood, or that may mean several things."""

    start: int
    end: int
    text: str
    choices: tuple[str, ...] = ()
    """What it may mean, if that is known."""


@dataclass(frozen=True)
class Parse:
    """What a text says."""

    definition: dict[str, Json] | None
    """What was understood; None if nothing was."""
    sentence: str
    """The definition in words, in the language that was asked for."""
    gaps: tuple[Gap, ...]
    is_exact: bool
    """Whether printing the definition gives the text."""
    language: str
    """The language in which the text was read."""


def parse(text: str, catalog: AccountNames, language: str) -> Parse:
    """Read a text in a language; if it says nothing there, in the other languages.

    Reads at most MOST_LETTERS characters, and never longer than a moment: what would take more
    is a gap.
    """
    stripped = text.strip()
    offset = len(text) - len(text.lstrip())
    if not stripped or len(stripped) > MOST_LETTERS:
        return Parse(None, "", _whole(stripped, offset), False, language)
    for each in _languages(language):
        with translation.override(each):
            definition = read_sentence(stripped, Vocabulary(catalog))
        if definition is not None:
            sentence = _sentence(definition, catalog, language)
            return Parse(definition, sentence, (), True, each)
    return Parse(None, "", _whole(stripped, offset), False, language)


def _languages(first: str) -> Iterator[str]:
    yield first
    yield from (code for code, _name in settings.LANGUAGES if code != first)


def _sentence(definition: dict[str, Json], catalog: AccountNames, language: str) -> str:
    with translation.override(language):
        return describe(decode(definition), catalog, complete=True)


def _whole(text: str, offset: int) -> tuple[Gap, ...]:
    return (Gap(offset, offset + len(text), text),) if text else ()
