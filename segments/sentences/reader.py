"""Reads a text by the grammar: every way to read a symbol at a place, each found once.

The work is bounded: a text that would take more steps raises TooInvolved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid
from segments.definition import words
from segments.definition.codec import decode
from segments.definition.paths import write_path
from segments.definition.plain_names import MOST_PLAIN, PLAIN, is_plain
from segments.definition.tree import Condition, conditions
from segments.sentences.grammar import Grammar, Hole, ListOf, Template, Trie
from segments.sentences.literals import Literals
from segments.sentences.symbols import (
    ClauseText,
    DateWords,
    EventPropertyName,
    GroupName,
    JsonText,
    LiteralText,
    MetricName,
    NameText,
    NumberText,
    PercentText,
    ProfilePropertyName,
    QuotedText,
    Symbol,
    Templates,
)
from segments.sentences.vocabulary import Vocabulary

MOST_STEPS = 200_000
"""Steps of reading a text. A sentence of 100 conditions needs far fewer."""
_MOST_WAYS = 8
"""Readings of a symbol with the same end."""
_MOST_CONDITIONS = 64


class TooInvolved(Exception):
    """Interpretation the text would take too long."""


class Interpretation(NamedTuple):
    """Where a symbol ends, and its value as JSON."""

    end: int
    value: Any


class TextReader:
    """Reads one text in the active language."""

    def __init__(self, text: str, grammar: Grammar, vocabulary: Vocabulary) -> None:
        self.text = text
        self.flat = text.replace("\u00a0", " ")
        self.vocabulary = vocabulary
        self._grammar = grammar
        self._literals = Literals()
        self._readings: dict[tuple[Symbol, int], list[Interpretation]] = {}
        self._steps = 0

    def read(self, symbol: Symbol, start: int) -> list[Interpretation]:
        """Every way to read a symbol at a place."""
        known = self._readings.get((symbol, start))
        if known is None:
            known = self._readings[symbol, start] = _distinct(self._read(symbol, start))
        return known

    def step(self) -> None:
        """Count a step. Raises TooInvolved."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooInvolved

    def _read(self, symbol: Symbol, start: int) -> Iterator[Interpretation]:
        self.step()
        match symbol:
            case ClauseText(short=short):
                yield from self._conditions(start, short=short)
            case Templates():
                yield from self._templates(symbol, start)
            case ListOf():
                yield from self._list(symbol, start)
            case NumberText(scale):
                for end, number in self._literals.number(self.flat, start):
                    yield Interpretation(end, number * scale)
            case PercentText():
                for end, number in self._literals.percent(self.flat, start):
                    yield Interpretation(end, number)
            case DateWords():
                for end, date in self._literals.date(self.flat, start):
                    yield Interpretation(end, date)
            case QuotedText(labels):
                yield from self._quoted(start)
                for key, label in labels:
                    if self.text.startswith(gettext(label), start):
                        yield Interpretation(start + len(gettext(label)), key)
            case LiteralText():
                yield from self._literal(start)
            case JsonText():
                for end, text in self._quoted(start):
                    try:
                        yield Interpretation(end, json.loads(text))
                    except (ValueError, RecursionError):
                        continue
            case NameText():
                yield from self._quoted(start)
                yield from self._plain(start)
            case MetricName():
                yield from self._name_in(self.vocabulary.metrics, start)
            case GroupName():
                yield from self._name_in(self.vocabulary.groups, start)
            case ProfilePropertyName():
                yield from self._profile_property(start)
            case EventPropertyName():
                value = gettext("value")
                if self.text.startswith(value, start):
                    yield Interpretation(start + len(value), "$value")
                yield from self._quoted(start)
                yield from self._plain(start)

    # --- names and literals ----------------------------------------------------------------------

    def _quoted(self, start: int) -> Iterator[Interpretation]:
        reading = self._literals.quoted(self.text, start)
        if reading is not None:
            yield Interpretation(*reading)

    def _plain(self, start: int) -> Iterator[Interpretation]:
        """Names without quotation marks: up to the end of each word."""
        match = PLAIN.match(self.text, start, start + MOST_PLAIN + 1)
        if match is None:
            return
        for end in sorted({match.end(), *_word_ends(self.text, start, match.end())}):
            if end - start <= MOST_PLAIN and is_plain(self.text[start:end]):
                yield Interpretation(end, self.text[start:end])

    def _name_in(self, table: Any, start: int) -> Iterator[Interpretation]:
        yield from (Interpretation(*reading) for reading in table.at(self.text, start))

    def _literal(self, start: int) -> Iterator[Interpretation]:
        yield from self._quoted(start)
        for truth in (True, False):
            if self.text.startswith(words.truth(truth), start):
                yield Interpretation(start + len(words.truth(truth)), truth)
        for end, number in self._literals.number(self.flat, start):
            yield Interpretation(end, number)

    def _profile_property(self, start: int) -> Iterator[Interpretation]:
        yield from self._name_in(self.vocabulary.properties, start)
        prefix = gettext("custom property %(name)s") % {"name": ""}
        if self.text.startswith(prefix, start):
            for end, name in self._plain(start + len(prefix)):
                yield Interpretation(end, write_path(name))
        for end, name in (*self._quoted(start), *self._plain(start)):
            if name:
                yield Interpretation(end, write_path(name))

    # --- templates -------------------------------------------------------------------------------

    def _templates(self, symbol: Templates, start: int) -> Iterator[Interpretation]:
        for end, template, values in self._follow(self._grammar.trie(symbol), start, ()):
            yield Interpretation(end, _fill(template, values))

    def _follow(
        self, node: Trie, start: int, values: tuple[Any, ...]
    ) -> Iterator[tuple[int, Template, tuple[Any, ...]]]:
        self.step()
        for template in node.templates:
            yield start, template, values
        for literal, below in node.literals.items():
            if self.flat.startswith(literal.replace("\u00a0", " "), start):
                yield from self._follow(below, start + len(literal), values)
        for symbol, below in node.holes.items():
            for end, value in self.read(symbol, start):
                yield from self._follow(below, end, (*values, value))

    def _list(self, symbol: ListOf, start: int) -> Iterator[Interpretation]:
        """Three items or more. All ways to go on are followed, so items should end clearly."""
        ways: list[tuple[int, tuple[Any, ...]]] = [
            (end, (value,)) for end, value in self.read(symbol.item, start)
        ]
        while ways:
            longer: list[tuple[int, tuple[Any, ...]]] = []
            for end, values in ways:
                if len(values) >= 2 and self.flat.startswith(symbol.last, end):
                    for last, value in self.read(symbol.item, end + len(symbol.last)):
                        yield Interpretation(last, [*values, value])
                if self.flat.startswith(symbol.separator, end):
                    for last, value in self.read(symbol.item, end + len(symbol.separator)):
                        self.step()
                        longer.append((last, (*values, value)))
            ways = longer[:_MOST_CONDITIONS]

    # --- conditions ------------------------------------------------------------------------------

    def _conditions(self, start: int, *, short: bool) -> Iterator[Interpretation]:
        """Conditions whose own sentence is exactly the text that was read."""
        begin = self._grammar.pronoun if short else ""
        counts: dict[int, int] = {}
        for end, value in self._templates(ClauseText(short), start):
            self.step()
            if end in counts:
                continue
            condition = as_condition(value)
            if condition is None:
                continue
            with words.whole_lists():
                sentence = condition.sentence(self.vocabulary.catalog)
            if sentence == begin + self.text[start:end]:
                counts[end] = 1
                yield Interpretation(end, value)


