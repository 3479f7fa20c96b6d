"""unreachable: members to whom nothing can be sent on any channel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from django.utils.translation import gettext, ngettext

from segments.advice import Advice, Severity
from segments.definition.codec import encode_part
from segments.definition.conditions.consent import can_receive_on
from segments.definition.repairs import AddGroup
from segments.definition.tree import Any
from segments.engine.reachable import MARKETING_CHANNELS
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study, amount

_CONDITIONS = tuple(map(can_receive_on, MARKETING_CHANNELS))


@rule
class OutOfReach(LintRule):
    code: ClassVar[str] = "unreachable"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 15

    def advice(self, study: Study) -> Iterator[Advice]:
        out_of_reach = study.mask(study.tree) & ~study.mask(Any(_CONDITIONS))
        count = int(np.count_nonzero(out_of_reach))
        if not count:
            return
        sentence = ngettext(
            "%(count)s person can get neither e-mail nor SMS nor push.",
            "%(count)s people can get neither e-mail nor SMS nor push.",
            count,
        ) % {"count": amount(count)}
        repair = AddGroup(tuple(map(encode_part, _CONDITIONS)))
        yield self.say("", sentence, count, study.fix(gettext("Leave them out"), repair))
