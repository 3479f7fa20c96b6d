"""How a list grew lately: who was added and removed in each period, and its size at the end.

Sizes are counted backwards from the present one, over the rows of members and of removals. Who was
removed before `List.removals_since` has no row, and is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from django.db import connection
from django.utils.formats import date_format, localize
from django.utils.translation import gettext, pgettext

from profiles.models import List
from profiles.page import PERIODS
from segmenter.kernel import charts
from segmenter.kernel.periods import Unit, bounds, name_of_period

SIZE, ADDED, REMOVED = 1, 2, 3
"""Colours of the chart."""

_MOVES = """WITH moves AS (
    SELECT joined AS time, 1 AS added, 0 AS removed FROM profiles_listmember
    WHERE list_id = %(list)s
    UNION ALL SELECT joined, 1, 0 FROM profiles_listremoval WHERE list_id = %(list)s
    UNION ALL SELECT removed, 0, 1 FROM profiles_listremoval WHERE list_id = %(list)s
)
SELECT width_bucket(time, %(edges)s::timestamptz[]), sum(added)::int, sum(removed)::int
FROM moves WHERE time >= %(first)s GROUP BY 1"""


@dataclass(frozen=True)
class ListPeriod:
    """[start, end) with who was added and removed, and the members at its end, or now."""

    start: datetime
    name: str
    added: int
    removed: int
    size: int


def list_growth(group: List, size: int, unit: Unit, at: datetime) -> list[ListPeriod]:
    """The latest periods, oldest first; `size` is the number of members now."""
    zone = group.account.zone
    longest = {Unit.DAY: timedelta(days=1), Unit.WEEK: timedelta(weeks=1)}
    span = longest.get(unit, timedelta(days=31)) * (PERIODS[unit] + 1)
    edges = bounds(unit, at - span, at, zone)[-PERIODS[unit] - 1 :]
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, {"list": group.pk, "edges": edges, "first": edges[0]})
        moves = {period: (added, removed) for period, added, removed in cursor.fetchall()}
    counts = [moves.get(number + 1, (0, 0)) for number in range(len(edges) - 1)]
    later = moves.get(len(edges), (0, 0))  # dated ahead
    changes = [added - removed for added, removed in counts]
    before = size - sum(changes) - (later[0] - later[1])
    sizes = list(accumulate(changes, initial=before))[1:]
    return [
        ListPeriod(begin, name_of_period(unit, begin, zone), *count, now_in)
        for (begin, _end), count, now_in in zip(pairwise(edges), counts, sizes, strict=True)
    ]


def list_chart(group: List, unit: Unit, periods: Sequence[ListPeriod]) -> charts.Chart:
    """A line of sizes above bars of who was added and removed."""
    form = gettext("M Y") if unit is Unit.MONTH else gettext("j M")
    added = [period.added for period in periods]
    removed = [-period.removed for period in periods]
    return charts.draw(
        key="list-growth",
        title=gettext("How the list grew"),
        summary=gettext("%(added)s added and %(removed)s removed. The table has all figures.")
        % {"added": localize(sum(added)), "removed": localize(-sum(removed))},
        panels=[
            charts.Panel(
                [charts.ChartLine(gettext("People"), [one.size for one in periods], SIZE)], 140
            ),
            charts.Panel(
                [
                    charts.Bars(pgettext("to a list", "Added"), added, ADDED),
                    charts.Bars(pgettext("from a list", "Removed"), removed, REMOVED),
                ],
                90,
            ),
        ],
        labels=[date_format(one.start.astimezone(group.account.zone), form) for one in periods],
        slots=[
            gettext("%(period)s: %(size)s people, %(added)s added, %(removed)s removed")
            % {
                "period": one.name,
                "size": localize(one.size),
                "added": localize(one.added),
                "removed": localize(one.removed),
            }
            for one in periods
        ],
    )
