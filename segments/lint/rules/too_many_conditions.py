"""too-many-conditions: many conditions that leave hardly anyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext, ngettext

from segments.advice import Advice, Severity
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study, amount

MOST_CONDITIONS = 7
LEAST_SHARE = 0.01


@rule
class TooManyConditions(LintRule):
    code: ClassVar[str] = "too-many-conditions"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 18

    def advice(self, study: Study) -> Iterator[Advice]:
        preview, number = study.inspection.preview, len(study.places)
        if number <= MOST_CONDITIONS or preview.count >= preview.total * LEAST_SHARE:
            return
        people = ngettext("%(count)s person", "%(count)s people", preview.count)
        sentence = gettext("%(number)s conditions leave %(people)s. Fewer say more.") % {
            "number": number,
            "people": people % {"count": amount(preview.count)},
        }
        yield self.say("", sentence, preview.count)
