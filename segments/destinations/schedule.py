"""When a destination is next brought up to date. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from segments.models import Schedule

SOON = timedelta(minutes=5)
"""The least between two looks at what has changed."""
HOUR = timedelta(hours=1)


def next_time(
    schedule: str, after: datetime, *, hour: int | None, weekday: int | None, zone: ZoneInfo
) -> datetime:
    """Return the first time of a schedule after an instant.

    Daily and weekly ones are at an hour of the clock in `zone`; an hour that a day does not have,
    because clocks are put forward, is the one after it.
    """
    if schedule == Schedule.SOON:
        return after + SOON
    if schedule == Schedule.HOURLY:
        return after + HOUR
    local = after.astimezone(zone)
    for days in range(9):
        day = local.date() + timedelta(days=days)
        if schedule == Schedule.WEEKLY and day.weekday() != (weekday or 0):
            continue
        instant = datetime.combine(day, time(hour or 0), zone).astimezone(after.tzinfo)
        if instant > after:
            return instant
    raise ValueError(f"no time of the schedule {schedule!r} after {after}")
