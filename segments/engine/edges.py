"""Changes by the passing of time: who crosses the edge of a window gets a ProfileChange.

Each account has a clock that advances from minute to minute and stops at each midnight of its zone.
One move of the clock and the changes that follow from it are one transaction, so that no edge is
skipped and none is handled twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from profiles import changes, facts
from profiles.columns.dates import EventTimes, GroupDates
from profiles.columns.gather import everyone
from profiles.columns.instants import FIRST, LAST, to_datetime
from profiles.columns.people import People
from profiles.columns.population import UnknownKey
from profiles.facts import FactKey
from profiles.ingest.activity import move_activity
from profiles.models import Cause
from segmenter.accounts.models import Account
from segments.definition.tree import All, Crossing, conditions
from segments.definition.windows import Moment, Window
from segments.engine.dependencies import plan_of
from segments.models import AccountClock

MINUTE = timedelta(minutes=1)
MOST_MIDNIGHTS = 400
"""Midnights that are processed one by one; earlier ones are processed in one step."""
MOST_MINUTES = 500
"""Stops on the way to the present. With more, several hours are one step, but never a midnight."""


def clock_of(account: Account, at: datetime) -> AccountClock:
    """The account's clock, created when it is first read."""
    clock, _ = AccountClock.objects.get_or_create(
        account=account, defaults={"until": on_the_minute(at), "time_zone": account.time_zone}
    )
    return clock


def on_the_minute(at: datetime) -> datetime:
    """The last full minute, in UTC."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def clock_stops(
    account: Account, at: datetime, *, present: Callable[[], datetime] | None = None
) -> list[datetime]:
    """Where the account's clock must stop on its way to `at`.

    That is the last minute and, if the clock is late, each midnight and each minute at which
    somebody crosses an edge: the latest MOST_MIDNIGHTS midnights, and about MOST_MINUTES minutes.
    The search takes time, so `present` is asked repeatedly: no stop is later than the present.
    """
    since, last = clock_of(account, at).until, on_the_minute(at)
    if last <= since:
        return []
    if last - since <= MINUTE:
        return [last]
    moment = Moment(last, account.zone)
    stops = {last}
    for days in range(MOST_MIDNIGHTS):
        midnight = to_datetime(moment.start_of(moment.today - timedelta(days=days)), _UTC)
        if midnight <= since:
            break
        stops |= {stop for stop in (midnight - MINUTE, midnight) if since < stop < last}
    trees = [live.tree for live in plan_of(account.pk, building=True)]
    minutes: list[datetime] = []
    for stop in sorted(stops):
        if present is not None and stop > present():
            break
        minutes += _minutes(account, trees, since, stop, MOST_MINUTES - len(minutes))
        since = stop
    return minutes


def _minutes(
    account: Account, trees: list[All], since: datetime, until: datetime, most: int
) -> list[datetime]:
    """The minutes in (since, until] at which somebody crosses an edge, and `until` itself."""
    if most <= 0 or until - since <= MINUTE or not changes_by_time(account, trees, since, until):
        return [until]
    middle = on_the_minute(since + (until - since) / 2)
    first = _minutes(account, trees, since, middle, most) if middle > since else []
    return first + _minutes(account, trees, max(middle, since), until, most - len(first))


_UTC = ZoneInfo("UTC")


def advance(account: Account, at: datetime) -> int:
    """Move the account's clock to `at`; return how many changes were written."""
    return sum(move_clock(account, until) for until in clock_stops(account, at))


@transaction.atomic
def move_clock(
    account: Account, until: datetime, *, present: Callable[[], datetime] | None = None
) -> int:
    """Move the clock to the next stop, and write a change for everyone who crossed an edge.

    The clock never passes the `present`, which is asked again: the system clock may have gone back.
    """
    clock = AccountClock.objects.select_for_update().get(account=account)
    if clock.until >= until or (present is not None and until > present()):
        return 0
    trees = [live.tree for live in plan_of(account.pk, building=True)]
    changed_facts = changes_by_time(account, trees, clock.until, until)
    changes.record(account.pk, changed_facts, cause=Cause.TIME, at=until)
    move_activity(account.pk, since=clock.until, until=until)
    clock.until = until
    clock.save(update_fields=["until"])
    return len(changed_facts)


def changes_by_time(
    account: Account, trees: Iterable[All], since: datetime, until: datetime
) -> dict[int, set[FactKey]]:
    """Who may match differently at `until` than at `since` by time alone, and by which facts.

    An event that was stored after it happened has a change of its own. So when the present itself
    passes over events, only events that were stored before their time count.
    """
    moments = Moment(since, account.zone), Moment(until, account.zone)
    distinct = {condition for tree in trees for _, condition in conditions(tree)}
    changed_facts: dict[int, set[FactKey]] = {}
    arrivals: dict[Window, set[str]] = {}
    people: People | None = None
    for crossing in {
        crossing_of for condition in distinct for crossing_of in condition.edges(*moments)
    }:
        dates, edge = crossing
        present = edge.window.start > moments[0].micros and not edge.yearly
        if present and isinstance(dates, EventTimes):
            arrivals.setdefault(edge.window, set()).add(dates.metric)
            continue
        if dates.sql and not edge.yearly:
            profile_ids = _by_rows(account, crossing)
        else:
            if people is None:
                people = everyone(account)  # read once for all crossings
            profile_ids = _by_columns(people, crossing)
        for profile_id in profile_ids:
            changed_facts.setdefault(profile_id, set()).add(dates.fact)
    for window, metrics in arrivals.items():
        for profile_id, metric in _arrivals(account.pk, window, metrics):
            changed_facts.setdefault(profile_id, set()).add(facts.metric(metric))
    return changed_facts


def _by_columns(people: People, crossing: Crossing) -> list[int]:
    try:
        ids: list[int] = people.ids[people.answer(crossing.among)].tolist()
    except UnknownKey:
        return []  # evaluating the segment reports it
    return ids


_ENTERED = """SELECT profile_id FROM segments_membership
    WHERE entered >= %(start)s AND entered < %(end)s
    AND segment_id = (SELECT id FROM segments_segment
                      WHERE account_id = %(account)s AND key = %(key)s)"""


def _by_rows(account: Account, crossing: Crossing) -> list[int]:
    ids = _ids(crossing.dates.sql, account.pk, crossing.edge.window, asdict(crossing.dates))
    if isinstance(crossing.dates, GroupDates):
        ids += _ids(_ENTERED, account.pk, crossing.edge.window, asdict(crossing.dates))
    return ids


def _ids(query: str, account_id: int, window: Window, parameters: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"account": account_id, **_bounds(window), **parameters})
        return [row[0] for row in cursor.fetchall()]


def _arrivals(account_id: int, window: Window, metrics: set[str]) -> list[tuple[int, str]]:
    """(person, metric) of events that were stored before their time, which is in the window."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT e.profile_id, m.key FROM profiles_event e"
            " JOIN profiles_metric m ON m.id = e.metric_id"
            " WHERE e.account_id = %(account)s AND e.time > e.received"
            " AND e.time >= %(start)s AND e.time < %(end)s AND m.key = ANY(%(metrics)s)",
            {"account": account_id, "metrics": sorted(metrics), **_bounds(window)},
        )
        return cursor.fetchall()


def _bounds(window: Window) -> dict[str, str]:
    return {"start": _timestamp(window.start), "end": _timestamp(window.end)}


def _timestamp(micros: int) -> str:
    if micros in {FIRST, LAST}:
        return "-infinity" if micros == FIRST else "infinity"
    return to_datetime(micros, _UTC).isoformat()
