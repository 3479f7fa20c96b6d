"""Why a part of a definition matches nobody, or everyone: the smallest parts that explain it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from segments.definition.tree import All, Any, Condition, Node, Not, children
from segments.lint.logic.theory import Theory


@dataclass(frozen=True)
class ConstantCause:
    """Parts of one list that together match nobody, or of which everyone matches one."""

    always: bool
    """Everyone, and not nobody."""
    pointers: tuple[str, ...]
    nodes: tuple[Node, ...]

    @property
    def pointer(self) -> str:
        """The last of the parts: the one that is too much."""
        return self.pointers[-1]

    @property
    def is_joint(self) -> bool:
        return len(self.pointers) > 1


def why_never(theory: Theory, node: Node, pointer: str) -> ConstantCause:
    """Why nobody can match a node, of which that is known."""
    match node:
        case Not(child):
            return why_always(theory, child, f"{pointer}/not")
        case Any(members):
            return why_never(theory, members[0], f"{pointer}/conditions/0")
        case All(groups):
            core = smallest(groups, lambda some: theory.never(*some))
            if len(core) == 1:
                return why_never(theory, groups[core[0]], f"{pointer}/condition_groups/{core[0]}")
            return _cause(node, pointer, core, always=False)
    assert isinstance(node, Condition)
    return ConstantCause(False, (pointer,), (node,))


def why_always(theory: Theory, node: Node, pointer: str) -> ConstantCause:
    """Why everyone matches a node, of which that is known."""
    match node:
        case Not(child):
            return why_never(theory, child, f"{pointer}/not")
        case All(groups):
            return why_always(theory, groups[0], f"{pointer}/condition_groups/0")
        case Any(members):
            core = smallest(members, lambda some: theory.always(*some))
            if len(core) == 1:
                return why_always(theory, members[core[0]], f"{pointer}/conditions/{core[0]}")
            return _cause(node, pointer, core, always=True)
    assert isinstance(node, Condition)
    return ConstantCause(True, (pointer,), (node,))


def constant_parts(theory: Theory, tree: All) -> Iterator[ConstantCause]:
    """The causes of parts that nobody or everyone matches, where the whole is neither."""
    return _constants(theory, tree, "") if theory.concerns(tree) else iter(())


def _constants(theory: Theory, node: Node, pointer: str) -> Iterator[ConstantCause]:
    for step, child in children(node):
        if not theory.concerns(child):
            continue
        if theory.never(child):
            yield why_never(theory, child, pointer + step)
        elif theory.always(child):
            yield why_always(theory, child, pointer + step)
        else:
            yield from _constants(theory, child, pointer + step)


def smallest(nodes: Sequence[Node], is_enough: Callable[[Sequence[Node]], bool]) -> list[int]:
    """The numbers of some nodes that are enough and of which none can be left out."""
    core = list(range(len(nodes)))
    for number in range(len(nodes)):
        rest = [i for i in core if i != number]
        if rest and is_enough([nodes[i] for i in rest]):
            core = rest
    return core


def _cause(node: Node, pointer: str, core: Sequence[int], *, always: bool) -> ConstantCause:
    parts = [children(node)[i] for i in core]
    return ConstantCause(
        always, tuple(pointer + step for step, _ in parts), tuple(child for _, child in parts)
    )
