"""How large and how deep a definition may be, measured on its JSON before anything recurses.

Code that reads, renders or stores a definition may recurse after this check: it is shallow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from segmenter.kernel.errors import Problem
from segmenter.kernel.json_limits import is_deeper

MOST_CONDITIONS = 100
MOST_DEPTH = 8
"""Nested definitions, including the outermost one."""
MOST_NESTING = 32
"""Steps from the outermost definition to a condition: each nested group and each "not"."""
MOST_LEVELS = 100
"""Levels of JSON. A condition that is MOST_NESTING deep needs far fewer."""


@dataclass(frozen=True)
class Size:
    """The size of a document, whether it can be read as a definition or not."""

    conditions: int
    """Members that are neither nested groups nor negations; an empty group counts as one."""
    depth: int
    nesting: int
    fields: int
    """Numbers, texts and other scalar values. Each becomes an input of the form."""
    letters: int
    """Characters of all texts together."""
    longest: int
    """Characters of the longest text."""


def too_deep(document: Any) -> Problem | None:
    """The problem of JSON with too many levels, whatever its contents. Does not recurse."""
    if is_deeper(document, MOST_LEVELS):
        return Problem("", "too_deep", gettext("This is nested too deep."))
    return None


def too_nested(size: Size) -> Problem | None:
    """The problem of more nested groups than a definition may have."""
    if size.depth > MOST_DEPTH:
        message = gettext("Groups can be nested %(most)s deep.") % {"most": MOST_DEPTH}
    elif size.nesting > MOST_NESTING:
        message = gettext("This is nested too deep.")
    else:
        return None
    return Problem("/condition_groups", "too_deep", message)


def too_many(conditions: int) -> Problem | None:
    """The problem of more conditions than a definition may have."""
    if conditions <= MOST_CONDITIONS:
        return None
    template = gettext("A definition has at most %(most)s conditions, not %(given)s.")
    message = template % {"most": MOST_CONDITIONS, "given": conditions}
    return Problem("/condition_groups", "too_many", message)


def measure(document: Any) -> Size:
    """Measure a document. Does not recurse."""
    places = list(_places(document))
    fields = letters = longest = 0
    stack = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, dict | list):
            stack.extend(_parts(value))
        else:
            fields += 1
        if isinstance(value, str):
            letters += len(value)
            longest = max(longest, len(value))
    depth = max(depth for depth, _nesting in places)
    nesting = max(nesting for _depth, nesting in places)
    return Size(len(places), depth, nesting, fields, letters, longest)


def count_conditions(document: Any) -> int:
    """How many conditions a document has, wherever a definition can have them. Does not recurse."""
    return sum(1 for _place in _places(document))


def _parts(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _places(document: Any) -> Iterator[tuple[int, int]]:
    """(depth, nesting) of every condition, and of every empty group."""
    stack = [(document, 0, 0)]
    while stack:
        member, depth, nesting = stack.pop()
        if isinstance(member, dict) and "condition_groups" in member:
            groups = member["condition_groups"]
            inside = (depth + 1, nesting + 1)
            if not isinstance(groups, list) or not groups:
                yield inside
                continue
            for group in groups:
                members = group.get("conditions") if isinstance(group, dict) else None
                if isinstance(members, list) and members:
                    stack.extend((child, *inside) for child in members)
                else:
                    yield inside
        elif isinstance(member, dict) and "not" in member:
            stack.append((member["not"], depth, nesting + 1))
        else:
            yield depth, nesting
