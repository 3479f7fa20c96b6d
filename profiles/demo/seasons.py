"""When people act: by weekday, season, holidays, and local hour."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

DAYS = 730
"""Length of the made-up shop's history."""
DAY = 86_400

_BY_WEEKDAY = (1.05, 0.95, 0.9, 0.95, 0.95, 1.05, 1.25)
_BY_MONTH = (0.8, 0.8, 0.95, 1.05, 1.2, 1.2, 0.85, 0.95, 1.0, 1.0, 1.25, 1.4)
# Share of a day's doings in each hour, local time.
_BY_HOUR = list(
    accumulate((1, 1, 1, 1, 1, 2, 4, 8, 10, 9, 9, 10, 13, 11, 9, 9, 10, 12, 14, 18, 22, 20, 12, 5))
)


def black_friday(year: int) -> date:
    """Return the Friday after Thanksgiving, the fourth Thursday of November."""
    first = date(year, 11, 1)
    thanksgiving = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return thanksgiving + timedelta(days=1)


def liveliness(day: date) -> float:
    """Return the shop's activity on a day; about 1 on an ordinary one."""
    lively = _BY_WEEKDAY[day.weekday()] * _BY_MONTH[day.month - 1]
    since = (day - black_friday(day.year)).days
    if 0 <= since <= 3:
        lively *= 3.5
    elif day.month == 12 and 20 <= day.day <= 25:
        lively *= 0.5
    elif day.month == 12 and day.day > 25:
        lively *= 1.2
    return lively


@dataclass(frozen=True, slots=True)
class Seasons:
    """The days of the history, each with its share of the activity.

    Moments are whole seconds since 1970 (UTC). Days are counted back from `end`, the moment at
    which the data ends: day 1 is the last one.
    """

    end: int
    days: int
    _sums: list[float]

    @classmethod
    def until(cls, ends: datetime) -> Seasons:
        """Return the seasons of the `DAYS` days before a moment, in its own time zone."""
        last = ends.date()
        sums = list(
            accumulate(
                (liveliness(last - timedelta(days=DAYS - day)) for day in range(DAYS)), initial=0.0
            )
        )
        return cls(end=int(ends.timestamp()), days=DAYS, _sums=sums)

    def moments(
        self, draw: Random, *, since: float, until: float, a_year: float, zone: str
    ) -> list[int]:
        """Return the moments at which a person acts, in order: a Poisson process with seasons.

        `since` and `until` are days before the end, `since` the larger; `a_year` is the number of
        actions in an average year; `zone` is the person's time zone, for the hours.
        """
        low = self._at(since)
        high = self._at(until)
        expected = a_year / 365 * (high - low) / (self._sums[-1] / self.days)
        result: list[int] = []
        elapsed = draw.expovariate(1.0)
        while elapsed < expected:
            result.append(self._within_day(draw, low + (high - low) * elapsed / expected, zone))
            elapsed += draw.expovariate(1.0)
        return result

    def moment(self, draw: Random, *, since: float, until: float, zone: str) -> int:
        """Return one such moment between two numbers of days before the end."""
        low = self._at(since)
        return self._within_day(draw, low + (self._at(until) - low) * draw.random(), zone)

    def _within_day(self, draw: Random, mass: float, zone: str) -> int:
        index = min(bisect(self._sums, mass) - 1, self.days - 1)
        midday = self.end - (self.days - index) * DAY + DAY // 2
        moment = local_moment(draw, day=midday // DAY, zone=zone)
        # West of the shop, an evening may fall after the end.
        return moment if moment < self.end else moment - DAY

    def after(self, draw: Random, *, since: float, days: float, zone: str) -> int | None:
        """Return the moment about `days` after `since` (days before the end).

        Busy days count for more than quiet ones. None if it would be in the future.
        """
        mass = self._at(since) + days * self._sums[-1] / self.days
        return self._within_day(draw, mass, zone) if mass < self._sums[-1] else None

    def _at(self, days_ago: float) -> float:
        position = min(max(self.days - days_ago, 0.0), self.days - 0.001)
        day = int(position)
        return self._sums[day] + (self._sums[day + 1] - self._sums[day]) * (position - day)


def hour_of_day(draw: Random) -> int:
    """Return the seconds after local midnight at which something is done; evenings are busiest."""
    return bisect(_BY_HOUR, draw.random() * _BY_HOUR[-1]) * 3600 + int(draw.random() * 3600)


@cache
def offset(zone: str, day: int) -> int:
    """Return a zone's distance from UTC in seconds on a day (whole days since 1970)."""
    noon = datetime.fromtimestamp(day * DAY + DAY // 2, UTC)
    distance = noon.astimezone(ZoneInfo(zone)).utcoffset()
    return int(distance.total_seconds()) if distance is not None else 0


def local_moment(draw: Random, *, day: int, zone: str) -> int:
    """Return a likely moment of a day (whole days since 1970) for someone who lives in a zone."""
    return day * DAY + hour_of_day(draw) - offset(zone, day)


def iso(moment: int) -> str:
    """Return a moment as ISO 8601 text in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat()