def as_condition(value: Any) -> Condition | None:
    """Read a condition from JSON; None if it is invalid."""
    try:
        tree = decode({"condition_groups": [{"conditions": [value]}]})
    except Invalid:
        return None
    return next((condition for _pointer, condition in conditions(tree)), None)


def _fill(template: Template, values: tuple[Any, ...]) -> Any:
    document = deepcopy(template.json)
    holes = [part for part in template.parts if isinstance(part, Hole)]
    # The last hole of the trie's way is the template's own.
    for hole, value in zip(holes, values, strict=True):
        if isinstance(hole.symbol, ListOf):
            for i, item in enumerate(value):
                _put(document, (*hole.path, hole.start + i), item)
        else:
            _put(document, hole.path, value)
    return document


def _put(document: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Put a value at a path; what is missing on the way is made."""
    for step, following in pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            while len(document) <= step:
                document.append(None)
            if document[step] is None:
                document[step] = empty
        elif document.get(step) is None:
            document[step] = empty
        document = document[step]
    last = path[-1]
    if isinstance(last, int):
        while len(document) <= last:
            document.append(None)
    document[last] = value


def _distinct(readings: Iterator[Interpretation]) -> list[Interpretation]:
    """The readings without repetitions, a few for each end."""
    distinct: list[Interpretation] = []
    counts: dict[int, int] = {}
    for reading in readings:
        if counts.get(reading.end, 0) >= _MOST_WAYS or reading in distinct:
            continue
        counts[reading.end] = counts.get(reading.end, 0) + 1
        distinct.append(reading)
    return distinct


def _word_ends(text: str, start: int, end: int) -> Iterator[int]:
    for match in re.finditer(r"\w(?!\w)|\S(?= )", text[start:end]):
        yield start + match.end()
