"""repeated-condition and no-effect: a part that another part of the same list makes useless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.utils.translation import gettext

from segments.advice import Advice, Severity
from segments.definition.repairs import Remove
from segments.definition.tree import All, Any, Node, children
from segments.lint.explanations import clause
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study

MOST_PARTS = 12
"""Of a list whose parts are compared with each other."""


class UselessPart(LintRule):
    """A part of a list that can go without any effect."""

    severity: ClassVar[Severity] = Severity.HINT

    def advice(self, study: Study) -> Iterator[Advice]:
        for pointer, node in study.nodes.items():
            parts = children(node)
            if not isinstance(node, All | Any) or len(parts) < 2:
                continue
            nodes = [part for _step, part in parts]
            pairs = self._pairs(nodes, is_or=isinstance(node, Any), study=study)
            surplus = tuple(pointer + parts[i][0] for i in pairs)
            for at, (i, j) in zip(surplus, pairs.items(), strict=True):
                sentence = self.sentence(clause(nodes[j], study), is_or=isinstance(node, Any))
                fix = study.fix(gettext("Remove it"), Remove(surplus))
                yield self.say(at, sentence, study.count(nodes[i]), fix, is_joint=True)

    def _pairs(self, nodes: Sequence[Node], *, is_or: bool, study: Study) -> dict[int, int]:
        """Number of a useless part to the number of what makes it so."""
        pairs: dict[int, int] = {}
        for i, node in reversed([*enumerate(nodes)]):
            for j, other in enumerate(nodes):
                if j != i and j not in pairs and self.is_useless(node, other, i, j, is_or, study):
                    pairs[i] = j
                    break
        return dict(sorted(pairs.items()))

    def is_useless(
        self, node: Node, other: Node, i: int, j: int, is_or: bool, study: Study
    ) -> bool:
        """Whether a part does nothing beside another one."""
        raise NotImplementedError

    def sentence(self, other: str, *, is_or: bool) -> str:
        raise NotImplementedError


@rule
class RepeatedCondition(UselessPart):
    code: ClassVar[str] = "repeated-condition"
    rank: ClassVar[int] = 30

    def is_useless(
        self, node: Node, other: Node, i: int, j: int, is_or: bool, study: Study
    ) -> bool:
        return j < i and node == other

    def sentence(self, other: str, *, is_or: bool) -> str:
        return gettext("This is said twice.")


@rule
class NoEffect(UselessPart):
    code: ClassVar[str] = "no-effect"
    rank: ClassVar[int] = 28

    def is_useless(
        self, node: Node, other: Node, i: int, j: int, is_or: bool, study: Study
    ) -> bool:
        theory = study.theory
        if node == other or i >= MOST_PARTS or j >= MOST_PARTS or not theory.related(node, other):
            return False
        if theory.never(node) or theory.always(node) or theory.never(other) or theory.always(other):
            return False
        narrow, wide = (node, other) if is_or else (other, node)
        return not theory.possible((narrow, True), (wide, False))

    def sentence(self, other: str, *, is_or: bool) -> str:
        if not other:
            if is_or:
                return gettext("This adds nobody: another part says it already.")
            return gettext("This leaves nobody out: another part says it already.")
        if is_or:
            text = gettext("This adds nobody: they are all among those %(other)s.")
        else:
            text = gettext("This leaves nobody out: it is true of all those %(other)s.")
        return text % {"other": other}
