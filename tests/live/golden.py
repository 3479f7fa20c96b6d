"""When windows open and close: a table of cases, and the plain rule by which it was worked out.

The rule walks day by day through the calendar and shares no code with the evaluator or the oracle.
`python -m tests.live.golden` writes the table again; review every change of it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

TABLE = Path(__file__).with_name("golden_edges.csv")
TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_HEAD = ("zone", "subject", "when", "window", "enters", "leaves")


@dataclass(frozen=True)
class Case:
    """In `zone` something lies at the local time `when` (a day alone is its start).

    `subject` says what: event, date (of a profile), list, consent, or funnel. It matches `window`
    from the instant `enters` (None: it always has) until just before `leaves` (None: for good).
    """

    zone: str
    subject: str
    when: str
    window: str
    enters: datetime | None
    leaves: datetime | None

    @property
    def moment(self) -> datetime:
        """The instant of `when`, in UTC."""
        return _instant(self.when, ZoneInfo(self.zone))


def table() -> list[Case]:
    """The cases in the file."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Case(
                row["zone"],
                row["subject"],
                row["when"],
                row["window"],
                datetime.fromisoformat(row["enters"]) if row["enters"] else None,
                datetime.fromisoformat(row["leaves"]) if row["leaves"] else None,
            )
            for row in csv.DictReader(file)
        ]


# --- the rule ---


def worked_out(zone: str, subject: str, when: str, window: str, year: int = 2024) -> Case:
    """The case with the instants at which it flips, by the rules of windows.

    An anniversary is that of `year`.
    """
    tz = ZoneInfo(zone)
    moment = _instant(when, tz)
    if window.startswith("anniversary"):
        moment = _anniversary(moment, year, tz)
    name, *rest = window.split()
    numbers, unit = [int(part) for part in rest[:-1]], rest[-1] if rest else "day"
    enters, leaves = _RULES[name](moment, numbers, unit, tz)
    if subject in ("event", "list", "consent") and name != "in-the-next":
        enters = moment if enters is None else max(moment, enters)  # until then it does not exist
    return Case(zone, subject, when, window, enters, leaves)


Edges = tuple[datetime | None, datetime | None]


def _last(moment: datetime, numbers: list[int], unit: str, tz: ZoneInfo) -> Edges:
    if unit == "hour":
        return moment, moment + timedelta(hours=numbers[0]) + TICK
    return moment, _first_day(
        moment, tz, lambda day: moment < start_of(ago(day, numbers[0], unit), tz)
    )


def _at_least(moment: datetime, numbers: list[int], unit: str, tz: ZoneInfo) -> Edges:
    return _last(moment, numbers, unit, tz)[1], None


def _between(moment: datetime, numbers: list[int], unit: str, tz: ZoneInfo) -> Edges:
    near, far = numbers
    if unit == "hour":
        return tuple(moment + timedelta(hours=n) + TICK for n in numbers)  # type: ignore[return-value]
    enters = _first_day(moment, tz, lambda day: moment < start_of(ago(day, near, unit) + _DAY, tz))
    leaves = _first_day(moment, tz, lambda day: moment < start_of(ago(day, far, unit), tz))
    return enters, leaves


def _next(moment: datetime, numbers: list[int], unit: str, tz: ZoneInfo) -> Edges:
    if unit == "hour":
        return moment - timedelta(hours=numbers[0]) + TICK, moment + TICK
    enters = _first_day(
        moment, tz, lambda day: moment < start_of(ago(day, -numbers[0], unit) + _DAY, tz)
    )
    return enters, moment + TICK


def _on_the_day(moment: datetime, numbers: list[int], unit: str, tz: ZoneInfo) -> Edges:
    day = moment.astimezone(tz).date()
    return start_of(day, tz), start_of(day + _DAY, tz)


