"""Repairs that change a part of one condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from segments.definition.codec import encode_part
from segments.definition.fields import Structure
from segments.definition.operators import Filter
from segments.definition.repairs import Put
from segments.lint.study import PropertyTest

Change = Callable[[Structure], Structure]


def with_filter(test: PropertyTest, filter_: Filter) -> Put:
    """Another filter in place of a tested one."""
    changed = replace(test.holder, filter=filter_)
    condition = changed_inside(
        test.place.condition, lambda part: changed if part == test.holder else part
    )
    return Put(test.place.pointer, encode_part(condition))


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
