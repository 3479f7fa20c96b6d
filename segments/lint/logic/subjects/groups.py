"""Lists and segments: someone is in each, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from segments.definition.conditions.group import ProfileGroupMembership
from segments.definition.tree import Condition
from segments.definition.windows import Moment
from segments.lint.logic.subject import Signatures, Subject, subjects

MOST_CHOICES = 10


@dataclass(frozen=True)
class GroupSubject(Subject):
    """All lists and segments together."""

    def signatures(self, conditions: Sequence[Condition], moment: Moment) -> Signatures | None:
        memberships = [c for c in conditions if isinstance(c, ProfileGroupMembership)]
        keys = list(dict.fromkeys(key for c in memberships for key in c.group_ids))
        timed = [c for c in memberships if c.timeframe_filter]
        if len(keys) + len(timed) > MOST_CHOICES:
            return None
        rows = set()
        for choice in product((False, True), repeat=len(keys) + len(timed)):
            inside = dict(zip(keys, choice, strict=False))
            in_time = dict(zip(timed, choice[len(keys) :], strict=True))
            answers = []
            for c in memberships:
                is_in = any(inside[key] for key in c.group_ids)
                if c not in in_time:
                    answers.append(is_in == c.is_member)
                    continue
                # Members since a time, unless it is still to come, are members.
                is_in = is_in or c.timeframe_filter.looks_ahead
                answers.append((is_in and in_time[c]) == c.is_member)
            rows.add(tuple(answers))
        return Signatures(np.array(sorted(rows)), np.ones(len(rows), dtype=np.bool_))


@subjects.register(ProfileGroupMembership.type)
def _of_group(condition: Condition) -> Subject:
    return GroupSubject()