def _in_the_month(moment: datetime, numbers: list[int], unit: str, tz: ZoneInfo) -> Edges:
    first = moment.astimezone(tz).date().replace(day=1)
    return start_of(first, tz), start_of(ago(first, -1, "month"), tz)


def _comes(moment: datetime, numbers: list[int], unit: str, tz: ZoneInfo) -> Edges:
    """As `_next`, but what comes is over when it is there."""
    return _next(moment, numbers, unit, tz)[0], moment


def _chain_end(moment: datetime, numbers: list[int], unit: str, tz: ZoneInfo) -> Edges:
    """A then not B: true when the completion window has passed."""
    return moment + timedelta(seconds=numbers[0]), None


_RULES: dict[str, Callable[[datetime, list[int], str, ZoneInfo], Edges]] = {
    "in-the-last": _last,
    "at-least": _at_least,
    "between": _between,
    "in-the-next": _next,
    "anniversary": _on_the_day,
    "anniversary-month": _in_the_month,
    "anniversary-last": _last,
    "anniversary-next": _comes,
    "not-within": _chain_end,
}


def _anniversary(moment: datetime, year: int, tz: ZoneInfo) -> datetime:
    """The instant in a year with the same month, day and time on the wall."""
    return moment.astimezone(tz).replace(year=year, fold=0).astimezone(UTC)


def _first_day(moment: datetime, tz: ZoneInfo, holds: Callable[[date], bool]) -> datetime:
    """The start of the first day of which something holds that then goes on holding."""
    day = moment.astimezone(tz).date() - timedelta(days=800)
    assert not holds(day)
    while not holds(day):
        day += _DAY
    return start_of(day, tz)


