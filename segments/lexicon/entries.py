"""Entries: some words in three languages and the condition that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segmenter.kernel.registry import Registry
from segments.lexicon.letters import tokens
from segments.lexicon.query import Query
from segments.lexicon.shop import ShopNames
from segments.lexicon.stems import LANGUAGES

Fragment = dict[str, Any]
"""A condition's JSON."""
Make = Callable[[ShopNames], Fragment | None]
"""Makes the condition in an account; None where it makes no sense there."""


@dataclass(frozen=True)
class LexiconPhrase:
    """Words in a language. `words` are folded, `text` is as it was written."""

    text: str
    words: tuple[str, ...]
    language: str = ""
    """Empty for names, which belong to no language."""
    weight: float = 1.0


@dataclass(frozen=True)
class Entry:
    """One thing that words can stand for."""

    name: str
    make: Make
    phrases: tuple[LexiconPhrase, ...]
    group: str
    """The key of the heading under which it is listed; see `labels.GROUPS`."""
    metrics: tuple[str, ...] = ()
    """Standard metrics that the account must have."""
    weight: float = 1.0
    """Below 1 where the words may well mean something else."""
    lacks: str = ""
    """Why it cannot be chosen in this account."""


entries: Registry[Entry] = Registry("entry of the lexicon")
"""All entries that are the same in each account, by name."""

Names = Callable[[ShopNames], Iterator[Entry]]
names: Registry[Names] = Registry("names of the lexicon")
"""Entries for the names of an account: metrics, lists, properties."""


@dataclass(frozen=True)
class ValueCondition:
    """A condition about a value: a place, a product, a campaign."""

    fragment: Fragment
    score: float
    group: str
    phrase: str = ""
    """The value as it is written, where that is not what was typed."""


Values = Callable[[ShopNames, Query], Iterator[ValueCondition]]
values: Registry[Values] = Registry("values of the lexicon")
"""Conditions about values that were typed."""


def phrases_of(text: str) -> tuple[LexiconPhrase, ...]:
    """Read lines of words: a language before a colon, phrases separated by commas."""
    lines: dict[str, list[str]] = {}
    language = ""
    for line in text.splitlines():
        before, colon, after = line.partition(":")
        if colon and before.strip() in LANGUAGES:
            language, line = before.strip(), after
        lines.setdefault(language, []).append(line.strip())
    return tuple(
        LexiconPhrase(each.strip(), tokens(each), language)
        for language, parts in lines.items()
        for each in " ".join(parts).split(",")
        if each.strip()
    )


def name_phrases(name: str, weight: float = 1.0) -> tuple[LexiconPhrase, ...]:
    """The phrase of a name of the account."""
    words = tokens(name)
    return (LexiconPhrase(name, words, "", weight),) if words else ()


def entry(
    name: str,
    make: Make | Mapping[str, Any],
    text: str,
    *,
    group: str,
    metrics: tuple[str, ...] = (),
    weight: float = 1.0,
) -> None:
    """Add an entry to the lexicon. Raises ValueError if there is one of this name."""

    def constant(shop: ShopNames) -> Fragment:
        assert isinstance(make, Mapping)
        return dict(make)

    maker = constant if isinstance(make, Mapping) else make
    entries.add(name, Entry(name, maker, phrases_of(text), group, metrics, weight))
