"""Consent on a channel: one status, and whether marketing can be received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from profiles.reachability import STATUSES
from segments.definition.conditions.consent import ProfileMarketingConsent
from segments.definition.tree import Condition
from segments.definition.windows import Moment
from segments.lint.logic.subject import Signatures, Subject, subjects

MOST_CHOICES = 8


@dataclass(frozen=True)
class ConsentSubject(Subject):
    """The consent of a person on one channel."""

    channel: str

    def signatures(self, conditions: Sequence[Condition], moment: Moment) -> Signatures | None:
        consents = [c for c in conditions if isinstance(c, ProfileMarketingConsent)]
        narrowed = [c for c in consents if c.consent.consent_status.filters]
        if len(narrowed) > MOST_CHOICES:
            return None
        rows = set()
        for status, can, *passes in product(
            (*STATUSES, ""), (False, True), *[(False, True)] * len(narrowed)
        ):
            passing = dict(zip(narrowed, passes, strict=True))
            rows.add(
                tuple(
                    c.consent.can_receive_marketing == can
                    and c.consent.consent_status.subscription in ("any", status)
                    and bool(passing.get(c, True))
                    for c in consents
                )
            )
        return Signatures(np.array(sorted(rows)), np.ones(len(rows), dtype=np.bool_))


@subjects.register(ProfileMarketingConsent.type)
def _of_consent(condition: Condition) -> Subject:
    assert isinstance(condition, ProfileMarketingConsent)
    return ConsentSubject(condition.consent.channel)
