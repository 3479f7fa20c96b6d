"""Calendar arithmetic and date filters: is this instant inside what the filter describes?

Owns windows and anniversaries in the account's zone, and reading ISO dates from text.
Must not know where an instant comes from.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from .world import Json

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_DAY = 86_400
COMPLETION_WINDOWS = {
    "HOURS_1": 3_600,
    "DAYS_1": _DAY,
    "DAYS_3": 3 * _DAY,
    "DAYS_5": 5 * _DAY,
    "WEEKS_1": 7 * _DAY,
    "DAYS_30": 30 * _DAY,
    "DAYS_90": 90 * _DAY,
    "DAYS_180": 180 * _DAY,
    "YEARS_1": 365 * _DAY,
}


@dataclass(frozen=True)
class Stamp:
    """A date read from text: its instant in UTC, and its day if it had no time of day."""

    instant: datetime
    day: date | None


def read_date(text: str, zone: ZoneInfo) -> Stamp | None:
    """Read an ISO 8601 date or date-time, in the account's zone if it names none, or None."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        on = date(int(year), int(month), int(day))
        if hour is None:
            return Stamp(midnight(on, zone), on)
        at = time(int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")))
        moment = datetime.combine(on, at, tzinfo=_offset(offset) if offset else zone)
        return Stamp(moment.astimezone(UTC), None)
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59:
        raise ValueError(text)
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if text[0] == "-" else size)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a day begins (fold 0 where a change of clocks is in the way).

    Where midnight is skipped that is the first instant of the day; where it comes twice, the first.
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def shift(day: date, quantity: int, unit: str) -> date:
    """Move a day by calendar units; a day that its new month lacks becomes the month's last."""
    if unit == "day":
        return day + timedelta(days=quantity)
    if unit == "week":
        return day + timedelta(days=7 * quantity)
    months = {"month": 1, "year": 12}[unit] * quantity
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def holds(moment: datetime, filter_: Json, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an instant satisfies a date filter at `at`. All datetimes are aware."""
    moment, now = moment.astimezone(UTC), at.astimezone(UTC)
    operator = filter_["operator"]
    if operator == "alltime":
        return True
    if operator in ("before", "after"):
        return _static(moment, operator, _literal(filter_["date"], zone), zone)
    if operator == "between-static":
        start, end = _literal(filter_["start"], zone), _literal(filter_["end"], zone)
        if end.day is not None:
            return start.instant <= moment < midnight(_next_day(end.day), zone)
        return start.instant <= moment <= end.instant
    if operator in ("in-the-last", "at-least", "between", "in-the-next"):
        return _relative(moment, filter_, now, zone)
    if operator in ("anniversary-last", "anniversary-next"):
        return _relative_anniversary(moment, filter_, now, zone)
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if operator == "anniversary":
        return (local.month, local.day) == (today.month, today.day)
    if operator == "anniversary-month":
        return local.month == today.month
    if operator == "calendar-month":
        return bool(local.month == filter_["value"])
    raise ValueError(f"not a date operator: {operator!r}")


def _literal(text: str, zone: ZoneInfo) -> Stamp:
    stamp = read_date(text, zone)
    if stamp is None:
        raise ValueError(f"not a date: {text!r}")
    return stamp


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _static(moment: datetime, operator: str, stamp: Stamp, zone: ZoneInfo) -> bool:
    if operator == "before":
        return moment < stamp.instant
    if stamp.day is not None:
        return moment >= midnight(_next_day(stamp.day), zone)
    return moment > stamp.instant


def _relative(moment: datetime, filter_: Json, now: datetime, zone: ZoneInfo) -> bool:
    operator, unit = filter_["operator"], filter_["unit"]
    today = now.astimezone(zone).date()

    def ago(quantity: int) -> datetime:
        if unit == "hour":
            return now - timedelta(hours=quantity)
        return midnight(shift(today, -quantity, unit), zone)

    def end_of(quantity: int) -> datetime:
        if unit == "hour":
            return now + timedelta(hours=quantity)
        return midnight(_next_day(shift(today, quantity, unit)), zone)

    if operator == "in-the-last":
        return ago(filter_["quantity"]) <= moment <= now
    if operator == "at-least":
        return moment < ago(filter_["quantity"])
    if operator == "between":
        return ago(filter_["end"]) <= moment < end_of(-filter_["start"])
    return now <= moment < end_of(filter_["quantity"])


def _relative_anniversary(moment: datetime, filter_: Json, now: datetime, zone: ZoneInfo) -> bool:
    unit, quantity = filter_["unit"], filter_["quantity"]
    today = now.astimezone(zone).date()
    if unit == "hour":
        first = now - timedelta(hours=quantity)
        end = now + timedelta(hours=quantity)
    else:
        first = midnight(shift(today, -quantity, unit), zone)
        end = midnight(_next_day(shift(today, quantity, unit)), zone)
    for year in range(first.year - 1, end.year + 2):
        anniversary = _in_year(moment, year, zone)
        if anniversary is None:
            continue
        if filter_["operator"] == "anniversary-last" and first <= anniversary <= now:
            return True
        if filter_["operator"] == "anniversary-next" and now < anniversary < end:
            return True
    return False


def _in_year(moment: datetime, year: int, zone: ZoneInfo) -> datetime | None:
    local = moment.astimezone(zone)
    if (local.month, local.day) == (2, 29) and not calendar.isleap(year):
        return None
    day = date(year, local.month, local.day)
    return datetime.combine(day, local.time().replace(fold=0), tzinfo=zone).astimezone(UTC)
