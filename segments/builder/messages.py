"""The message of a problem for a marketer: the definition's, or that of its control.

Walks from a condition to the place of the problem, by what its kind declares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid, Problem
from segments.builder.edits.spots import resolve
from segments.builder.inputs import controls
from segments.builder.partial import owner_of
from segments.definition.fields import ABSENT, FieldType, FilterOf, Many, Nested, Structure
from segments.definition.operators import filters
from segments.definition.tree import kinds

_FOR_PROGRAMS = frozenset({"invalid", "required", "unknown"})
"""Codes of problems with the shape of a definition, which no form can have."""


def message_of(partial: Mapping[str, Any], problem: Problem) -> str:
    """The words for a problem with a partial definition that holds its place."""
    place = owner_of(problem.pointer)
    member, inner = _member(partial, place)
    kind = member.get("type") if isinstance(member, Mapping) else None
    if isinstance(kind, str) and kind in kinds and problem.pointer.startswith(inner):
        steps = problem.pointer[len(inner) :].split("/")[1:]
        return _in_structure(kinds[kind], member, steps, problem)
    if problem.code not in _FOR_PROGRAMS:
        return problem.message
    if place:
        return gettext("This condition cannot be read. Take it away and choose it anew.")
    return gettext("A part of this segment cannot be read.")


def _member(partial: Mapping[str, Any], pointer: str) -> tuple[Any, str]:
    """The member or group at a pointer and the pointer of what lies inside its `not`s."""
    try:
        member = resolve(partial, pointer) if pointer else partial
    except Invalid:
        return None, pointer
    while isinstance(member, Mapping) and "not" in member:
        member, pointer = member["not"], f"{pointer}/not"
    return member, pointer


def _in_structure(cls: type[Structure], value: Any, steps: Sequence[str], problem: Problem) -> str:
    if not steps:
        return problem.message
    for field in cls.declared():
        if steps[0] in (field.name, *field.spellings):
            inner = value.get(steps[0], ABSENT) if isinstance(value, Mapping) else ABSENT
            return _in_value(field.type, inner, steps[1:], problem)
    return gettext("Something here is not known to the builder. Choose the condition anew.")


def _in_value(type_: FieldType, value: Any, steps: Sequence[str], problem: Problem) -> str:
    match type_:
        case FilterOf() if steps and steps[0] not in ("type", "operator"):
            holder: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
            cls = filters.get((str(holder.get("type")), str(holder.get("operator"))))
            if cls is not None:
                return _in_structure(cls, value, steps, problem)
        case Nested(structure) if steps:
            return _in_structure(structure, value, steps, problem)
        case Many(item) if steps:
            return _in_value(item, _item(value, steps[0]), steps[1:], problem)
        case _ if steps:
            value = _item(value, steps[0])
    return controls[type(type_)].refusal(type_, value, problem.message)


def _item(value: Any, step: str) -> Any:
    is_there = isinstance(value, list) and step.isdigit() and int(step) < len(value)
    return value[int(step)] if is_there else ABSENT
