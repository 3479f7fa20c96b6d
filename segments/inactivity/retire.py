"""The daily work: warning of segments that nobody uses, and deactivating them a week later.

What anything depends on is used, whoever looks at it. A use in the meantime ends the warning
(`segments.engine.usage`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from segmenter.accounts.models import Account
from segments.engine.dependents import dependents_by_segment, own_dependents
from segments.engine.queries import segments_of
from segments.engine.usage import last_use
from segments.inactivity.rule import NOTICE, UnusedRule, rule_of
from segments.models import Segment


def tend_segments(account: Account, at: datetime) -> None:
    """Warn of the account's unused segments, and deactivate those that were warned a week ago."""
    rule = rule_of(account)
    active = segments_of(account).filter(is_active=True).defer("definition")
    if not rule.is_on:
        active.filter(warned__isnull=False).update(warned=None)
        return
    idle = [each for each in active if last_use(each) <= at - rule.limit(each) + NOTICE]
    unused = _unused(account, idle)
    ids = [segment.pk for segment in unused]
    active.filter(warned__isnull=False).exclude(pk__in=ids).update(warned=None)
    segments_of(account).filter(pk__in=ids, warned=None).update(warned=at)
    for segment in unused:
        if segment.warned is not None and segment.warned <= at - NOTICE:
            _retire(segment, rule, at)


def _unused(account: Account, segments: Sequence[Segment]) -> list[Segment]:
    every = dependents_by_segment(account.pk, segments)
    return [segment for segment in segments if not own_dependents(every[segment.pk])]


@transaction.atomic
def _retire(segment: Segment, rule: UnusedRule, at: datetime) -> None:
    """Deactivate a segment, unless somebody has used it or starred it since it was read."""
    row = Segment.objects.select_for_update().filter(pk=segment.pk, is_active=True).first()
    if row is None or row.warned is None or last_use(row) > at - rule.limit(row):
        return
    row.is_active, row.warned, row.retired, row.updated = False, None, at, at
    row.save(update_fields=["is_active", "warned", "retired", "updated"])
