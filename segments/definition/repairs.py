"""Repairs of a definition's JSON: small changes by JSON pointer, which leave the rest as it is.

Pure. A repair of the finished part of a definition can be made on the whole of it: `place` turns a
pointer into the one that is meant there. What is left empty by a repair goes too. The definition
after a repair shares what did not change with the one before: neither is changed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Place = Callable[[str], str]

GROUPS, MEMBERS = "condition_groups", "conditions"


class NothingLeft(Exception):
    """The repair would leave no condition, or its place is gone."""


@dataclass(frozen=True)
class Repair:
    """One change. Pointers are of conditions, groups or nested definitions."""

    def apply(self, definition: Mapping[str, Any], place: Place = str) -> Json:
        """The definition after the change. Raises NothingLeft."""
        document = _Document(definition)
        self.change(document, place)
        return document.without_gaps()

    def change(self, document: _Document, place: Place) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Replacement(Repair):
    """Another condition at a pointer."""

    pointer: str
    condition: Json

    def change(self, document: _Document, place: Place) -> None:
        document.put(place(self.pointer), self.condition)


@dataclass(frozen=True)
class Remove(Repair):
    """Conditions and groups are gone."""

    pointers: tuple[str, ...]

    def change(self, document: _Document, place: Place) -> None:
        for pointer in self.pointers:
            document.put(place(pointer), GAP)


@dataclass(frozen=True)
class JoinByAnd(Repair):
    """Members of one group, which OR joins, are joined by AND.

    If they are the whole group, each becomes a group; else they become a nested definition.
    """

    pointers: tuple[str, ...]

    def change(self, document: _Document, place: Place) -> None:
        pointers = [place(pointer) for pointer in self.pointers]
        group = pointers[0].rpartition(f"/{MEMBERS}/")[0]
        members = [document.get(pointer) for pointer in pointers]
        alone = [{MEMBERS: [member]} for member in members]
        if len(document.get(group)[MEMBERS]) == len(members):
            document.put(group, GroupList(alone))
            return
        document.put(pointers[0], {GROUPS: alone})
        for pointer in pointers[1:]:
            document.put(pointer, GAP)


@dataclass(frozen=True)
class JoinByOr(Repair):
    """Groups of one definition, which AND joins, become one group."""

    pointers: tuple[str, ...]

    def change(self, document: _Document, place: Place) -> None:
        pointers = [place(pointer) for pointer in self.pointers]
        members = [member for at in pointers for member in document.get(at)[MEMBERS]]
        document.put(pointers[0], {MEMBERS: members})
        for pointer in pointers[1:]:
            document.put(pointer, GAP)


@dataclass(frozen=True)
class AddGroup(Repair):
    """One more group, joined by AND to all that is there."""

    conditions: tuple[Json, ...]

    def change(self, document: _Document, place: Place) -> None:
        group = {MEMBERS: [*self.conditions]}
        document.root[GROUPS] = [*document.root[GROUPS], group]


GAP = object()
"""In place of what was removed."""


@dataclass(frozen=True)
class GroupList:
    """In place of one group: these groups."""

    groups: Sequence[Json]


class _Document:
    """A definition that is changed; its lists keep their lengths until `without_gaps`."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = dict(root)

    def get(self, pointer: str) -> Any:
        value: Any = self.root
        for step in pointer.split("/")[1:]:
            value = self._step(value, step)
        return value

    def put(self, pointer: str, value: Any) -> None:
        """Put a value in place of another one; what it is in is copied, and not changed."""
        *steps, last = pointer.split("/")[1:]
        holder: Any = self.root
        for step in steps:
            part = self._step(holder, step)
            if not isinstance(part, dict | list):
                raise NothingLeft
            copy = part.copy()
            holder[int(step) if isinstance(holder, list) else step] = copy
            holder = copy
        self._step(holder, last)
        holder[int(last) if isinstance(holder, list) else last] = value

    def _step(self, holder: Any, step: str) -> Any:
        try:
            return holder[int(step)] if isinstance(holder, list) else holder[step]
        except (LookupError, TypeError, ValueError):
            raise NothingLeft from None

    def without_gaps(self) -> Json:
        root = _pruned(self.root)
        if root is GAP:
            raise NothingLeft
        return dict(root)


def _pruned(value: Any) -> Any:
    """A part of a definition without gaps; a gap itself if that leaves nothing of it."""
    if not isinstance(value, dict):
        return value
    if "not" in value:
        child = _pruned(value["not"])
        return GAP if child is GAP else {**value, "not": child}
    for name in (GROUPS, MEMBERS):
        items = value.get(name)
        if isinstance(items, list) and items:
            parts = [each for one in items for each in _groups_in(one)]
            rest = [part for part in map(_pruned, parts) if part is not GAP]
            return {**value, name: rest} if rest else GAP
    return value


def _groups_in(item: Any) -> Sequence[Any]:
    return item.groups if isinstance(item, GroupList) else [item]
