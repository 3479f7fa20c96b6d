"""Moves of members and groups: by dragging to a place, and by the keyboard one step at a time."""

from __future__ import annotations

import copy
from typing import Any

from segments.builder.edits.spots import (
    LAST_PLACE,
    MEMBERS,
    Edited,
    Partial,
    Spot,
    no_such_place,
    resolve,
    spot_at,
)
from segments.builder.forms import ROOT


def move(document: Partial, pointer: str, target: str) -> Edited:
    """Move a member before the member at `target`, or to the end of the group at `target`.

    One past the last member of a group is a target too. A group moves among groups.
    """
    if target == pointer or target.startswith(f"{pointer}/"):
        return Edited(document, pointer)
    document = copy.deepcopy(document)
    origin = spot_at(document, pointer)
    item = origin.items[origin.position]
    hole: dict[str, Any] = {}
    origin.items[origin.position] = hole
    goal = _goal(document, target, origin.name)
    goal.items.insert(goal.position, item)
    _fill(document, hole)
    return Edited(document, _pointer_of(document, item))


def _goal(document: Partial, target: str, name: str) -> Spot:
    place = LAST_PLACE.fullmatch(target)
    if not place:
        raise no_such_place(target)
    if place[2] != name:
        items = resolve(document, f"{target}/{name}")
        if not isinstance(items, list):
            raise no_such_place(target)
        return Spot(items, len(items), target, name)
    items = resolve(document, f"{place[1]}/{name}")
    index = int(place[3])
    if not isinstance(items, list) or index > len(items):
        raise no_such_place(target)
    return Spot(items, index, place[1], name)


def _fill(document: Partial, hole: Any) -> None:
    """Remove what a move left behind, and what is empty without it."""
    pointer = _pointer_of(document, hole)
    spot = spot_at(document, pointer)
    del spot.items[spot.position]
    while not spot.items and (spot.name != ROOT or spot.holder):
        spot = spot_at(document, spot.holder)
        del spot.items[spot.position]


def _pointer_of(document: Any, target: Any, pointer: str = "") -> str:
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
        if item is target:
            return at
        below = _pointer_of(item, target, at)
        if below:
            return below
    return ""


# --- by the keyboard -----------------------------------------------------------------------------


def up(document: Partial, pointer: str) -> Edited:
    """Move one place up: before the member above, or to the end of the group above."""
    spot = spot_at(document, pointer)
    if spot.position:
        return move(document, pointer, spot.pointer(spot.position - 1))
    if spot.name == ROOT:
        return Edited(document, pointer)
    group = spot_at(document, spot.holder)
    if group.position:
        return move(document, pointer, group.pointer(group.position - 1))
    return Edited(document, pointer)


def down(document: Partial, pointer: str) -> Edited:
    """Move one place down: after the member below, or to the beginning of the group below."""
    spot = spot_at(document, pointer)
    if spot.position + 1 < len(spot.items):
        return move(document, pointer, spot.pointer(spot.position + 2))
    if spot.name == ROOT:
        return Edited(document, pointer)
    group = spot_at(document, spot.holder)
    if group.position + 1 < len(group.items):
        return move(document, pointer, f"{group.pointer(group.position + 1)}/{MEMBERS}/0")
    return Edited(document, pointer)


def inward(document: Partial, pointer: str) -> Edited:
    """Move a member into the nested group next to it; without one, a new one is put around it."""
    spot = spot_at(document, pointer)
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
    items = spot_at(document, pointer).items
    items[spot.position] = {ROOT: [{MEMBERS: [items[spot.position]]}]}
    return Edited(document, f"{spot.pointer()}/{ROOT}/0/{MEMBERS}/0")


def outward(document: Partial, pointer: str) -> Edited:
    """Move a member out of the nested group it is in, to the place after it."""
    spot = spot_at(document, pointer)
    if spot.name == ROOT:
        return Edited(document, pointer)
    nested = spot_at(document, spot.holder).holder
    if not nested:
        return Edited(document, pointer)
    outer = spot_at(document, nested)
    return move(document, pointer, outer.pointer(outer.position + 1))


def _inner(member: Any, pointer: str) -> str:
    while isinstance(member, dict) and "not" in member:
        member, pointer = member["not"], f"{pointer}/not"
    return pointer
