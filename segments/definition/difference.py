"""How two definitions differ, condition by condition. Pure; the words are `describe`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segments.definition.describe import describe
from segments.definition.tree import All, Any, Names, Node


@dataclass(frozen=True)
class NodeChange:
    """One condition or group that was added, removed or changed."""

    before: Node | None
    """None if it is new."""
    after: Node | None
    """None if it is gone."""
    beside: tuple[Node, ...] = ()
    """The members of its group that are the same in both; empty for a whole group."""

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def differences(before: All, after: All) -> list[NodeChange]:
    """What was removed, changed and added from one definition to another.

    The order of groups and of their members makes no difference. Empty if nothing else differs.
    """
    old, new = _without_common(before.groups, after.groups)
    result: list[NodeChange] = []
    for group in list(old):
        partner = _most_alike(group, new)
        if partner is not None:
            old.remove(group)
            new.remove(partner)
            result += _within(group, partner)
    return [
        *(NodeChange(_plain(group), None) for group in old),
        *result,
        *(NodeChange(None, _plain(group)) for group in new),
    ]


def _without_common(before: Sequence[Any], after: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    old, new = list(before), list(after)
    for group in before:
        same = next((other for other in new if _same(group, other)), None)
        if same is not None:
            old.remove(group)
            new.remove(same)
    return old, new


def _same(one: Any, other: Any) -> bool:
    first, second = _split(one.members, other.members)[:2]
    return not first and not second


def _split(
    before: Sequence[Node], after: Sequence[Node]
) -> tuple[list[Node], list[Node], tuple[Node, ...]]:
    """The members that are only in one of two groups, and those that are in both."""
    old, new, both = list(before), list(after), []
    for member in before:
        if member in new:
            old.remove(member)
            new.remove(member)
            both.append(member)
    return old, new, tuple(both)


def _most_alike(group: Any, others: Sequence[Any]) -> Any | None:
    """The group that this one became; None if none of the others is like it."""

    def likeness(other: Any) -> tuple[int, int]:
        old, new, both = _split(group.members, other.members)
        pairs = sum(any(_alike(one, two) for two in new) for one in old)
        return len(both), pairs

    best = max(others, key=likeness, default=None)
    return best if best is not None and any(likeness(best)) else None


def _alike(one: Node, other: Node) -> bool:
    """Whether one condition may have become the other: they are of the same kind."""
    return type(one) is type(other)


def _within(before: Any, after: Any) -> list[NodeChange]:
    old, new, both = _split(before.members, after.members)
    result: list[NodeChange] = []
    for member in list(old):
        partner = next((other for other in new if _alike(member, other)), None)
        if partner is not None:
            old.remove(member)
            new.remove(partner)
            result.append(NodeChange(member, partner, both))
    return [
        *(NodeChange(member, None, both) for member in old),
        *result,
        *(NodeChange(None, member, both) for member in new),
    ]


def _plain(group: Any) -> Node:
    return group.members[0] if len(group.members) == 1 else group


@dataclass(frozen=True)
class Line:
    """A change in words."""

    kind: str
    """added, removed or changed."""
    before: str
    after: str
    beside: str
    """The rest of its OR group."""


def difference_lines(before: All, after: All, names: Names) -> list[Line]:
    """The differences in the active language."""
    return [
        Line(
            change.kind,
            _words([change.before], names),
            _words([change.after], names),
            _words(change.beside, names),
        )
        for change in differences(before, after)
    ]


def _words(nodes: Sequence[Node | None], names: Names) -> str:
    """A sentence about people who match at least one of the nodes; empty for none."""
    members = tuple(node for node in nodes if node is not None)
    if not members:
        return ""
    if len(members) == 1 and isinstance(members[0], Any):
        return describe(All((members[0],)), names)
    return describe(All((Any(members),)), names)
