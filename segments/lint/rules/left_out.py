"""left-out: people whom a condition leaves out because they have no value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext, ngettext

from segments.advice import Advice, Severity
from segments.definition.codec import encode_part
from segments.definition.repairs import Replacement
from segments.lint.labels import what_is_unset
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study, amount


@rule
class LeftOut(LintRule):
    code: ClassVar[str] = "left-out"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 40

    def advice(self, study: Study) -> Iterator[Advice]:
        for pointer, condition, is_wanted in study.places:
            count = study.inspection.preview.left_out.get(pointer, 0)
            if not count or not is_wanted:
                continue  # below NOT, who has no value is let in
            sentence = ngettext(
                "%(count)s person has no %(what)s.", "%(count)s people have no %(what)s.", count
            ) % {"count": amount(count), "what": what_is_unset([condition])}
            including, fix = condition.including_unset(), None
            if including != condition:
                put = Replacement(pointer, encode_part(including))
                fix = study.fix(gettext("Include them"), put)
            yield self.say(pointer, sentence, count, fix)
