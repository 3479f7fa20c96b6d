"""Periods of the calendar: their bounds in a zone, and their names in the active language. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext


class Unit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    """From Monday."""
    MONTH = "month"


def bounds(unit: Unit, start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """n + 1 ascending instants in UTC: the bounds of the n periods that overlap [start, end).

    Days are calendar days of the zone, with 23 or 25 hours where the clocks change. Hours are
    elapsed hours.
    """
    instants = [_begin(unit, start.astimezone(zone))]
    while instants[-1] < end or len(instants) == 1:
        instants.append(_next(unit, instants[-1], zone))
    return instants


def _begin(unit: Unit, local: datetime) -> datetime:
    if unit is Unit.HOUR:
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    day = local.date()
    if unit is Unit.WEEK:
        day -= timedelta(days=day.weekday())
    elif unit is Unit.MONTH:
        day = day.replace(day=1)
    return start_of_day(day, local.tzinfo)


def _next(unit: Unit, begin: datetime, zone: ZoneInfo) -> datetime:
    if unit is Unit.HOUR:
        return begin + timedelta(hours=1)
    day = begin.astimezone(zone).date()
    if unit is Unit.MONTH:
        following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    else:
        following = day + timedelta(days=7 if unit is Unit.WEEK else 1)
    return start_of_day(following, zone)


def start_of_day(day: date, zone: tzinfo | None) -> datetime:
    """The instant at which a calendar day begins in a zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def name_of_period(unit: Unit, begin: datetime, zone: ZoneInfo) -> str:
    """The name of the period that begins then: an hour, a day, a week or a month of the zone."""
    start = begin.astimezone(zone)
    if unit is Unit.HOUR:
        return f"{date_format(start, gettext('j M Y, H:i'))}{_zone_letters(start)}"
    if unit is Unit.DAY:
        return date_format(start, gettext("D j M Y"))
    if unit is Unit.MONTH:
        return date_format(start, gettext("F Y"))
    last = start.date() + timedelta(days=6)
    return gettext("%(first)s to %(last)s (week %(week)s)") % {
        "first": date_format(start, gettext("j M")),
        "last": date_format(last, gettext("j M Y")),
        "week": start.isocalendar().week,
    }


def _zone_letters(local: datetime) -> str:
    """The zone's abbreviation for an hour that occurs twice; empty for others."""
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f" {local:%Z}" if twice else ""
