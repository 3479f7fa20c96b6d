"""How a segment grew and who was in it when: the ledger of membership, summed up. Reads only.

When a change counts. A ledger row says when it became true (`true_since`) and when it was written
(`at`). A change counts from the instant it became true: whom a window let go at midnight left on
that day, however late a worker came round to noting it. Two bounds keep every size what a count of
people can be, from zero up: a change never counts before an earlier change of the same person and
never after it was written. So each person's changes keep their order, and the size at any instant
is the number of people whose last change until then was to enter. A change that is noted late
changes the figures of the past, which is where it belongs.

Sizes are counted backwards from the size that the segment has now. Size and ledger are written in
one transaction and read in one statement, so they fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext

from profiles.models import Cause
from segmenter.kernel.errors import Invalid, Problem
from segments.models import MembershipChange, Segment, SegmentVersion

SKEW = timedelta(days=1)
"""Within a segment, no row's `at` is earlier than that of a row before it by as much."""


class Unit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    """From Monday."""
    MONTH = "month"


MOST_PERIODS = {Unit.HOUR: 14 * 24 + 1, Unit.DAY: 400, Unit.WEEK: 1_200, Unit.MONTH: 1_200}
"""Periods of one report; two weeks of hours have one more when the clocks go back."""

_LONGEST = {
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(hours=25),
    Unit.WEEK: timedelta(days=7, hours=1),
    Unit.MONTH: timedelta(days=31, hours=1),
}


@dataclass(frozen=True)
class CauseCounts:
    """How many people entered and left for one cause."""

    cause: Cause
    added: int
    left: int


@dataclass(frozen=True)
class Period:
    """[start, end), with the number of members at its end (now, if it has not ended)."""

    start: datetime
    end: datetime
    size: int
    causes: tuple[CauseCounts, ...]
    """In the order of `Cause`; only those that moved anyone."""

    @property
    def added(self) -> int:
        return sum(moved.added for moved in self.causes)

    @property
    def left(self) -> int:
        return sum(moved.left for moved in self.causes)

    @property
    def net(self) -> int:
        return self.added - self.left


@dataclass(frozen=True)
class Marker:
    """A change of the definition, and in which of the periods it was made."""

    version: SegmentVersion
    period: int


@dataclass(frozen=True)
class Growth:
    """A segment's growth over consecutive periods, oldest first."""

    unit: Unit
    size_before: int
    """Members when the first period began."""
    periods: tuple[Period, ...]
    markers: tuple[Marker, ...]

    @property
    def added(self) -> int:
        return sum(period.added for period in self.periods)

    @property
    def left(self) -> int:
        return sum(period.left for period in self.periods)

    @property
    def net(self) -> int:
        return self.added - self.left

    @property
    def causes(self) -> tuple[CauseCounts, ...]:
        """Who moved in all periods together, by cause."""
        return _by_cause(moved for period in self.periods for moved in period.causes)


# --- periods -------------------------------------------------------------------------------------


def bounds(unit: Unit, start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """n + 1 ascending instants in UTC: where the n periods begin that overlap [start, end).

    The last one is the end of the last period. Days are calendar days of the zone, of 23 or 25
    hours where the clocks change; hours are hours that passed.
    """
    found = [_begin(unit, start.astimezone(zone))]
    while found[-1] < end or len(found) == 1:
        found.append(_next(unit, found[-1], zone))
    return found


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


# --- the report ----------------------------------------------------------------------------------

_COUNTS_FROM = """
    SELECT id, profile_id, entered, cause,
           max(least(true_since, at)) OVER (PARTITION BY profile_id ORDER BY id) AS since
    FROM segments_membershipchange
    WHERE segment_id = %(segment)s AND at >= %(floor)s"""
"""The ledger with the instants from which its rows count; right for those from `floor` + SKEW on.

What lies before `floor` was written before it, and counts from earlier still.
"""


def growth(segment: Segment, *, unit: Unit, start: datetime, end: datetime, at: datetime) -> Growth:
    """Sum up who entered and left in the periods that overlap [start, end), by the account's zone.

    Periods that have not begun at `at` are left out. Raises Invalid for a range that holds no
    period, or more than MOST_PERIODS.
    """
    end = min(end, at + timedelta(microseconds=1))
    if start >= end:
        message = gettext("The report has to begin before it ends, and before now.")
        raise Invalid(Problem("/from", "invalid", message))
    most = MOST_PERIODS[unit]
    edges = (
        bounds(unit, start, end, segment.account.zone)
        if end - start <= most * _LONGEST[unit]
        else None
    )
    if edges is None or len(edges) - 1 > most:
        message = gettext("A report has at most %(n)s periods.") % {"n": most}
        raise Invalid(Problem("/from", "too_long", message))
    size, counts = _counts(segment, edges)
    last = len(edges)
    causes = [_by_cause(counts[number]) for number in range(last + 1)]
    changes = [sum(moved.added - moved.left for moved in moves) for moves in causes]
    before = size - sum(changes[1:])
    sizes = list(accumulate(changes[1:last], initial=before))[1:]
    periods = tuple(
        Period(begin, finish, now_in, moves)
        for (begin, finish), now_in, moves in zip(
            pairwise(edges), sizes, causes[1:last], strict=True
        )
    )
    return Growth(unit, before, periods, _markers(segment, edges))


def _counts(
    segment: Segment, edges: Sequence[datetime]
) -> tuple[int, dict[int, list[CauseCounts]]]:
    """The size now, and who moved: by the number of the period, from 1; 0 before, n + 1 after."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT s.size, moved.period, moved.cause, moved.added, moved.gone
                FROM segments_segment s LEFT JOIN (
                    SELECT width_bucket(since, %(edges)s::timestamptz[]) AS period, cause,
                           count(*) FILTER (WHERE entered) AS added,
                           count(*) FILTER (WHERE NOT entered) AS gone
                    FROM ({_COUNTS_FROM}) AS ledger GROUP BY 1, 2
                ) AS moved ON true WHERE s.id = %(segment)s""",
            {"segment": segment.pk, "edges": list(edges), "floor": edges[0] - SKEW},
        )
        rows = cursor.fetchall()
    counts = defaultdict(list)
    for _size, period, cause, added, gone in rows:
        if period is not None:
            counts[period].append(CauseCounts(Cause(cause), added, gone))
    return (rows[0][0] if rows else 0), counts


