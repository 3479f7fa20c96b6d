"""always-true: everyone matches the whole, whatever they do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from segments.advice import Advice, Severity
from segments.lint.explanations import fix_of, sentence_of
from segments.lint.logic.causes import why_always
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study


@rule
class AlwaysTrue(LintRule):
    code: ClassVar[str] = "always-true"
    severity: ClassVar[Severity] = Severity.ERROR
    rank: ClassVar[int] = 95

    def advice(self, study: Study) -> Iterator[Advice]:
        if study.theory.always(study.tree):
            cause = why_always(study.theory, study.tree, "")
            yield self.say(
                cause.pointer,
                sentence_of(cause, study),
                study.inspection.preview.total,
                fix_of(cause, study),
                is_joint=cause.is_joint,
            )
