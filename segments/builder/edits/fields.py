"""Edits of a condition: its fields, and the items of its lists."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from segments.builder.edits.spots import Edited, Partial, check_inside, no_such_place, resolve


def set_fields(document: Partial, pointer: str, fields: Mapping[str, Any]) -> Edited:
    """Put fields of a structure in place; null takes one away.

    A structure inside a condition that does not exist yet is made.
    """
    check_inside(pointer)
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
    check_inside(pointer)
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
    check_inside(pointer)
    owner, _, name = pointer.rpartition("/")
    holder = resolve(document, owner)
    items = holder.get(name) if isinstance(holder, dict) else None
    return put(document, f"{pointer}/{len(items) if isinstance(items, list) else 0}", value)


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