def _by_cause(moves: Iterable[CauseCounts]) -> tuple[CauseCounts, ...]:
    sums: dict[Cause, list[int]] = {}
    for moved in moves:
        both = sums.setdefault(moved.cause, [0, 0])
        both[0] += moved.added
        both[1] += moved.left
    return tuple(CauseCounts(cause, *sums[cause]) for cause in Cause if cause in sums)


def _markers(segment: Segment, edges: Sequence[datetime]) -> tuple[Marker, ...]:
    versions = segment.versions.filter(at__gte=edges[0], at__lt=edges[-1])
    return tuple(
        Marker(version, sum(edge <= version.at for edge in edges) - 1)
        for version in versions.select_related("user").order_by("at", "number")
    )


# --- who was in ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Past:
    """Some of those who were in a segment at an instant, by profile id, and how many they were."""

    count: int
    ids: tuple[int, ...]
    before: int | None = None
    """The id before which the page before this one lies; None where there is none."""
    after: int | None = None


def members_on(
    segment: Segment,
    instant: datetime,
    *,
    limit: int = 50,
    after: int | None = None,
    before: int | None = None,
) -> Past:
    """Tell who was in at an instant; a change that counts from that very instant has been made.

    At most `limit` ids, ascending: the first beyond `after`, or the last below `before`. Ids of
    people who are no longer there, merged or erased, are among them.
    """
    backwards = before is not None
    beyond, direction = ("<", "DESC") if backwards else (">", "ASC")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH later AS MATERIALIZED (
                         SELECT id, profile_id, entered FROM ({_COUNTS_FROM}) AS ledger
                         WHERE since > %(instant)s),
                     inside AS (
                         SELECT profile_id FROM segments_membership m
                         WHERE segment_id = %(segment)s AND NOT EXISTS (
                             SELECT FROM later WHERE later.profile_id = m.profile_id)
                         UNION ALL  -- who left first was in, who entered first was not
                         SELECT profile_id FROM (
                             SELECT DISTINCT ON (profile_id) profile_id, entered FROM later
                             ORDER BY profile_id, id) AS first WHERE NOT entered)
                SELECT s.size + (SELECT count(*) FILTER (WHERE NOT entered)
                                      - count(*) FILTER (WHERE entered) FROM later),
                       ARRAY(SELECT profile_id FROM inside
                             WHERE %(cursor)s::bigint IS NULL OR profile_id {beyond} %(cursor)s
                             ORDER BY profile_id {direction} LIMIT %(limit)s)
                FROM segments_segment s WHERE s.id = %(segment)s""",
            {
                "segment": segment.pk,
                "instant": instant,
                "floor": instant - SKEW,
                "cursor": before if backwards else after,
                "limit": limit + 1,
            },
        )
        row = cursor.fetchone()
    count, found = row or (0, [])
    ids, more = tuple(sorted(found[:limit])), len(found) > limit
    has_before, has_after = (more, True) if backwards else (after is not None, more)
    return Past(
        count,
        ids,
        before=ids[0] if ids and has_before else None,
        after=ids[-1] if ids and has_after else None,
    )


@dataclass(frozen=True)
class Stay:
    """Since when somebody had been in at an instant, and when they left after it."""

    since: datetime | None
    left: datetime | None


def stays(segment: Segment, ids: Sequence[int], instant: datetime) -> dict[int, Stay]:
    """The stays of members of an instant, by profile id; None where the ledger does not say."""
    rows = MembershipChange.objects.of_people(segment.account_id, ids).filter(segment=segment)
    found = dict.fromkeys(ids, Stay(None, None))
    counts_from: dict[int, datetime] = {}
    for row in rows.order_by("pk"):
        person, earliest = row.profile_id, min(row.true_since, row.at)
        since = counts_from[person] = max(counts_from.get(person, earliest), earliest)
        if row.entered and since <= instant:
            found[person] = replace(found[person], since=since)
        elif not row.entered and since > instant and found[person].left is None:
            found[person] = replace(found[person], left=since)
    return found
