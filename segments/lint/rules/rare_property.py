"""rare-property: a property that few people have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext, ngettext

from segments.advice import Advice, Severity
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study, amount

LEAST_SHARE = 0.05


@rule
class RareProperty(LintRule):
    code: ClassVar[str] = "rare-property"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 42

    def advice(self, study: Study) -> Iterator[Advice]:
        total = study.inspection.preview.total
        for test in study.tests:
            if test.metric or not total:
                continue
            rows = test.figures.rows()
            if rows >= total * LEAST_SHARE:
                continue
            values = {"property": study.label(test), "count": amount(rows)}
            if rows:
                sentence = ngettext(
                    "Only %(count)s person has %(property)s.",
                    "Only %(count)s people have %(property)s.",
                    rows,
                )
            else:
                sentence = gettext("Nobody has %(property)s.")
            yield self.say(test.place.pointer, sentence % values, rows)
