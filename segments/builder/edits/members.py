"""Edits of a definition's structure: members and groups are added, copied, negated, deleted."""

from __future__ import annotations

import copy
from typing import Any

from segments.builder.edits.spots import (
    MEMBERS,
    Edited,
    Partial,
    no_such_place,
    resolve,
    spot_at,
)
from segments.builder.forms import ROOT, new_group


def add(document: Partial, pointer: str, member: Any) -> Edited:
    """Add a member at the end of a group (its pointer), or after a member (its pointer)."""
    document = copy.deepcopy(document)
    spot = spot_at(document, pointer)
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
    spot = spot_at(document, pointer)
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
    spot = spot_at(document, pointer)
    spot.items.insert(spot.position + 1, copy.deepcopy(spot.items[spot.position]))
    return Edited(document, spot.pointer(spot.position + 1))


def negate(document: Partial, pointer: str) -> Edited:
    """Turn a member into its opposite, and back."""
    document = copy.deepcopy(document)
    spot = spot_at(document, pointer)
    member = spot.items[spot.position]
    is_negated = isinstance(member, dict) and "not" in member
    spot.items[spot.position] = member["not"] if is_negated else {"not": member}
    return Edited(document, spot.pointer())


def without_blanks(document: Partial) -> Partial:
    """The definition without conditions that were never chosen, unless nothing else is there."""
    rest = _without_blanks(document)
    return rest if isinstance(rest, dict) else document


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
