"""A definition as one sentence, in the active language.

Joins the clauses of the conditions with AND, OR, NOT and brackets; knows no kind of condition.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from django.utils.translation import gettext

from segments.definition import words
from segments.definition.tree import All, Any, Condition, Names, Node, Not, children


def describe(tree: All, names: Names) -> str:
    """The whole definition: "People who have done A or have done B, and whose country is set."

    A comma and "and" join the groups, "or" their members; what is nested, and what a "not" covers,
    stands in brackets.
    """
    return gettext("People %(clauses)s.") % {"clauses": _ClauseWriter(names).clauses(tree)}


class _ClauseWriter:
    """Says nodes one after the other, and leaves out a pronoun that has just been said."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.pronoun_said = False

    def clauses(self, node: Node) -> str:
        """The clauses of a node, to be read after "people" or after another clause."""
        match node:
            case All(groups):
                return self._join(gettext("%(before)s, and %(after)s"), groups)
            case Any(members):
                return self._join(gettext("%(before)s or %(after)s"), members)
            case Not(child):
                template = self._without_repeated_pronoun(gettext("who are not among (those %(clauses)s)"))
                return template % {"clauses": _ClauseWriter(self.names).clauses(child)}
        assert isinstance(node, Condition)
        return self._without_repeated_pronoun(node.sentence(self.names))

    def _join(self, template: str, nodes: Iterable[Node]) -> str:
        parts = [self._part(node) for node in nodes]
        return reduce(lambda before, after: template % {"before": before, "after": after}, parts)

    def _part(self, node: Node) -> str:
        if isinstance(node, All) and _branches(node):
            said = f"({self.clauses(node)})"
            self.pronoun_said = False
            return said
        return self.clauses(node)

    def _without_repeated_pronoun(self, clause: str) -> str:
        """The clause, without its pronoun where the clause before had the same."""
        begin = words.pronoun() + " "
        begins = clause.startswith(begin)
        shortened = clause.removeprefix(begin) if self.pronoun_said else clause
        self.pronoun_said = begins
        return shortened


def _branches(node: Node) -> bool:
    """Whether the node joins several clauses."""
    below = [child for _, child in children(node)]
    return len(below) > 1 or (not isinstance(node, Not) and any(map(_branches, below)))
