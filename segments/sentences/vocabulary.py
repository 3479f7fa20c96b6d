"""The names of an account as sentences write them, to what definitions call them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.utils.translation import gettext

from segments.definition import words
from segments.definition.paths import FIELDS, LOCATION
from segments.definition.tree import Names


class AccountNames(Names, Protocol):
    """The metrics, lists and segments of an account, each by key, and their names."""

    @property
    def metrics(self) -> Mapping[str, Any]: ...

    @property
    def lists(self) -> Mapping[str, Any]: ...

    @property
    def segments(self) -> Mapping[str, Any]: ...


class NameTable:
    """Names in a text, by their first character. A name may belong to several keys."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._keys: dict[str, list[str]] = defaultdict(list)
        for name, key in names:
            if name and key not in self._keys[name]:
                self._keys[name].append(key)
        self._by_first: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._keys, key=len, reverse=True):
            self._by_first[name[0]].append(name)

    def at(self, text: str, start: int) -> list[tuple[int, str]]:
        """(end, key) of every name that the text has at a place, longest first."""
        return [
            (start + len(name), key)
            for name in self._by_first.get(text[start : start + 1], ())
            if text.startswith(name, start) and not _goes_on(text, start + len(name))
            for key in self._keys[name]
        ]


def _goes_on(text: str, end: int) -> bool:
    """Whether a word goes on after its end."""
    return text[end - 1].isalnum() and text[end : end + 1].isalnum()


class Vocabulary:
    """The names of a catalog and the labels of properties in the active language."""

    def __init__(self, catalog: AccountNames) -> None:
        self.catalog = catalog
        self.metrics = NameTable(
            (words.as_name(catalog.metric(key)), key) for key in catalog.metrics
        )
        groups = (*catalog.lists, *catalog.segments)
        self.groups = NameTable((words.as_name(catalog.group(key)), key) for key in groups)
        paths = dict(_paths())
        self.properties = NameTable(
            (gettext(label), paths[name]) for name, label in words.PROPERTY_LABELS.items()
        )


def _paths() -> Iterable[tuple[str, str]]:
    """(field, its path) of the fields of every profile."""
    for path, name in reversed(FIELDS.items()):
        yield name, path
    for path, name in LOCATION.items():
        yield name, f"location['{path}']"
