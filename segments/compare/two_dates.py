"""A segment on two dates: who was in on both, who left and who entered, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db import connection

from profiles.models import Cause
from segments.engine.growth import COUNTS_FROM, SKEW, start_of_day
from segments.engine.growth_range import day_of
from segments.engine.membership import Ids
from segments.engine.past_members import members_at
from segments.models import Segment

INSTANT = timedelta(microseconds=1)
"""The smallest difference of two times in the database."""
USUAL_DAYS = 30
WAYS = ("both", "left", "entered")


@dataclass(frozen=True)
class TwoDates:
    """Two days of the account's zone, both at their ends; today is up to the present."""

    first: date
    second: date
    first_instant: datetime
    second_instant: datetime
    is_cut: bool
    """Whether an earlier day was asked for than the one on which the segment was created."""


def read_dates(query: Mapping[str, str], segment: Segment, at: datetime) -> TwoDates:
    """Read `first` and `second` (ISO dates) in either order, from the segment's first day on."""
    zone = segment.account.zone
    today, created = at.astimezone(zone).date(), segment.created.astimezone(zone).date()
    second = day_of(query.get("second", "")) or today
    first = day_of(query.get("first", "")) or max(second - timedelta(days=USUAL_DAYS), created)
    first, second = sorted((first, second))
    is_cut = first < created
    first, second = (min(max(day, created), today) for day in (first, second))

    def instant(day: date) -> datetime:
        return min(start_of_day(day + timedelta(days=1), zone) - INSTANT, at)

    return TwoDates(first, second, instant(first), instant(second), is_cut)


@dataclass(frozen=True, eq=False)
class DateComparison:
    """int64[] ascending each: the ids of who was in on both dates, left and entered between."""

    both: Ids
    left: Ids
    entered: Ids
    causes: dict[str, list[tuple[str, int]]]
    """Of "left" and "entered": the cause's label and how many people it moved."""

    @property
    def first_size(self) -> int:
        return len(self.both) + len(self.left)

    @property
    def second_size(self) -> int:
        return len(self.both) + len(self.entered)

    def ids(self, way: str) -> Ids:
        """The ids of one of WAYS."""
        return {"both": self.both, "left": self.left, "entered": self.entered}[way]


def compare_dates(segment: Segment, dates: TwoDates) -> DateComparison:
    """Compare the members on two dates. Who left and came back in between was in on both."""
    first, second = members_at(segment, [dates.first_instant, dates.second_instant])
    return DateComparison(
        np.intersect1d(first, second, assume_unique=True),
        np.setdiff1d(first, second, assume_unique=True),
        np.setdiff1d(second, first, assume_unique=True),
        _causes(segment, dates),
    )


_LAST_CAUSES = f"""
SELECT came, cause, count(*) FROM (
    SELECT (array_agg(entered ORDER BY id))[1] AS came,
           (array_agg(entered ORDER BY id DESC))[1] AS ends_in,
           (array_agg(cause ORDER BY id DESC))[1] AS cause
    FROM ({COUNTS_FROM}) AS ledger WHERE since > %(first)s AND since <= %(second)s
    GROUP BY profile_id) AS moved
WHERE came = ends_in GROUP BY 1, 2 ORDER BY 3 DESC, 2"""
"""Whoever entered first and last was not in before and is in after; of them the last cause."""


def _causes(segment: Segment, dates: TwoDates) -> dict[str, list[tuple[str, int]]]:
    causes: dict[str, list[tuple[str, int]]] = {"left": [], "entered": []}
    with connection.cursor() as cursor:
        cursor.execute(
            _LAST_CAUSES,
            {
                "segment": segment.pk,
                "floor": dates.first_instant - SKEW,
                "first": dates.first_instant,
                "second": dates.second_instant,
            },
        )
        for came, cause, people in cursor.fetchall():
            causes["entered" if came else "left"].append((str(Cause(cause).label), people))
    return causes
