"""The tree of a definition: All, Any, Not, and the abstract condition with its registry.

Structure only. How a tree is written as JSON is the codec's affair, what it means for people is
each condition's own.
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
    """A condition that nothing here can answer: whoever evaluates it must freeze, not guess."""


class Crossing(NamedTuple):
    """Dates that an edge passed over: who has one may match now, or no longer."""

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
    """What the things that a definition refers to by key are called."""

    def metric(self, key: str) -> str: ...

    def group(self, key: str) -> str: ...


@dataclass(frozen=True)
class Condition(Structure):
    """One question about people. Each kind is one file in `conditions/`."""

    type: ClassVar[str]
    title: ClassVar[str]
    """What the builder calls the kind."""
    icon: ClassVar[str] = ""
    examples: ClassVar[tuple[dict[str, Json], ...]] = ()
    """Conditions of the kind, as JSON without their type: for the catalogue."""
    unsupported: ClassVar[str] = ""
    """Why segments with this kind cannot be activated; empty for all kinds that can."""

    def mask(self, people: Population, at: datetime) -> Bools:
        """bool[n]: who matches at `at`. Two-valued: what is unknown does not match."""
        raise NotImplementedError

    def left_out(self, people: Population, at: datetime) -> Bools | None:
        """bool[n]: who fails only because what is asked about is unset; None if that cannot be."""
        return None

    def including_unset(self) -> Condition:
        """The same condition that lets in whom `left_out` names."""
        return self

    def reads(self) -> frozenset[FactKey]:
        """The facts (`profiles.facts`) whose change could flip the answer."""
        raise NotImplementedError

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        """Which dates may have made the answer another between two moments, by the time alone.

        Naming too many costs time, naming too few is wrong. A kind without windows has none.
        """
        return iter(())

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        """What decided the answer about the one person of a population, in the active language.

        And what would be needed, where the answer is no and something sensible can be told.
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
    """The nodes right below, each with the JSON pointer that leads to it."""
    match node:
        case All(groups):
            return tuple((f"/condition_groups/{i}", group) for i, group in enumerate(groups))
        case Any(members):
            return tuple((f"/conditions/{i}", member) for i, member in enumerate(members))
        case Not(child):
            return (("/not", child),)
    return ()


def walk(node: Node, pointer: str = "") -> Iterator[tuple[str, Node]]:
    """Yield the node and all below it, each with its JSON pointer, parents first."""
    yield pointer, node
    for step, child in children(node):
        yield from walk(child, pointer + step)


def conditions(node: Node) -> Iterator[tuple[str, Condition]]:
    """Yield every condition with its JSON pointer."""
    for pointer, found in walk(node):
        if isinstance(found, Condition):
            yield pointer, found


def replaced(node: Node, pointer: str, new: Node) -> Node:
    """The same tree with the node at a pointer exchanged. Raises KeyError if there is none."""
    if pointer == "":
        return new
    for i, (step, child) in enumerate(children(node)):
        if pointer == step or pointer.startswith(step + "/"):
            below = replaced(child, pointer[len(step) :], new)
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
    """All facts that the conditions below read."""
    return frozenset().union(*(condition.reads() for _, condition in conditions(node)))
