"""The texts that properties of people and events have, folded, for searching while somebody types.

Read once for each population in this process; numbers, addresses and ids are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from profiles.columns.column import Column, ValueKind
from profiles.columns.gather import everyone
from profiles.columns.population import Population, UnknownKey
from segments.definition.paths import parse_path, write_path
from segments.engine.vocabulary import Catalog
from segments.lexicon.letters import tokens

MOST_DISTINCT = 3_000
"""A property of more distinct texts is an address or an id, which nobody searches by."""
MOST_EVENTS = 400_000
"""Of people who are not in files, no more events than this are read."""
_LEFT_OUT = frozenset(
    {"email", "phone_number", "external_id", "anonymous_id", "image", "first_name", "last_name"}
    | {"created", "updated", "first_active", "last_active", "last_event_date"}
)
_IDS = ("id", "url", "uri", "key", "token")


@dataclass(frozen=True)
class ValueMatch:
    """What of a property's values fits some words."""

    value: str
    """What the values have in common, as it is written in them."""
    how: str
    """`whole`, `word` or `beginning` (of a word)."""
    is_only: bool
    """Whether it is one value as a whole, and part of no other one."""
    ignores_case: bool


@dataclass(frozen=True)
class ValuesOfProperty:
    """The distinct texts of one property."""

    name: str
    """The path of a field, or the name of a custom property or of an event's property."""
    metric: str
    """The metric of events; empty for people."""
    is_field: bool
    is_list: bool
    texts: tuple[str, ...]

    @property
    def path(self) -> str:
        """The path of a property of people; empty for events."""
        return "" if self.metric else self.name if self.is_field else write_path(self.name)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The texts as words between spaces."""
        return tuple(f" {' '.join(tokens(text))} " for text in self.texts)

    @cached_property
    def _all(self) -> str:
        return "\n".join(self.folded)

    def equals(self, typed: str) -> list[str]:
        """The texts that are these words."""
        if f" {typed} " not in self._all:
            return []
        pairs = zip(self.folded, self.texts, strict=True)
        return [text for folded, text in pairs if folded == f" {typed} "]

    def find(self, typed: str) -> ValueMatch | None:
        """What fits the folded words; None if nothing does."""
        if f" {typed}" not in self._all:
            return None
        whole, word, beginning = f" {typed} ", [], []
        same = []
        for folded, text in zip(self.folded, self.texts, strict=True):
            if folded == whole:
                same.append(text)
            elif whole in folded:
                word.append(text)
            elif f" {typed}" in folded:
                beginning.append(text)
        if same and not word and not beginning:
            is_one = len(same) == 1
            return ValueMatch(same[0], "whole", True, not is_one)
        how = "whole" if same else "word" if word else "beginning"
        parts = [p for text in (*same, *word, *beginning) if (p := _part(text, typed))]
        if not parts:
            return ValueMatch(same[0], "whole", True, False) if same else None
        common = max(set(parts), key=lambda part: (parts.count(part), part))
        return ValueMatch(common, how, False, len(set(parts)) > 1)


def _part(text: str, typed: str) -> str:
    """The part of a text that folds to the typed words: "Shorts" of "Linen Shorts"."""
    for start in range(len(text)):
        if start and text[start - 1].isalnum():
            continue
        for end in range(start + len(typed) - 2, min(len(text), start + len(typed) + 4) + 1):
            if end > start and " ".join(tokens(text[start:end])) == typed:
                return text[start:end].strip()
    return ""


_indexes: WeakKeyDictionary[Population, dict[str, Any]] = WeakKeyDictionary()
_lock = Lock()


def value_index(catalog: Catalog) -> list[ValuesOfProperty]:
    """All properties with texts, of people and of events."""
    if not catalog.account.pk:
        return []
    merged: dict[tuple[str, str], ValuesOfProperty] = {}
    for people, _share in everyone(catalog.account).shares:
        for each in _of_population(catalog, people):
            place = (each.metric, each.name)
            known = merged.get(place)
            if known is None:
                merged[place] = each
            elif set(each.texts) - set(known.texts):
                texts = tuple(dict.fromkeys((*known.texts, *each.texts)))
                merged[place] = ValuesOfProperty(
                    each.name, each.metric, each.is_field, known.is_list or each.is_list, texts
                )
    return list(merged.values())


def _of_population(catalog: Catalog, people: Population) -> list[ValuesOfProperty]:
    with _lock:
        known = _indexes.get(people)
    signature = _signature(catalog)
    if known is not None and known["signature"] == signature:
        values: list[ValuesOfProperty] = known["values"]
        return values
    values = [*_of_people(catalog, people), *_of_events(catalog, people)]
    with _lock:
        _indexes[people] = {"signature": signature, "values": values}
    return values


def _signature(catalog: Catalog) -> object:
    return (tuple(sorted(catalog.metrics)), tuple(catalog.profile_properties))


def _of_people(catalog: Catalog, people: Population) -> Iterator[ValuesOfProperty]:
    for name in catalog.profile_properties:
        path = parse_path(name)
        if path is None or (not path.custom and path.name in _LEFT_OUT):
            continue
        values = _texts(path.column(people))
        if values is not None:
            its_name = path.name if path.custom else name
            yield ValuesOfProperty(its_name, "", not path.custom, *values)


def _of_events(catalog: Catalog, people: Population) -> Iterator[ValuesOfProperty]:
    for key in catalog.metrics:
        try:
            all_events = people.events(key)
        except UnknownKey:
            continue
        if not people.in_files and len(all_events) > MOST_EVENTS:
            continue
        for name in catalog.event_properties(key):
            if name.startswith("$") or name.casefold().split()[-1:] in ([i] for i in _IDS):
                continue
            values = _texts(all_events.property_column(name))
            if values is not None:
                yield ValuesOfProperty(name, key, False, *values)


def _texts(column: Column) -> tuple[bool, tuple[str, ...]] | None:
    """(whether they are items of lists, distinct texts); None for too many, or none."""
    values = column.values
    if not len(values):
        return None
    items: dict[str, None] = {}
    for listed in values.lists.values():
        items.update((item, None) for item in listed if isinstance(item, str))
        if len(items) > MOST_DISTINCT:
            return None
    if items:
        return True, tuple(items)
    is_text = values.of(ValueKind.TEXT)
    if not is_text.any() or int(is_text.sum()) > MOST_DISTINCT:
        return None
    texts = [text for text in values.texts.to_pylist() if text]
    return (False, tuple(texts)) if texts else None
