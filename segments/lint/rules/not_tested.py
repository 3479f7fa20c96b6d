"""not-tested: a segment that is used, though no sample of it was drawn to test a message first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext

from segments.advice import Advice, Severity
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study
from segments.models import Sample
from segments.uses import latest_records


@rule
class NotTested(LintRule):
    code: ClassVar[str] = "not-tested"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 10

    def advice(self, study: Study) -> Iterator[Advice]:
        if not study.inspection.key:
            return
        segment = study.inspection.catalog.segments.get(study.inspection.key)
        if segment is None or Sample.objects.filter(segment=segment).exists():
            return
        if latest_records(segment, 1):
            yield self.say("", gettext("It is in use, but no sample of it was ever tested."))
