"""Changes to a partial definition: pure functions from one to the next, by JSON pointer.

They keep what they do not touch, and leave no empty group behind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid, Problem
from segments.builder.defaults import start
from segments.builder.edits.fields import append, clear, put, set_fields, take_away
from segments.builder.edits.members import add, add_group, add_nested, duplicate, negate, remove
from segments.builder.edits.moves import down, inward, move, outward, up
from segments.builder.edits.spots import Edited, Partial
from segments.definition.tree import kinds


def _start(kind: Any) -> Partial:
    if not isinstance(kind, str) or kind not in kinds:
        message = gettext("There is no kind of condition “%(kind)s”.") % {"kind": kind}
        raise Invalid(Problem("", "invalid", message))
    return start(kind)


Edit = Callable[[Partial, str, Any], Edited]

EDITS: dict[str, Edit] = {
    "settle": lambda document, at, value: Edited(document, ""),
    "set": set_fields,
    "put": put,
    "clear": lambda document, at, value: clear(document, at),
    "append": append,
    "take-away": lambda document, at, value: take_away(document, at),
    "kind": lambda document, at, value: put(document, at, _start(value)),
    "add": add,
    "add-group": lambda document, at, value: add_group(document, at),
    "add-nested": lambda document, at, value: add_nested(document, at),
    "remove": lambda document, at, value: remove(document, at),
    "duplicate": lambda document, at, value: duplicate(document, at),
    "negate": lambda document, at, value: negate(document, at),
    "move": lambda document, at, value: move(document, at, str(value)),
    "up": lambda document, at, value: up(document, at),
    "down": lambda document, at, value: down(document, at),
    "in": lambda document, at, value: inward(document, at),
    "out": lambda document, at, value: outward(document, at),
}
"""What the page may ask for: (definition, pointer, value) to the definition after it."""
