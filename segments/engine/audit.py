"""Recomputing whole segments: when the day turns for windows that move, and to be sure."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from profiles.columns.gather import everyone
from profiles.columns.population import UnknownKey
from profiles.models import Cause
from segmenter.accounts.models import Account
from segments.definition.fields import Structure
from segments.definition.operators import DateFilter
from segments.definition.tree import All, Unsupported, conditions
from segments.definition.windows import Moment
from segments.engine.evaluate import Evaluation
from segments.engine.live import in_order
from segments.engine.membership import apply, difference, members
from segments.models import Segment, SegmentStatus


def recompute_due(account: Account, at: datetime) -> int:
    """Recompute the segments whose windows have moved since they were last true.

    Day, week, month and year windows move at the account's midnight, hour windows by the minute.
    Returns how many were recomputed.
    """
    today = Moment(at, account.zone).today
    done = 0
    for segment, tree in in_order(account):
        units = _units(tree)
        seen = segment.as_of and Moment(segment.as_of, account.zone).today
        if "hour" in units or (units and seen != today):
            done += recompute(account, segment, tree, at)
    return done


def recompute(account: Account, segment: Segment, tree: All, at: datetime) -> bool:
    """Make one segment's membership what its definition gives at `at`."""
    with transaction.atomic():
        locked = Segment.objects.select_for_update().get(pk=segment.pk)
        if (
            locked.version != segment.version
            or locked.status != SegmentStatus.READY
            or (locked.as_of and locked.as_of > at)
        ):
            return False
        people = everyone(account)
        try:
            wanted = people.ids[Evaluation(people, at).mask(tree)]
        except (Unsupported, UnknownKey):
            return False
        apply(locked, difference(members(locked), wanted), at=at, cause=Cause.TIME, everyone=True)
    return True


def _units(tree: All) -> set[str]:
    """What the definition's answers move with: units of time, "day" for whatever else does."""
    return {unit for _, condition in conditions(tree) for unit in _units_of(condition)}


def _units_of(structure: Structure) -> set[str]:
    found: set[str] = set()
    if isinstance(structure, DateFilter):
        found.add(getattr(structure, "unit", "day"))
    for field in structure.declared():
        value = getattr(structure, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Structure):
                found |= _units_of(part)
    if "steps" in {field.name for field in structure.declared()}:
        found.add("hour")
    return found
