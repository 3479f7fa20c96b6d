"""never-met: nobody can match a part, so that it does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from segments.advice import Advice, Severity
from segments.lint.explanations import fix_of, sentence_of
from segments.lint.logic.causes import constant_parts
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study


class ConstantPart(LintRule):
    """Of the causes that the whole is not: those that are always true, or never."""

    always: ClassVar[bool]

    def advice(self, study: Study) -> Iterator[Advice]:
        if study.theory.never(study.tree) or study.theory.always(study.tree):
            return
        for cause in constant_parts(study.theory, study.tree):
            if cause.always == self.always:
                yield self.say(
                    cause.pointer,
                    sentence_of(cause, study),
                    study.inspection.preview.total if cause.always else 0,
                    fix_of(cause, study),
                    is_joint=cause.is_joint,
                )


@rule
class NeverMet(ConstantPart):
    code: ClassVar[str] = "never-met"
    severity: ClassVar[Severity] = Severity.WARNING
    rank: ClassVar[int] = 65
    always: ClassVar[bool] = False


@rule
class AlwaysMet(ConstantPart):
    """always-met: everyone matches a part."""

    code: ClassVar[str] = "always-met"
    severity: ClassVar[Severity] = Severity.WARNING
    rank: ClassVar[int] = 64
    always: ClassVar[bool] = True
