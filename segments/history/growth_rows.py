"""The table of a growth report: each figure with the address of the people behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from segments.engine.growth import Growth, Period, Unit
from segments.engine.growth_chart import period_name, version_label
from segments.engine.past_growth import INSTANT, ComputedSizes
from segments.models import Segment


@dataclass(frozen=True)
class Ends:
    """The sizes before the first period of a report and after its last one, and its dates."""

    before: int | None
    """None where the changes do not lead from it to the size after: who was in before the segment
    was made entered when it was built."""
    after: int
    has_changes: bool
    """Whether the ledger knows who entered and left; it does not know the time before."""
    query: str
    """The dates of the report, as parameters of Activity."""

    @classmethod
    def of(cls, segment: Segment, report: Growth, computed: ComputedSizes | None) -> Ends:
        first, last, zone = report.periods[0], report.periods[-1], segment.account.zone
        before: int | None = report.size_before
        after, has_changes = last.size, True
        if computed is not None:
            before, size = computed.before, computed.sizes[-1]
            if size is not None:
                after, has_changes = size, False
            elif before is not None and before + report.net != after:
                before = None
        query = activity_query(report.unit, first.start, last.end, zone)
        return cls(before, after, has_changes, query)


def growth_rows(
    segment: Segment, report: Growth, computed: ComputedSizes | None, at: datetime
) -> list[dict[str, Any]]:
    """The periods, newest first: name, figures, and the queries for the people behind them.

    A period before the segment is absent unless its size was computed back.
    """
    zone = segment.account.zone
    rows = []
    for number, period in enumerate(report.periods):
        size = computed.sizes[number] if computed else None
        if size is None and period.end <= segment.created:
            continue
        rows.append(
            {
                "period": period,
                "name": period_name(report.unit, period, zone),
                "is_open": period.end > at,
                "computed": size,
                "change": computed.change(number) if computed else None,
                "query": members_query(report.unit, period, at, zone),
                "moves": activity_query(report.unit, period.start, period.end, zone),
                "markers": [
                    (marker.version.number, version_label(marker, zone))
                    for marker in report.markers
                    if marker.period == number
                ],
            }
        )
    return rows[::-1]


def members_query(unit: Unit, period: Period, at: datetime, zone: ZoneInfo) -> str:
    """The parameters for who was in at the end of a period, or now if it has not ended."""
    if unit is Unit.HOUR:
        return urlencode({"until": period.end.astimezone(zone).isoformat()})
    last = min(period.end - INSTANT, at)
    return urlencode({"day": last.astimezone(zone).date().isoformat()})


def activity_query(unit: Unit, start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """The parameters of Activity for who entered and left in [start, end)."""
    if unit is Unit.HOUR:
        instants = {"since": start, "until": end}
        return urlencode({k: v.astimezone(zone).isoformat() for k, v in instants.items()})
    days = {"from": start, "to": end - INSTANT}
    return urlencode({k: v.astimezone(zone).date().isoformat() for k, v in days.items()})
