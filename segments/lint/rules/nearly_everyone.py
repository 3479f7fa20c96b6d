"""nearly-everyone: negatives joined by OR, so that everyone matches whose value is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.utils.translation import gettext

from segments.advice import Advice, Severity
from segments.definition.repairs import JoinByAnd
from segments.definition.tree import Any, Node
from segments.lint.labels import what_is_unset
from segments.lint.logic.causes import smallest
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study


@rule
class NearlyEveryone(LintRule):
    code: ClassVar[str] = "nearly-everyone"
    severity: ClassVar[Severity] = Severity.ERROR
    rank: ClassVar[int] = 90

    def advice(self, study: Study) -> Iterator[Advice]:
        for pointer, node in study.nodes.items():
            if isinstance(node, Any) and len(node.members) > 1 and study.theory.concerns(node):
                yield from self._of(pointer, node.members, study)

    def _of(self, pointer: str, members: Sequence[Node], study: Study) -> Iterator[Advice]:
        theory = study.theory
        if not theory.always(*members, if_set=True) or theory.always(*members):
            return
        core = smallest(members, lambda some: theory.always(*some, if_set=True))
        nodes = [members[i] for i in core]
        if len(nodes) < 2:
            return  # "is set" alone is not a mistake
        pointers = tuple(f"{pointer}/conditions/{i}" for i in core)
        fix = None
        if theory.possible(*((node, True) for node in nodes), if_set=True):
            fix = study.counted_fix(gettext("Make it AND"), JoinByAnd(pointers))
        sentence = gettext("Nearly everyone matches: whoever has a %(what)s meets one of these.")
        what = {"what": what_is_unset(nodes)}
        people = study.count(Any(tuple(nodes)))
        yield self.say(pointers[-1], sentence % what, people, fix, is_joint=True)
