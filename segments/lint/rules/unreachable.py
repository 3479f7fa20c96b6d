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
from segments.engine.reachable import MARKETING_CHANNELS
from segments.lint.rule import LintRule, rule
from segments.lint.study import Study, amount

_CONDITIONS = tuple(map(can_receive_on, MARKETING_CHANNELS))
_ADD_REACHABLE = AddGroup(tuple(map(encode_part, _CONDITIONS)))


@rule
class OutOfReach(LintRule):
    code: ClassVar[str] = "unreachable"
    severity: ClassVar[Severity] = Severity.HINT
    rank: ClassVar[int] = 15

    def advice(self, study: Study) -> Iterator[Advice]:
        in_reach = study.mask(_CONDITIONS[0])
        for condition in _CONDITIONS[1:]:
            in_reach = in_reach | study.mask(condition)
        count = int(np.count_nonzero(study.mask(study.tree) & ~in_reach))
        if not count:
            return
        sentence = ngettext(
            "%(count)s person can get neither e-mail nor SMS nor push.",
            "%(count)s people can get neither e-mail nor SMS nor push.",
            count,
        ) % {"count": amount(count)}
        yield self.say("", sentence, count, study.fix(gettext("Leave them out"), _ADD_REACHABLE))
