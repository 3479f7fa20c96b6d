"""How a segment grew and who was a member when, from the ledger of membership. Reads only.

When a change counts: a ledger row has the time at which it became true (`true_since`) and the time
at which it was written (`at`). A change counts from the instant it became true: somebody whose
window ended at midnight left on that day, however late a worker wrote it. Two bounds keep every
size a possible count, never negative: a change never counts before an earlier change of the same
person, and never after it was written. So each person's changes keep their order, and the size at
any instant is the number of people whose last change until then was to enter. A change that is
written late changes the figures of the past, which is correct.

Sizes are counted backwards from the current size of the segment. Size and ledger are written in one
transaction and read in one statement, so they are consistent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext

from profiles.models import Cause
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.periods import Unit as Unit
from segmenter.kernel.periods import bounds as bounds
from segmenter.kernel.periods import start_of_day as start_of_day
from segments.models import MembershipChange, Segment, SegmentVersion

SKEW = timedelta(days=1)
"""Within a segment, no row's `at` is earlier than that of a preceding row by this much."""


MOST_PERIODS = {Unit.HOUR: 14 * 24 + 1, Unit.DAY: 400, Unit.WEEK: 1_200, Unit.MONTH: 1_200}
"""Periods of one report. Two weeks of hours have one more when the clocks go back."""

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
    """[start, end), with the number of members at its end, or now if it has not ended."""

    start: datetime
    end: datetime
    size: int
    causes: tuple[CauseCounts, ...]
    """In the order of `Cause`; only those that moved anyone."""

    @property
    def added(self) -> int:
        return sum(counts.added for counts in self.causes)

    @property
    def left(self) -> int:
        return sum(counts.left for counts in self.causes)

    @property
    def net(self) -> int:
        return self.added - self.left


@dataclass(frozen=True)
class Marker:
    """A version of the definition, and the index of the period in which it was made."""

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
        return _by_cause(counts for period in self.periods for counts in period.causes)


# --- the report ----------------------------------------------------------------------------------

COUNTS_FROM = """
    SELECT id, profile_id, entered, cause,
           max(least(true_since, at)) OVER (PARTITION BY profile_id ORDER BY id) AS since
    FROM segments_membershipchange
    WHERE segment_id = %(segment)s AND at >= %(floor)s"""
"""The ledger with the instants from which its rows count; right for instants from `floor` + SKEW.

Rows before `floor` were written before it, and so count from earlier instants.
"""


def growth_report(
    segment: Segment, *, unit: Unit, start: datetime, end: datetime, at: datetime
) -> Growth:
    """Sum up who entered and left in the periods that overlap [start, end), in the account's zone.

    Periods that begin after `at` are left out. Raises Invalid for a range without a period, or with
    more than MOST_PERIODS.
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
    changes = [
        sum(counts_by_cause.added - counts_by_cause.left for counts_by_cause in moves)
        for moves in causes
    ]
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
    """The current size, and who moved by number of the period: from 1; 0 before, n + 1 after."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT s.size, moved.period, moved.cause, moved.added, moved.gone
                FROM segments_segment s LEFT JOIN (
                    SELECT width_bucket(since, %(edges)s::timestamptz[]) AS period, cause,
                           count(*) FILTER (WHERE entered) AS added,
                           count(*) FILTER (WHERE NOT entered) AS gone
                    FROM ({COUNTS_FROM}) AS ledger GROUP BY 1, 2
                ) AS moved ON true WHERE s.id = %(segment)s""",
            {"segment": segment.pk, "edges": list(edges), "floor": edges[0] - SKEW},
        )
        rows = cursor.fetchall()
    counts = defaultdict(list)
    for _size, period, cause, added, left in rows:
        if period is not None:
            counts[period].append(CauseCounts(Cause(cause), added, left))
    return (rows[0][0] if rows else 0), counts


def _by_cause(moves: Iterable[CauseCounts]) -> tuple[CauseCounts, ...]:
    sums: dict[Cause, list[int]] = {}
    for counts in moves:
        both = sums.setdefault(counts.cause, [0, 0])
        both[0] += counts.added
        both[1] += counts.left
    return tuple(CauseCounts(cause, *sums[cause]) for cause in Cause if cause in sums)


def _markers(segment: Segment, edges: Sequence[datetime]) -> tuple[Marker, ...]:
    versions = segment.versions.filter(at__gte=edges[0], at__lt=edges[-1])
    return tuple(
        Marker(version, sum(edge <= version.at for edge in edges) - 1)
        for version in versions.select_related("user").order_by("at", "number")
    )


def counted_between(
    segment: Segment, start: datetime | None, end: datetime | None
) -> QuerySet[MembershipChange]:
    """The ledger's rows that count from an instant in [start, end); None: without that bound."""
    rows = MembershipChange.objects.filter(account=segment.account_id, segment=segment)
    since = datetime.min.replace(tzinfo=UTC) if start is None else start
    until = datetime.max.replace(tzinfo=UTC) if end is None else end
    floor = since if start is None else start - SKEW
    ledger = COUNTS_FROM % {"segment": "%s", "floor": "%s"}
    ids = RawSQL(
        f"SELECT id FROM ({ledger}) AS ledger WHERE since >= %s AND since < %s",
        [segment.pk, floor, since, until],
    )
    return rows.filter(pk__in=ids)


# --- who was in ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PastMembers:
    """A page of the members of a segment at an instant, by profile id, and their total number."""

    count: int
    ids: tuple[int, ...]
    before: int | None = None
    """The id for the link to the page before; None if there is none."""
    after: int | None = None


def members_on(
    segment: Segment,
    instant: datetime,
    *,
    limit: int = 50,
    after: int | None = None,
    before: int | None = None,
) -> PastMembers:
    """Return who was a member at an instant; changes that count from it are included.

    At most `limit` ids, ascending: the first ones above `after`, or the last ones below `before`.
    Ids of people who no longer exist, merged or erased, are included.
    """
    backwards = before is not None
    beyond, direction = ("<", "DESC") if backwards else (">", "ASC")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH later AS MATERIALIZED (
                         SELECT id, profile_id, entered FROM ({COUNTS_FROM}) AS ledger
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
    count, page_ids = row or (0, [])
    ids, more = tuple(sorted(page_ids[:limit])), len(page_ids) > limit
    has_before, has_after = (more, True) if backwards else (after is not None, more)
    return PastMembers(
        count,
        ids,
        before=ids[0] if ids and has_before else None,
        after=ids[-1] if ids and has_after else None,
    )


@dataclass(frozen=True)
class Stay:
    """Since when somebody was a member at an instant, and when they left after it."""

    since: datetime | None
    left: datetime | None


def stays(segment: Segment, ids: Sequence[int], instant: datetime) -> dict[int, Stay]:
    """The stays of the members at an instant, by profile id; None where the ledger has no row."""
    rows = MembershipChange.objects.of_people(segment.account_id, ids).filter(segment=segment)
    result = dict.fromkeys(ids, Stay(None, None))
    counts_from: dict[int, datetime] = {}
    for row in rows.order_by("pk"):
        person, earliest = row.profile_id, min(row.true_since, row.at)
        since = counts_from[person] = max(counts_from.get(person, earliest), earliest)
        if row.entered and since <= instant:
            result[person] = replace(result[person], since=since)
        elif not row.entered and since > instant and result[person].left is None:
            result[person] = replace(result[person], left=since)
    return result
