"""Changes to a partial definition: pure functions from one to the next, by JSON pointer.

They keep what they do not touch, and never leave a group behind that nobody put there.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext

from segmenter.kernel.errors import Invalid, Problem
from segments.builder.defaults import start
from segments.builder.forms import ROOT, new_group
from segments.definition.tree import kinds

Partial = dict[str, Any]

MEMBERS = "conditions"
_LAST_PLACE = re.compile(r"(.*)/(condition_groups|conditions)/(\d+)((?:/not)*)", re.DOTALL)


_IN_A_MEMBER = re.compile(r"/condition_groups/\d+/conditions/\d+(/|$)")


class Edited(NamedTuple):
    """The definition after an edit, and the pointer of what should have the focus."""

    definition: Partial
    focus: str


class _Spot(NamedTuple):
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
    """What a pointer leads to. Raises Invalid if it leads nowhere."""
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


def _inside(pointer: str) -> None:
    """Refuse a pointer that does not lead into a member."""
    if not _IN_A_MEMBER.match(pointer):
        raise no_such_place(pointer)


def _spot(document: Partial, pointer: str) -> _Spot:
    """Where a group or member lies."""
    found = _LAST_PLACE.fullmatch(pointer)
    if not found:
        raise no_such_place(pointer)
    holder, name, index = found[1], found[2], int(found[3])
    items = resolve(document, f"{holder}/{name}")
    if not isinstance(items, list) or not 0 <= index < len(items):
        raise no_such_place(pointer)
    return _Spot(items, index, holder, name)


# --- fields --------------------------------------------------------------------------------------


def set_fields(document: Partial, pointer: str, fields: Mapping[str, Any]) -> Edited:
    """Put fields of a structure in place; null takes one away.

    A structure inside a condition that does not exist yet is made.
    """
    _inside(pointer)
    document = copy.deepcopy(document)
    owner, _, name = pointer.rpartition("/")
    around = resolve(document, owner)
    if isinstance(around, dict) and "type" in around:
        around.setdefault(name, {})
    holder = resolve(document, pointer)
    if not isinstance(holder, dict):
        raise no_such_place(pointer)
    for name, value in fields.items():
        holder.pop(name, None)
        if value is not None:
            holder[name] = value
    return Edited(document, pointer)


def clear(document: Partial, pointer: str) -> Edited:
    """Take a field away."""
    holder, _, name = pointer.rpartition("/")
    return set_fields(document, holder, {name: None})


def put(document: Partial, pointer: str, value: Any) -> Edited:
    """Put a value in place of a member or an item; an item one past the last is added.

    A list that does not exist yet is made.
    """
    _inside(pointer)
    document = copy.deepcopy(document)
    owner, _, step = pointer.rpartition("/")
    holder_pointer, _, name = owner.rpartition("/")
    holder = resolve(document, holder_pointer)
    if isinstance(holder, dict) and step.isdigit() and not isinstance(holder.get(name), list):
        holder[name] = []
    place = resolve(document, owner)
    if isinstance(place, list):
        if not step.isdigit() or int(step) > len(place):
            raise no_such_place(pointer)
        place[int(step) : int(step) + 1] = [value]
    elif isinstance(place, dict):
        place[step] = value
    else:
        raise no_such_place(pointer)
    return Edited(document, pointer)


def append(document: Partial, pointer: str, value: Any) -> Edited:
    """Add an item to a list of a condition, which is made if it does not exist."""
    _inside(pointer)
    owner, _, name = pointer.rpartition("/")
    holder = resolve(document, owner)
    held = holder.get(name) if isinstance(holder, dict) else None
    return put(document, f"{pointer}/{len(held) if isinstance(held, list) else 0}", value)


def take_away(document: Partial, pointer: str) -> Edited:
    """Take an item away from a list of a condition; the last one takes the list with it."""
    document = copy.deepcopy(document)
    owner, _, step = pointer.rpartition("/")
    items = resolve(document, owner)
    if not isinstance(items, list) or not step.isdigit() or int(step) >= len(items):
        raise no_such_place(pointer)
    del items[int(step)]
    if not items:
        holder_pointer, _, name = owner.rpartition("/")
        resolve(document, holder_pointer).pop(name)
    return Edited(document, owner)


# --- members and groups --------------------------------------------------------------------------


def add(document: Partial, pointer: str, member: Any) -> Edited:
    """Add a member at the end of a group (its pointer), or after a member (its pointer)."""
    document = copy.deepcopy(document)
    spot = _spot(document, pointer)
    if spot.name == MEMBERS:
        spot.items.insert(spot.position + 1, member)
        return Edited(document, spot.pointer(spot.position + 1))
    members = resolve(document, f"{pointer}/{MEMBERS}")
    if not isinstance(members, list):
        raise no_such_place(pointer)
    members.append(member)
    return Edited(document, f"{pointer}/{MEMBERS}/{len(members) - 1}")


def add_group(document: Partial, pointer: str) -> Edited:
    """Add a group at the end of a definition (its pointer)."""
    document = copy.deepcopy(document)
    groups = resolve(document, f"{pointer}/{ROOT}")
    if not isinstance(groups, list):
        raise no_such_place(pointer)
    groups.append(new_group())
    return Edited(document, f"{pointer}/{ROOT}/{len(groups) - 1}/{MEMBERS}/0")


def add_nested(document: Partial, pointer: str) -> Edited:
    """Add a nested group at the end of a group."""
    edited = add(document, pointer, {ROOT: [new_group()]})
    return Edited(edited.definition, f"{edited.focus}/{ROOT}/0/{MEMBERS}/0")


def remove(document: Partial, pointer: str) -> Edited:
    """Delete a member or a group; what is left empty goes with it, the whole begins anew."""
    document = copy.deepcopy(document)
    spot = _spot(document, pointer)
    del spot.items[spot.position]
    if spot.items:
        return Edited(document, spot.pointer(min(spot.position, len(spot.items) - 1)))
    if spot.name == ROOT and not spot.holder:
        spot.items.append(new_group())
        return Edited(document, f"/{ROOT}/0/{MEMBERS}/0")
    return remove(document, spot.holder)


def duplicate(document: Partial, pointer: str) -> Edited:
    """Put a copy of a member or group after it."""
    document = copy.deepcopy(document)
    spot = _spot(document, pointer)
    spot.items.insert(spot.position + 1, copy.deepcopy(spot.items[spot.position]))
    return Edited(document, spot.pointer(spot.position + 1))


def negate(document: Partial, pointer: str) -> Edited:
    """Turn a member into its opposite, and back."""
    document = copy.deepcopy(document)
    spot = _spot(document, pointer)
    member = spot.items[spot.position]
    negated = isinstance(member, dict) and "not" in member
    spot.items[spot.position] = member["not"] if negated else {"not": member}
    return Edited(document, spot.pointer())


def move(document: Partial, pointer: str, target: str) -> Edited:
    """Move a member before the member at `target`, or to the end of the group at `target`.

    One past the last member of a group is a target too. A group moves among groups.
    """
    if target == pointer or target.startswith(f"{pointer}/"):
        return Edited(document, pointer)
    document = copy.deepcopy(document)
    origin = _spot(document, pointer)
    moved = origin.items[origin.position]
    hole: dict[str, Any] = {}
    origin.items[origin.position] = hole
    goal = _goal(document, target, origin.name)
    goal.items.insert(goal.position, moved)
    _fill(document, hole)
    return Edited(document, _pointer_of(document, moved))


def _goal(document: Partial, target: str, name: str) -> _Spot:
    found = _LAST_PLACE.fullmatch(target)
    if not found:
        raise no_such_place(target)
    if found[2] != name:
        items = resolve(document, f"{target}/{name}")
        if not isinstance(items, list):
            raise no_such_place(target)
        return _Spot(items, len(items), target, name)
    items = resolve(document, f"{found[1]}/{name}")
    index = int(found[3])
    if not isinstance(items, list) or index > len(items):
        raise no_such_place(target)
    return _Spot(items, index, found[1], name)


def _fill(document: Partial, hole: Any) -> None:
    """Take away what was left behind by a move, and what is empty without it."""
    pointer = _pointer_of(document, hole)
    spot = _spot(document, pointer)
    del spot.items[spot.position]
    while not spot.items and (spot.name != ROOT or spot.holder):
        spot = _spot(document, spot.holder)
        del spot.items[spot.position]


def _pointer_of(document: Any, wanted: Any, pointer: str = "") -> str:
    """The pointer of a group or member, by identity."""
    steps: list[tuple[str, Any]] = []
    if isinstance(document, dict):
        for name in (ROOT, MEMBERS):
            items = document.get(name)
            if isinstance(items, list):
                steps += [(f"{pointer}/{name}/{i}", item) for i, item in enumerate(items)]
        if "not" in document:
            steps.append((f"{pointer}/not", document["not"]))
    for at, item in steps:
        if item is wanted:
            return at
        found = _pointer_of(item, wanted, at)
        if found:
            return found
    return ""


def without_blanks(document: Partial) -> Partial:
    """The definition without conditions that were never chosen, unless nothing else is there."""
    kept = _without_blanks(document)
    return kept if isinstance(kept, dict) else document


def _without_blanks(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if "not" in node:
        below = _without_blanks(node["not"])
        return None if below is None else {**node, "not": below}
    for name in (ROOT, MEMBERS):
        if isinstance(node.get(name), list):
            below = [each for each in map(_without_blanks, node[name]) if each is not None]
            return {**node, name: below} if below else None
    return node or None


# --- moves by the keyboard -----------------------------------------------------------------------


def up(document: Partial, pointer: str) -> Edited:
    """Move one place up: before the member above, or to the end of the group above."""
    spot = _spot(document, pointer)
    if spot.position:
        return move(document, pointer, spot.pointer(spot.position - 1))
    if spot.name == ROOT:
        return Edited(document, pointer)
    group = _spot(document, spot.holder)
    if group.position:
        return move(document, pointer, group.pointer(group.position - 1))
    return Edited(document, pointer)


def down(document: Partial, pointer: str) -> Edited:
    """Move one place down: after the member below, or to the beginning of the group below."""
    spot = _spot(document, pointer)
    if spot.position + 1 < len(spot.items):
        return move(document, pointer, spot.pointer(spot.position + 2))
    if spot.name == ROOT:
        return Edited(document, pointer)
    group = _spot(document, spot.holder)
    if group.position + 1 < len(group.items):
        return move(document, pointer, f"{group.pointer(group.position + 1)}/{MEMBERS}/0")
    return Edited(document, pointer)


def inward(document: Partial, pointer: str) -> Edited:
    """Move a member into the nested group next to it; without one, a new one is put around it."""
    spot = _spot(document, pointer)
    if spot.name == ROOT:
        return Edited(document, pointer)
    for beside in (spot.position + 1, spot.position - 1):
        if 0 <= beside < len(spot.items):
            inner = _inner(spot.items[beside], spot.pointer(beside))
            nested = resolve(document, inner)
            if isinstance(nested, dict) and nested.get(ROOT):
                last = 0 if beside > spot.position else len(nested[ROOT]) - 1
                return move(document, pointer, f"{inner}/{ROOT}/{last}")
    document = copy.deepcopy(document)
    items = _spot(document, pointer).items
    items[spot.position] = {ROOT: [{MEMBERS: [items[spot.position]]}]}
    return Edited(document, f"{spot.pointer()}/{ROOT}/0/{MEMBERS}/0")


def outward(document: Partial, pointer: str) -> Edited:
    """Move a member out of the nested group it is in, to the place after it."""
    spot = _spot(document, pointer)
    if spot.name == ROOT:
        return Edited(document, pointer)
    nested = _spot(document, spot.holder).holder
    if not nested:
        return Edited(document, pointer)
    outer = _spot(document, nested)
    return move(document, pointer, outer.pointer(outer.position + 1))


def _inner(member: Any, pointer: str) -> str:
    while isinstance(member, dict) and "not" in member:
        member, pointer = member["not"], f"{pointer}/not"
    return pointer


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
