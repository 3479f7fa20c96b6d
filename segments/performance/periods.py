"""The periods of a report: whole weeks or months up to the present, and whose line is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from segments.engine.growth import Unit, bounds, start_of_day
from segments.models import Segment
from segments.performance.figures import WhoseMembers

PRESETS = {Unit.WEEK: (12, 26, 52), Unit.MONTH: (6, 12, 24)}
"""How many periods, the present one included."""
DEFAULTS = {Unit.WEEK: 12, Unit.MONTH: 12}
LEAST_HISTORY = 2
"""Periods that began since the segment exists, from which on the members of then are shown."""


@dataclass(frozen=True)
class ReportRange:
    """A unit, how many periods there are, their ascending bounds, and whose figures."""

    unit: Unit
    last: int
    edges: tuple[datetime, ...]
    whose: WhoseMembers
    known: int
    """Periods that began when the segment existed."""


def read_report(query: Mapping[str, str], segment: Segment, at: datetime) -> ReportRange:
    """Read `unit`, `last` and `members`; what cannot be read is as usual."""
    zone = segment.account.zone
    unit = Unit.MONTH if query.get("unit") == Unit.MONTH else Unit.WEEK
    last = next((n for n in PRESETS[unit] if str(n) == query.get("last")), DEFAULTS[unit])
    today = at.astimezone(zone).date()
    if unit is Unit.WEEK:
        first = today - timedelta(days=today.weekday() + 7 * (last - 1))
    else:
        months = today.year * 12 + today.month - last
        first = today.replace(year=months // 12, month=months % 12 + 1, day=1)
    edges = bounds(unit, start_of_day(first, zone), at + timedelta(microseconds=1), zone)
    known = sum(start >= segment.created for start in edges[:-1])
    usual = WhoseMembers.THEN if known >= LEAST_HISTORY else WhoseMembers.NOW
    asks = query.get("members", "")
    whose = WhoseMembers(asks) if asks in list(WhoseMembers) else usual
    return ReportRange(unit, last, tuple(edges), whose, known)
