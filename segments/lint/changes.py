"""Repairs that change a part of one condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from segments.definition.codec import encode_part
from segments.definition.fields import Structure
from segments.definition.operators import Filter
from segments.definition.repairs import Replacement
from segments.lint.study import PropertyTest

Change = Callable[[Structure], Structure]


def with_filters(tests: Mapping[PropertyTest, Filter]) -> Replacement:
    """Other filters in place of tested ones, which are of one condition."""
    place = next(iter(tests)).place
    changed: dict[Structure, Structure] = {
        test.holder: replace(test.holder, filter=new) for test, new in tests.items()
    }
    condition = changed_inside(place.condition, lambda part: changed.get(part, part))
    return Replacement(place.pointer, encode_part(condition))


def by_place(tests: Iterable[PropertyTest]) -> list[list[PropertyTest]]:
    """The tests of each condition: one warning speaks of all of them, and one fix mends all."""
    groups = groupby(tests, key=lambda test: test.place.pointer)
    return [list(group) for _pointer, group in groups]


def changed_inside(structure: Structure, change: Change) -> Structure:
    """A structure after a change of itself and all in it but filters, the innermost first."""
    changes: dict[str, Any] = {}
    for field in structure.declared():
        value = getattr(structure, field.name)
        if isinstance(value, tuple):
            inside: Any = tuple(_changed(part, change) for part in value)
        else:
            inside = _changed(value, change)
        if inside != value:
            changes[field.name] = inside
    return change(replace(structure, **changes) if changes else structure)


def _changed(value: Any, change: Change) -> Any:
    is_part = isinstance(value, Structure) and not isinstance(value, Filter)
    return changed_inside(value, change) if is_part else value