def ago(day: date, quantity: int, unit: str) -> date:
    """The day a number of calendar units back; the last one of a month that is too short."""
    if unit in ("day", "week"):
        return day - timedelta(days=quantity * (7 if unit == "week" else 1))
    months = day.year * 12 + (day.month - 1) - quantity * (12 if unit == "year" else 1)
    for number in range(day.day, 0, -1):
        try:
            return date(months // 12, months % 12 + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


@cache
def start_of(day: date, tz: ZoneInfo) -> datetime:
    """The first instant at which the calendar on the wall shows this day, or a later one."""
    before = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    after = before + timedelta(hours=60)
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // timedelta(minutes=2) * timedelta(minutes=1)
        if middle.astimezone(tz).date() >= day:
            after = middle
        else:
            before = middle
    return after


def _instant(when: str, tz: ZoneInfo) -> datetime:
    if len(when) == len("2026-03-01"):
        return start_of(date.fromisoformat(when), tz)
    return datetime.fromisoformat(when).replace(tzinfo=tz).astimezone(UTC)


# --- the cases of the table ---


class Cluster(NamedTuple):
    """Moments of one zone that lie close together, and what is asked about them."""

    zone: str
    year: int
    events: tuple[str, ...]
    windows: str
    born: str = ""
    day: str = ""
    others: str = ""


_SHORT = "in-the-last 1 day;between 1 2 day;in-the-next 1 day;at-least 30 hour;in-the-last 24 hour"
_LONG = "at-least 1 month;between 1 1 week;in-the-next 2 hour;in-the-next 1 month;in-the-last 2 day"
_MIXED = "in-the-last 1 month;at-least 2 day;between 24 25 hour;at-least 3 week;in-the-last 90 hour"
_BIRTHDAYS = (
    *("anniversary", "anniversary-month", "anniversary-next 7 day", "anniversary-last 1 day"),
    *("anniversary-next 36 hour", "anniversary-last 12 hour"),
)
_DAYS = ("in-the-next 7 day", "between 0 1 day", "at-least 1 month", "in-the-last 0 day")
_LIST = "list at-least 3 day;list in-the-last 36 hour"
_CONSENT = "consent in-the-last 2 day;consent at-least 1 month"
_FUNNEL = "funnel not-within 259200 second"
_CLUSTERS = (
    Cluster(
        "Europe/Stockholm",
        2026,
        ("2026-03-28 02:30", "2026-03-29 00:00", "2026-03-31"),
        f"{_SHORT};{_LONG}",
        "1996-03-29 02:30",
        "2026-03-29 02:30",
        f"{_LIST};{_CONSENT};{_FUNNEL}",
    ),
    Cluster(
        "Europe/Berlin",
        2026,
        ("2026-10-24 12:00", "2026-10-25 02:30", "2026-10-25 23:59:30"),
        _MIXED,
        "1990-10-25 02:30",
        "2026-10-25 02:59:59.999999",
        f"{_CONSENT};{_FUNNEL}",
    ),
    Cluster(
        "America/New_York",
        2026,
        ("2026-03-07 23:59", "2026-03-08 03:00"),
        f"{_SHORT};{_MIXED}",
        "1971-03-08",
        "2026-03-08",
        f"{_LIST};{_FUNNEL}",
    ),
    Cluster(
        "America/Sao_Paulo",
        2018,
        ("2018-11-03 23:59", "2018-11-04 01:00"),
        f"{_SHORT};in-the-last 0 day;between 1 2 month",
        "1990-11-04",
        "2018-11-04 00:30",
        _CONSENT,
    ),
    Cluster(
        "America/Havana",
        2026,
        ("2026-10-31 12:00", "2026-11-01 00:30"),
        f"{_LONG};in-the-last 0 day",
        "2000-11-01 00:30",
        "2026-11-01",
        _LIST,
    ),
    Cluster(
        "Australia/Lord_Howe",
        2026,
        ("2026-04-05 01:45", "2026-04-04 23:00"),
        f"{_SHORT};at-least 1 week",
        "1988-04-05 01:45",
        "2026-04-05",
        _FUNNEL,
    ),
    Cluster(
        "Asia/Kathmandu",
        2025,
        ("2025-12-31 23:59:59.999999", "2025-12-31 05:45"),
        f"{_MIXED};in-the-next 1 month",
        "2004-12-31",
        "2025-12-31",
        _LIST,
    ),
    Cluster(
        "Pacific/Apia",
        2011,
        ("2011-12-29 23:00", "2011-12-31 00:00", "2011-12-28 10:10"),
        f"{_SHORT};at-least 2 day;between 1 1 week",
        "1999-12-31",
        "2011-12-29",
        _CONSENT,
    ),
    Cluster(
        "UTC",
        2024,
        ("2024-01-29", "2024-01-31 08:00", "2024-02-29"),
        "in-the-last 1 month;at-least 1 month;in-the-next 1 month;between 1 2 month",
        "1996-02-29",
        "2024-01-30 18:00",
    ),
    Cluster(
        "Africa/Abidjan",
        2024,
        ("2024-02-29",),
        "in-the-last 1 year;between 0 1 year;in-the-last 4 week",
        "2000-02-29 18:00",
    ),
)


def cases() -> Iterator[Case]:
    """Every case of the table, in its order."""
    for zone, year, events, windows, born, day, others in _CLUSTERS:
        for when in events:
            for window in windows.split(";"):
                yield worked_out(zone, "event", when, window, year)
        for window in _BIRTHDAYS if born else ():
            yield worked_out(zone, "date", born, window, year)
        for window in _DAYS if day else ():
            yield worked_out(zone, "date", day, window, year)
        for index, other in enumerate(others.split(";") if others else ()):
            subject, _, window = other.partition(" ")
            yield worked_out(zone, subject, events[index % len(events)], window, year)


def write_table() -> int:
    """Write the file from the rule; returns how many cases it holds."""
    all_cases = list(cases())
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_HEAD)
        for case in all_cases:
            edges = (moment.isoformat() if moment else "" for moment in (case.enters, case.leaves))
            rows.writerow((case.zone, case.subject, case.when, case.window, *edges))
    return len(all_cases)


if __name__ == "__main__":
    print(write_table(), "cases")
