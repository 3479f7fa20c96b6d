"""Rules across a definition: its references exist, it has no cycles, its kinds work here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from django.utils.translation import gettext

from segmenter.kernel.errors import Problem
from segments.definition.fields import ABSENT, GroupKeys, Many, MetricKey, Nested, Structure
from segments.definition.operators import DateFilter
from segments.definition.tree import All, conditions


class References(Protocol):
    """The metrics, lists and segments of an account, each by key."""

    @property
    def metrics(self) -> Mapping[str, Any]: ...

    @property
    def lists(self) -> Mapping[str, Any]: ...

    @property
    def segments(self) -> Mapping[str, Any]: ...


def unknown_references(tree: All, inventory: References) -> Iterator[Problem]:
    """References to metrics, lists and segments that the account does not have."""
    for pointer, condition in conditions(tree):
        for place, what, key in references(condition, pointer):
            if what == "metric" and key not in inventory.metrics:
                message = gettext("There is no metric “%(key)s”.") % {"key": key}
                yield Problem(place, "unknown_metric", message)
            if what == "group" and key not in inventory.lists and key not in inventory.segments:
                message = gettext("There is no list or segment “%(key)s”.") % {"key": key}
                yield Problem(place, "unknown_group", message)


def unsupported(tree: All) -> Iterator[Problem]:
    """Conditions of kinds that are stored but cannot be answered here."""
    for pointer, condition in conditions(tree):
        if condition.unsupported:
            yield Problem(pointer, "unsupported", gettext(condition.unsupported))


def references(structure: Structure, pointer: str = "") -> Iterator[tuple[str, str, str]]:
    """(pointer, "metric" or "group", key) for each reference of a structure."""
    for field in structure.declared():
        value = getattr(structure, field.name)
        place = f"{pointer}/{field.name}"
        if value is ABSENT or value is None:
            continue
        if isinstance(field.type, MetricKey):
            yield place, "metric", value
        elif isinstance(field.type, GroupKeys):
            for i, key in enumerate(value):
                yield f"{place}/{i}", "group", key
        elif isinstance(field.type, Nested):
            yield from references(value, place)
        elif isinstance(field.type, Many):
            for i, item in enumerate(value):
                if isinstance(item, Structure):
                    yield from references(item, f"{place}/{i}")


def groups_of(tree: All) -> set[str]:
    """The keys of all lists and segments that a definition refers to."""
    return {
        key
        for _, condition in conditions(tree)
        for _, what, key in references(condition)
        if what == "group"
    }


def find_cycle(key: str, tree: All, groups: Callable[[str], set[str]]) -> list[str] | None:
    """The path by which a segment's definition leads back to the segment; None if there is none.

    `groups(key)` returns the groups that another segment refers to.
    """
    visited: set[str] = set()
    paths = [[key, group] for group in sorted(groups_of(tree))]
    while paths:
        path = paths.pop()
        last = path[-1]
        if last == key:
            return path
        if last not in visited:
            visited.add(last)
            paths.extend([*path, group] for group in sorted(groups(last)))
    return None


def has_dates(structure: Structure | All) -> bool:
    """Whether a definition compares dates, and so depends on the account's time zone."""
    if isinstance(structure, All):
        return any(has_dates(condition) for _, condition in conditions(structure))
    if isinstance(structure, DateFilter):
        return True
    for field in structure.declared():
        value = getattr(structure, field.name)
        parts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(part, Structure) and has_dates(part) for part in parts):
            return True
    return False
