"""Evaluating trees over a Population, each distinct condition once."""

from __future__ import annotations

from datetime import datetime

from profiles.columns.column import Bools
from profiles.columns.population import Population
from segments.definition.tree import All, Any, Condition, Node, Not


class Evaluation:
    """Answers of many trees about one Population at one moment; every node is computed once."""

    def __init__(self, people: Population, at: datetime) -> None:
        self.people = people
        self.at = at
        self._masks: dict[Node, Bools] = {}

    def mask(self, node: Node) -> Bools:
        """bool[n]: who matches. Do not write into it."""
        found = self._masks.get(node)
        if found is None:
            found = self._masks[node] = self._compute(node)
        return found

    def _compute(self, node: Node) -> Bools:
        match node:
            case All(groups):
                found = self.mask(groups[0])
                for group in groups[1:]:
                    found = found & self.mask(group)
                return found
            case Any(members):
                found = self.mask(members[0])
                for member in members[1:]:
                    found = found | self.mask(member)
                return found
            case Not(child):
                return ~self.mask(child)
        assert isinstance(node, Condition)
        return node.mask(self.people, self.at)
