"""Free text as a definition: exactly what was printed, else what a marketer would write.

What was not understood is a gap; a definition never says more than its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any as Json
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.windows import Moment
from segments.engine.vocabulary import Catalog
from segments.lexicon.shop import ShopNames
from segments.sentences.exact import read_sentence
from segments.sentences.loose import read_loosely
from segments.sentences.phrases import Phrases
from segments.sentences.vocabulary import Vocabulary

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


def parse(text: str, catalog: Catalog, language: str, *, at: datetime) -> Parse:
    """Read a text in a language; in the others, if more of it is understood there.

    Days are those of the account's time zone at `at`. Reads at most MOST_LETTERS characters, and
    never longer than a moment: what would take more is a gap.
    """
    if not text.strip() or len(text) > MOST_LETTERS:
        return Parse(None, "", _whole(text), False, language)
    languages = list(_languages(language))
    for each in languages:
        definition = _exact(text.strip(), catalog, each)
        if definition is not None:
            return Parse(definition, _sentence(definition, catalog, language), (), True, each)
    day = Moment(at, ZoneInfo(catalog.account.time_zone)).today
    readings = []
    for each in languages:
        with translation.override(each):
            vocabulary, phrases = Vocabulary(catalog), Phrases(ShopNames(catalog, day))
        with translation.override(language):
            reading = read_loosely(text, phrases, vocabulary, each, day)
        readings.append((reading.definition is None, reading.missed, each, reading))
        if reading.definition is not None and not reading.gaps:
            break
    _nothing, missed, where, best = readings[0]
    for _empty, less, other, reading in readings[1:]:
        if reading.definition is not None and less * 2 < missed:
            missed, where, best = less, other, reading
    definition = _valid(best.definition)
    if definition is None and not best.gaps:
        return Parse(None, "", _whole(text), False, language)
    gaps = tuple(Gap(start, end, text[start:end], choices) for start, end, choices in best.gaps)
    sentence = _sentence(definition, catalog, language) if definition is not None else ""
    return Parse(definition, sentence, gaps, False, where)


def _languages(first: str) -> Iterator[str]:
    yield first
    yield from (code for code, _name in settings.LANGUAGES if code != first)


def _exact(text: str, catalog: Catalog, language: str) -> dict[str, Json] | None:
    with translation.override(language):
        definition: dict[str, Json] | None = read_sentence(text, Vocabulary(catalog))
        return definition


def _valid(definition: dict[str, Json] | None) -> dict[str, Json] | None:
    """The definition, if it is not too large."""
    if definition is None:
        return None
    try:
        decode(definition)
    except Invalid:
        return None
    return definition


def _sentence(definition: dict[str, Json], catalog: Catalog, language: str) -> str:
    with translation.override(language):
        return describe(decode(definition), catalog, complete=True)


def _whole(text: str) -> tuple[Gap, ...]:
    stripped = text.strip()
    start = text.find(stripped)
    return (Gap(start, start + len(stripped), stripped),) if stripped else ()
