"""The grammar of a language: templates, made by printing every structure with blanks.

So it holds whatever `sentence`, `phrase` and the filters print, and a new condition kind or filter
is in it without a word here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import get_language

from segments.definition import conditions as _registered  # noqa: F401
from segments.definition import words
from segments.definition.fields import Structure
from segments.definition.operators import Filter, filters
from segments.definition.tree import kinds
from segments.sentences.blanks import BlankDraft, BlankSlot, Drafts, Unprintable, slots_of
from segments.sentences.symbols import (
    ClauseText,
    DateWords,
    LiteralText,
    NameText,
    Path,
    PercentText,
    PhraseOf,
    QuotedText,
    Rendering,
    Symbol,
    Templates,
)

_FROM_MANY = 3
"""A list with fewer items has a template of its own."""


@dataclass(frozen=True)
class ListOf(Symbol):
    """Three items or more: a separator between them, and what stands before the last."""

    item: Symbol
    separator: str
    last: str


class Hole(NamedTuple):
    """A symbol, and where its value belongs. The values of a list begin at `start`."""

    symbol: Symbol
    path: Path
    start: int = 0


class Template(NamedTuple):
    """Literal texts and holes in turn, and the JSON without the values of the holes."""

    parts: tuple[str | Hole, ...]
    json: Any


@dataclass
class Trie:
    """Templates that begin alike share the way."""

    literals: dict[str, Trie] = field(default_factory=dict)
    holes: dict[Symbol, Trie] = field(default_factory=dict)
    templates: list[Template] = field(default_factory=list)

    def add(self, template: Template) -> None:
        node = self
        for part in template.parts:
            if isinstance(part, str):
                node = node.literals.setdefault(part, Trie())
            else:
                node = node.holes.setdefault(part.symbol, Trie())
        if template not in node.templates:
            node.templates.append(template)


class NamesAreKeys:
    """Prints keys as they are."""

    def metric(self, key: str) -> str:
        return key

    def group(self, key: str) -> str:
        return key


class Grammar:
    """The templates of the active language, made when they are needed."""

    def __init__(self) -> None:
        self.pronoun = words.pronoun() + " "
        self._tries: dict[Templates, Trie] = {}

    def trie(self, symbol: Templates) -> Trie:
        """The templates of a symbol."""
        if symbol not in self._tries:
            trie = self._tries[symbol] = Trie()
            for template in self._templates(symbol):
                trie.add(template)
        return self._tries[symbol]

    def _templates(self, symbol: Templates) -> Iterator[Template]:
        match symbol:
            case ClauseText(short=False):
                for name in kinds:
                    yield from _templates_of(kinds[name], "sentence")
            case ClauseText():
                yield from self._short()
            case PhraseOf(structure):
                yield from _templates_of(structure, "phrase")
            case Rendering():
                yield from _templates_of_filters(symbol)

    def _short(self) -> Iterator[Template]:
        """The clauses that begin with the pronoun, without it."""
        stack = [self.trie(ClauseText(short=False))]
        while stack:
            node = stack.pop()
            for template in node.templates:
                first = template.parts[0]
                if isinstance(first, str) and first.startswith(self.pronoun):
                    rest = first.removeprefix(self.pronoun)
                    yield Template((rest, *template.parts[1:]), template.json)
            stack += [*node.literals.values(), *node.holes.values()]


@lru_cache
def _grammar(language: str) -> Grammar:
    return Grammar()


def grammar() -> Grammar:
    """The grammar of the active language."""
    return _grammar(get_language() or "en")


def _templates_of(structure: type[Structure], method: str) -> list[Template]:
    """The templates of what a method of a structure prints."""
    try:
        return _print(structure, method, with_fields=False)
    except _FieldNeeded:
        return _print(structure, method, with_fields=True)


class _FieldNeeded(Exception):
    """A list is printed by more than the phrases of its structures."""


def _print(structure: type[Structure], method: str, *, with_fields: bool) -> list[Template]:
    takes_names = getattr(structure, method).__code__.co_argcount > 1
    arguments = (NamesAreKeys(),) if takes_names else ()
    templates: list[Template] = []
    for draft in Drafts(with_fields=with_fields).of(structure):
        try:
            text = getattr(draft.value, method)(*arguments)
        except AttributeError:
            if not with_fields and not isinstance(draft.value, Filter):
                raise _FieldNeeded from None
            continue
        except (Unprintable, KeyError, TypeError):
            continue  # what is chosen does not go together
        templates += _as_templates(text, draft)
    return templates


def _templates_of_filters(symbol: Rendering) -> Iterator[Template]:
    arguments = () if symbol.say is None else (symbol.say,)
    for cls in symbol.classes:
        for operator in cls.labels:
            if filters[cls.type, operator] is not cls:
                continue
            for draft in Drafts(labels=symbol.labels).of(cls):
                if draft.value.operator != operator:
                    continue
                text = getattr(draft.value, symbol.method)(*arguments)
                yield from _as_templates(text, draft)


def _as_templates(text: str, draft: BlankDraft) -> Iterator[Template]:
    """The template of a printed text."""
    holes: dict[str, Hole] = {}
    for slot in slots_of(draft):
        holes |= _looks(slot)
    if not holes:
        yield Template((text,), draft.json)
        return
    pattern = "|".join(re.escape(look) for look in sorted(holes, key=len, reverse=True))
    parts: list[str | Hole] = []
    for i, piece in enumerate(re.split(f"({pattern})", text)):
        if i % 2:
            parts.append(holes[piece])
        elif piece:
            parts.append(piece)
    yield Template(tuple(_lists(parts)), draft.json)


def _looks(slot: BlankSlot) -> dict[str, Hole]:
    """What a blank looks like in a printed text, and how that is read."""
    mark, path, symbol = slot
    if isinstance(mark, str) and len(mark) > 1:
        return {words.date_text(mark): Hole(DateWords(), path)}
    if isinstance(mark, str):
        bare = NameText() if isinstance(symbol, QuotedText) else symbol
        looks = {mark: Hole(bare, path), words.quoted(mark): Hole(symbol, path)}
        if isinstance(symbol, LiteralText):
            del looks[mark]
        return looks
    looks = {words.number(mark): Hole(symbol, path), str(mark): Hole(symbol, path)}
    return looks | {words.percent(mark): Hole(PercentText(), path)}


def _lists(parts: list[str | Hole]) -> Iterator[str | Hole]:
    """The parts, with runs of items of one list as a single hole."""
    i = 0
    while i < len(parts):
        run = _run(parts, i)
        if (run + 1) // 2 < _FROM_MANY:
            yield parts[i]
            i += 1
            continue
        first = parts[i]
        assert isinstance(first, Hole)
        separator, last = parts[i + 1], parts[i + run - 2]
        assert isinstance(separator, str)
        assert isinstance(last, str)
        start = first.path[-1]
        assert isinstance(start, int)
        yield Hole(ListOf(first.symbol, separator, last), first.path[:-1], start)
        i += run


def _run(parts: list[str | Hole], i: int) -> int:
    """How many parts from the i-th on are the items of one list and what separates them."""
    first = parts[i]
    if not isinstance(first, Hole) or not first.path or not isinstance(first.path[-1], int):
        return 1
    length = 1
    while i + length + 1 < len(parts):
        item = parts[i + length + 1]
        follows = (*first.path[:-1], first.path[-1] + (length + 1) // 2)
        if not isinstance(item, Hole) or item.path != follows or item.symbol != first.symbol:
            break
        length += 2
    return length
