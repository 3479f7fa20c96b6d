"""A definition as one sentence, in the active language.

Joins the clauses of the conditions with AND, OR, NOT and brackets. Knows no condition kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from django.utils.translation import gettext

from segments.definition import words
from segments.definition.tree import All, Any, Condition, Names, Node, Not, children


def describe(tree: All, names: Names, *, complete: bool = False) -> str:
    """The whole definition: "People who have done A or have done B, and whose country is set."

    Groups are joined by a comma and "and", their members by "or". Nested definitions and negated
    ones are in brackets. Long lists are cut, unless the sentence has to be `complete`: then it
    says everything, and `segments.sentences` reads it back.
    """
    if complete:
        with words.whole_lists():
            return describe(tree, names)
    return gettext("People %(clauses)s.") % {"clauses": _ClauseWriter(names).clauses(tree)}


class _ClauseWriter:
    """Writes the clauses of nodes one after the other; a repeated pronoun is left out."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.pronoun_said = False

    def clauses(self, node: Node) -> str:
        """The clauses of a node, to follow "people" or another clause."""
        match node:
            case All(groups):
                return self._join(gettext("%(before)s, and %(after)s"), groups)
            case Any(members):
                return self._join(gettext("%(before)s or %(after)s"), members)
            case Not(child):
                template = self._without_repeated_pronoun(
                    gettext("who are not among (those %(clauses)s)")
                )
                return template % {"clauses": _ClauseWriter(self.names).clauses(child)}
        assert isinstance(node, Condition)
        return self._without_repeated_pronoun(node.sentence(self.names))

    def _join(self, template: str, nodes: Iterable[Node]) -> str:
        parts = [self._part(node) for node in nodes]
        return reduce(lambda before, after: template % {"before": before, "after": after}, parts)

    def _part(self, node: Node) -> str:
        if isinstance(node, All) and _branches(node):
            clauses = f"({self.clauses(node)})"
            self.pronoun_said = False
            return clauses
        return self.clauses(node)

    def _without_repeated_pronoun(self, clause: str) -> str:
        """The clause without its pronoun, if the clause before began with the same one."""
        begin = words.pronoun() + " "
        begins = clause.startswith(begin)
        shortened = clause.removeprefix(begin) if self.pronoun_said else clause
        self.pronoun_said = begins
        return shortened


def _branches(node: Node) -> bool:
    """Whether the node joins several clauses."""
    below = [child for _, child in children(node)]
    return len(below) > 1 or (not isinstance(node, Not) and any(map(_branches, below)))
