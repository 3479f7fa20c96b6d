"""contradiction: nobody can match the whole, whatever people do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from segments.advice import Advice, Severity
from segments.lint.explanations import fix_of, sentence_of
from segments.lint.logic.causes import why_never
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study


@rule
class Contradiction(LintRule):
    code: ClassVar[str] = "contradiction"
    severity: ClassVar[Severity] = Severity.ERROR
    rank: ClassVar[int] = 100

    def advice(self, study: Study) -> Iterator[Advice]:
        if study.theory.never(study.tree):
            cause = why_never(study.theory, study.tree, "")
            yield self.say(
                cause.pointer,
                sentence_of(cause, study),
                0,
                fix_of(cause, study),
                is_joint=cause.is_joint,
            )
