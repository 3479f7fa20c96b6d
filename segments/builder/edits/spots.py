"""Places in a partial definition, by JSON pointer, and what an edit of one gives back."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid, Problem

MEMBERS = "conditions"
Partial = dict[str, Any]
LAST_PLACE = re.compile(r"(.*)/(condition_groups|conditions)/(\d+)((?:/not)*)", re.DOTALL)
"""The list, the position in it and the `not`s of the last group or member of a pointer."""
_IN_A_MEMBER = re.compile(r"/condition_groups/\d+/conditions/\d+(/|$)")


class Edited(NamedTuple):
    """The definition after an edit, and the pointer of what should have the focus."""

    definition: Partial
    focus: str


class Spot(NamedTuple):
    """A list in a definition and a position in it; `holder` is the pointer of the list's owner."""

    items: list[Any]
    position: int
    holder: str
    name: str

    def pointer(self, position: int | None = None) -> str:
        return f"{self.holder}/{self.name}/{self.position if position is None else position}"


def no_such_place(pointer: str) -> Invalid:
    message = gettext("That part of the segment is no longer there. Reload the page.")
    return Invalid(Problem(pointer, "not_found", message))


def resolve(document: Any, pointer: str) -> Any:
    """The value at a pointer. Raises Invalid if there is none."""
    before, *steps = pointer.split("/")
    if before:
        raise no_such_place(pointer)
    for step in steps:
        try:
            document = document[_number(step)] if isinstance(document, list) else document[step]
        except (LookupError, ValueError, TypeError):
            raise no_such_place(pointer) from None
    return document


def _number(step: str) -> int:
    if not step.isascii() or not step.isdigit():
        raise ValueError
    return int(step)


def check_inside(pointer: str) -> None:
    """Refuse a pointer to a place outside the members."""
    if not _IN_A_MEMBER.match(pointer):
        raise no_such_place(pointer)


def spot_at(document: Partial, pointer: str) -> Spot:
    """Where a group or member lies."""
    place = LAST_PLACE.fullmatch(pointer)
    if not place:
        raise no_such_place(pointer)
    holder, name, index = place[1], place[2], int(place[3])
    items = resolve(document, f"{holder}/{name}")
    if not isinstance(items, list) or not 0 <= index < len(items):
        raise no_such_place(pointer)
    return Spot(items, index, holder, name)
