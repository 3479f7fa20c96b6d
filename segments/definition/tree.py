"""The tree of a definition: All, Any, Not, and the abstract condition with its registry.

Structure only. The codec reads and writes trees as JSON; each condition says what it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any as Json
from typing import ClassVar, NamedTuple, Protocol, TypeVar, cast

from profiles.columns.column import Bools
from profiles.columns.dates import Dates
from profiles.columns.population import Population
from profiles.facts import FactKey
from segmenter.kernel.registry import Registry
from segments.definition.evidence import Evidence
from segments.definition.fields import Structure
from segments.definition.windows import Edge, Moment


class Unsupported(Exception):
    """A condition that cannot be answered here. The caller must freeze the segment, not guess."""


class Crossing(NamedTuple):
    """Dates that an edge passed over: the people who have one may match now, or no longer."""

    dates: Dates
    edge: Edge

    def among(self, people: Population) -> Bools:
        """bool[n]: who has such a date."""
        return self.dates.among(people, lambda when: self.edge.holds(when, people.zone))

    def anybody(self, people: Population) -> bool:
        """Whether anybody has such a date."""
        if self.edge.yearly:
            return bool(self.among(people).any())
        return self.dates.any_within(people, *self.edge.window)


class Names(Protocol):
    """The names of the metrics, lists and segments that a definition refers to by key."""

    def metric(self, key: str) -> str: ...

    def group(self, key: str) -> str: ...


@dataclass(frozen=True)
class Condition(Structure):
    """One question about people. Each kind is one file in `conditions/`."""

    type: ClassVar[str]
    title: ClassVar[str]
    """The name of the kind in the builder."""
    icon: ClassVar[str] = ""
    examples: ClassVar[tuple[dict[str, Json], ...]] = ()
    """Conditions of the kind for the catalogue, as JSON without their type."""
    unsupported: ClassVar[str] = ""
    """Why segments with this kind cannot be activated; empty if they can."""

    def mask(self, people: Population, at: datetime) -> Bools:
        """bool[n]: who matches at `at`. Two-valued: an unknown value does not match."""
        raise NotImplementedError

    def left_out(self, people: Population, at: datetime) -> Bools | None:
        """bool[n]: who fails only because the value is unset; None if that is impossible."""
        return None

    def including_unset(self) -> Condition:
        """The same condition, which also matches the people of `left_out`."""
        return self

    def reads(self) -> frozenset[FactKey]:
        """The facts (`profiles.facts`) whose change can change the answer."""
        raise NotImplementedError

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        """Dates that may have changed the answer between two moments by the passing of time alone.

        Too many cost time; too few are an error. A kind without windows has none.
        """
        return iter(())

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        """What decided the answer about the only person of a population, in the active language.

        If the answer is no, also what the person would need, where something useful can be said.
        """
        raise NotImplementedError

    def sentence(self, names: Names) -> str:
        """The condition as a clause about people, in the active language.

        "who have done Opened Email at least once over all time", "whose country is set".
        """
        raise NotImplementedError


kinds: Registry[type[Condition]] = Registry("condition kind")

K = TypeVar("K", bound=type[Condition])


def kind(cls: K) -> K:
    """Register a condition kind under its `type`."""
    kinds.add(cls.type, cls)
    return cls


@dataclass(frozen=True)
class Not:
    """Everyone in the account whom the child does not match."""

    child: Node


@dataclass(frozen=True)
class Any:
    """Whoever matches at least one member."""

    members: tuple[Node, ...]


@dataclass(frozen=True)
class All:
    """Whoever matches every group: the root of a definition, and of a nested one."""

    groups: tuple[Any, ...]


Node = Condition | Not | Any | All


def children(node: Node) -> tuple[tuple[str, Node], ...]:
    """The child nodes, each with the JSON pointer from the node to it."""
    match node:
        case All(groups):
            return tuple((f"/condition_groups/{i}", group) for i, group in enumerate(groups))
        case Any(members):
            return tuple((f"/conditions/{i}", member) for i, member in enumerate(members))
        case Not(child):
            return (("/not", child),)
    return ()


def walk(node: Node, pointer: str = "") -> Iterator[tuple[str, Node]]:
    """Yield the node and all its descendants with their JSON pointers, parents first."""
    yield pointer, node
    for step, child in children(node):
        yield from walk(child, pointer + step)


def conditions(node: Node) -> Iterator[tuple[str, Condition]]:
    """Yield every condition with its JSON pointer."""
    for pointer, descendant in walk(node):
        if isinstance(descendant, Condition):
            yield pointer, descendant


def replace_node(node: Node, pointer: str, new: Node) -> Node:
    """The same tree with another node at a pointer. Raises KeyError if there is none there."""
    if pointer == "":
        return new
    for i, (step, child) in enumerate(children(node)):
        if pointer == step or pointer.startswith(step + "/"):
            below = replace_node(child, pointer[len(step) :], new)
            match node:
                case All(groups):
                    group = cast(Any, below)
                    return replace(node, groups=(*groups[:i], group, *groups[i + 1 :]))
                case Any(members):
                    return replace(node, members=(*members[:i], below, *members[i + 1 :]))
                case Not():
                    return Not(below)
    raise KeyError(pointer)


def reads(node: Node) -> frozenset[FactKey]:
    """All facts that the conditions of a tree read."""
    return frozenset().union(*(condition.reads() for _, condition in conditions(node)))
