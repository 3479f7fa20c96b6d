"""What the builder refuses though a definition may hold it: values that make no sense.

A segment that has them already stays as it is; an edit of it shows what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from profiles.columns.instants import parse_iso
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.builder.kinds.base import builder_kind_of
from segments.definition.fields import Structure
from segments.definition.operators import Filter, NumberTest
from segments.definition.tree import All, conditions
from segments.engine.checking import check_definition

_ENDS = ("start", "end")


def check(account: Account, definition: Any, key: str = "") -> All:
    """Read a definition as `check_definition` does, and refuse values that make no sense.

    Raises Invalid with all problems.
    """
    tree = check_definition(account, definition, key)
    problems = [
        problem.under(pointer)
        for pointer, condition in conditions(tree)
        for problem in (
            *_reversed(condition),
            *builder_kind_of(condition.type).problems(condition),
        )
    ]
    if problems:
        raise Invalid(*problems)
    return tree


@dataclass(frozen=True)
class ValueFix:
    """A correction of a value: fields to set in the structure at `pointer`."""

    words: str
    pointer: str
    sets: Mapping[str, Any]


def fix_of(problem: Problem, holder: Any) -> ValueFix | None:
    """The correction of a problem with a value of the structure `holder`, if there is one."""
    if not isinstance(holder, Mapping) or not _is_reversed(*(holder.get(end) for end in _ENDS)):
        return None
    are_dates = isinstance(holder["start"], str)
    words = gettext("Swap the dates") if are_dates else gettext("Swap the numbers")
    swapped = {"start": holder["end"], "end": holder["start"]}
    return ValueFix(words, problem.pointer.rpartition("/")[0], swapped)


def _reversed(structure: Structure, pointer: str = "") -> Iterator[Problem]:
    """Filters of the structure and all below it that end before they begin."""
    for at, filter_ in _filters(structure, pointer):
        if _is_reversed(*(getattr(filter_, end, None) for end in _ENDS)):
            if isinstance(filter_, NumberTest):
                message = gettext("The first number is larger than the second.")
            else:
                message = gettext("The last day is before the first day.")
            yield Problem(f"{at}/end", "reversed", message)


def _is_reversed(start: Any, end: Any) -> bool:
    if isinstance(start, str) and isinstance(end, str):
        first, last = parse_iso(start), parse_iso(end)
        if first is None or last is None:
            return False
        if (first.tzinfo is None) != (last.tzinfo is None) or len(min(start, end, key=len)) <= 10:
            return first.date() > last.date()
        return first > last
    are_numbers = all(isinstance(each, int | float) for each in (start, end))
    return are_numbers and bool(start > end)


def _filters(structure: Structure, pointer: str) -> Iterator[tuple[str, Filter]]:
    for field in structure.declared():
        value, at = getattr(structure, field.name), f"{pointer}/{field.name}"
        if isinstance(value, Filter):
            yield at, value
        elif isinstance(value, Structure):
            yield from _filters(value, at)
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                if isinstance(item, Structure):
                    yield from _filters(item, f"{at}/{i}")
