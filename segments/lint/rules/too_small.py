"""too-small: too few members to learn anything from a test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext, ngettext

from segments.advice import Advice, Severity
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study, amount

LEAST_MEMBERS = 100


@rule
class TooSmall(LintRule):
    code: ClassVar[str] = "too-small"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 20

    def advice(self, study: Study) -> Iterator[Advice]:
        count = study.inspection.preview.count
        if count >= LEAST_MEMBERS or study.theory.never(study.tree):
            return
        if count:
            sentence = ngettext(
                "Only %(count)s person: too few to measure a difference.",
                "Only %(count)s people: too few to measure a difference.",
                count,
            ) % {"count": amount(count)}
        else:
            sentence = gettext("Nobody matches now.")
        yield self.say("", sentence, count)
