"""The exact parser: a text that `definition.describe` printed, back to its definition.

A reading counts only if it prints the text again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any as Json

from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.limits import MOST_NESTING
from segments.sentences.grammar import grammar
from segments.sentences.reader import Interpretation, TextReader, TooInvolved
from segments.sentences.symbols import ClauseText
from segments.sentences.vocabulary import Vocabulary


def read_sentence(text: str, vocabulary: Vocabulary) -> Json | None:
    """The definition whose sentence in the active language is the text; None if there is none."""
    try:
        for definition in _TreeReader(text, vocabulary).definitions():
            try:
                tree = decode(definition)
            except Invalid:
                continue
            if describe(tree, vocabulary.catalog, complete=True) == text:
                return definition
    except TooInvolved:
        pass
    return None


class _TreeReader:
    """Reads how conditions are joined: the words of `describe`."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self._reader = TextReader(text, grammar(), vocabulary)
        self._begin, self._end = gettext("People %(clauses)s.").split("%(clauses)s")
        self._or = _between(gettext("%(before)s or %(after)s"))
        self._and = _between(gettext("%(before)s, and %(after)s"))
        self._not = gettext("who are not among (those %(clauses)s)").split("%(clauses)s")
        self._known: dict[int, list[Interpretation]] = {}
        self._depth = 0

    def definitions(self) -> Iterator[Json]:
        """Every way to read the whole text."""
        if not self.text.startswith(self._begin) or not self.text.endswith(self._end):
            return
        last = len(self.text) - len(self._end)
        for end, groups in self._groups(len(self._begin)):
            if end == last:
                yield _definition(groups)

    def _groups(self, start: int) -> list[Interpretation]:
        """The groups of a definition."""
        if self._depth > MOST_NESTING:
            return []
        self._depth += 1
        readings: list[Interpretation] = []
        ways: list[tuple[int, list[list[Json]]]] = [
            (end, [[member]]) for end, member in self._members(start)
        ]
        while ways:
            longer: list[tuple[int, list[list[Json]]]] = []
            for end, groups in ways:
                if self._closes(end):
                    readings.append(
                        Interpretation(end, [{"conditions": group} for group in groups])
                    )
                if self.text.startswith(self._and, end):
                    for last, member in self._members(end + len(self._and)):
                        longer.append((last, [*groups, [member]]))
                if self.text.startswith(self._or, end):
                    for last, member in self._members(end + len(self._or)):
                        longer.append((last, [*groups[:-1], [*groups[-1], member]]))
            ways = longer
        self._depth -= 1
        return readings

    def _members(self, start: int) -> list[Interpretation]:
        """The condition, negation or nested definition at a place, if it can end there."""
        if start not in self._known:
            self._reader.step()
            self._known[start] = [
                reading
                for reading in self._member(start)
                if self._closes(reading.end)
                or self.text.startswith((self._and, self._or), reading.end)
            ]
        return self._known[start]

    def _closes(self, end: int) -> bool:
        return self.text[end : end + 1] in {"", ")", self._end[0]}

    def _member(self, start: int) -> Iterator[Interpretation]:
        if self.text.startswith("(", start):
            for end, groups in self._groups(start + 1):
                if self.text.startswith(")", end):
                    yield Interpretation(end + 1, _definition(groups))
        begin, close = self._not
        short = begin.removeprefix(grammar().pronoun)
        for opening in (begin, short):
            if self.text.startswith(opening, start):
                for end, groups in self._groups(start + len(opening)):
                    if self.text.startswith(close, end):
                        yield Interpretation(end + len(close), {"not": _simplest(groups)})
        yield from self._reader.read(ClauseText(short=False), start)
        yield from self._reader.read(ClauseText(short=True), start)


def _definition(groups: list[Json]) -> Json:
    return {"condition_groups": groups}


def _simplest(groups: list[Json]) -> Json:
    """A single condition or negation instead of a definition that has nothing else."""
    if len(groups) == 1 and len(groups[0]["conditions"]) == 1:
        (member,) = groups[0]["conditions"]
        if "condition_groups" not in member:
            return member
    return _definition(groups)


def _between(template: str) -> str:
    """The text between the two placeholders of a template."""
    return re.split(r"%\(\w+\)s", template)[1]
