"""What of a partial definition can be counted, and what is missing or wrong.

A condition that is not finished is left out of the count; it never stands for everyone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from segmenter.kernel.errors import Invalid, Problem
from segments.builder.forms import ROOT
from segments.definition.tree import All

MISSING = frozenset({"required", "empty"})
"""Codes of problems that go away when more is filled in."""
_MEMBER = re.compile(r"(?:/condition_groups/\d+(?:/conditions/\d+(?:/not)*)?)+")
_PASSES = 4


def owner_of(pointer: str) -> str:
    """The member or group that a place belongs to; empty if it belongs to the whole."""
    match = _MEMBER.match(pointer)
    return re.sub(r"(/not)+$", "", match[0]) if match else ""


Check = Callable[[Any], All]
"""Reads a definition, or raises Invalid with all problems."""


@dataclass(frozen=True)
class CountablePart:
    """The part of a partial definition that can be counted; None if there is none."""

    tree: All | None
    places: Mapping[str, str]
    """Pointer in the tree to pointer in the partial definition."""
    problems: tuple[Problem, ...]
    """What is wrong with the partial definition, with pointers into it."""

    @property
    def is_whole(self) -> bool:
        return not self.problems


def countable_part(partial: Mapping[str, Any], check: Check) -> CountablePart:
    """Sort a partial definition into what can be counted and what is wrong with the rest."""
    problems: list[Problem] = []
    broken: set[str] = set()
    for _pass in range(_PASSES):
        pruning = _Pruning(broken)
        pruned = pruning.definition(partial, "", "")
        if pruned is None:
            break
        try:
            return CountablePart(check(pruned), pruning.places, tuple(problems))
        except Invalid as error:
            new = [Problem(pruning.original(p.pointer), p.code, p.message) for p in error.problems]
        problems += [problem for problem in new if problem not in problems]
        owners = {owner for p in new if (owner := owner_of(p.pointer))}
        if not owners - broken:
            break
        broken |= owners
    return CountablePart(None, {}, tuple(problems))


class _Pruning:
    """Copies a partial definition without what is broken, and remembers what came from where."""

    def __init__(self, broken: set[str]) -> None:
        self._broken = broken
        self.places: dict[str, str] = {}

    def original(self, pointer: str) -> str:
        """The pointer in the partial definition of a place in the copy."""
        ancestor, rest = pointer, ""
        while ancestor and ancestor not in self.places:
            ancestor, _, step = ancestor.rpartition("/")
            rest = f"/{step}{rest}"
        return self.places.get(ancestor, "") + rest

    def definition(self, value: Mapping[str, Any], old: str, new: str) -> Any:
        self.places[new] = old
        return self._list(value, ROOT, old, new, self._group)

    def _group(self, value: Any, old: str, new: str) -> Any:
        if not isinstance(value, Mapping):
            return value
        return self._list(value, "conditions", old, new, self._member)

    def _member(self, value: Any, old: str, new: str) -> Any:
        if isinstance(value, Mapping) and "not" in value:
            self.places[f"{new}/not"] = f"{old}/not"
            child = self._member(value["not"], f"{old}/not", f"{new}/not")
            return None if child is None else {"not": child}
        if isinstance(value, Mapping) and isinstance(value.get(ROOT), list):
            return self.definition(value, old, new)
        return value

    def _list(
        self,
        value: Mapping[str, Any],
        name: str,
        old: str,
        new: str,
        prune: Callable[[Any, str, str], Any],
    ) -> Any:
        if not isinstance(value.get(name), list):
            return value
        members: list[Any] = []
        for i, item in enumerate(value[name]):
            before, after = f"{old}/{name}/{i}", f"{new}/{name}/{len(members)}"
            if before in self._broken:
                continue
            self.places[after] = before
            pruned = prune(item, before, after)
            if pruned is not None:
                members.append(pruned)
        return {**value, name: members} if members or not value[name] else None
