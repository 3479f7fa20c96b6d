"""How often a metric happened lately: events, people and values by period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from django.utils.formats import date_format, localize
from django.utils.translation import gettext, pgettext

from profiles.columns.gather import everyone
from profiles.columns.instants import to_micros
from profiles.models import Metric
from profiles.page import PERIODS
from segmenter.accounts.models import Account
from segmenter.kernel import charts
from segmenter.kernel.periods import Unit, bounds, name_of_period
from segmenter.kernel.periods import start_of_day as start

EVENTS, PEOPLE, VALUE = 1, 2, 4
"""Colours of the chart."""


@dataclass(frozen=True)
class ActivityPeriod:
    """What happened in a period."""

    start: datetime
    events: int
    people: int
    value: float


def recent_bounds(account: Account, unit: Unit, at: datetime) -> list[datetime]:
    """The bounds of the latest periods, oldest first; the last one has not ended."""
    today = start(at.astimezone(account.zone).date(), account.zone)
    days = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31}[unit]
    first = today.timestamp() - (PERIODS[unit] + 1) * days * 86_400
    edges = bounds(unit, datetime.fromtimestamp(first, tz=account.zone), at, account.zone)
    return edges[-PERIODS[unit] - 1 :]


def metric_activity(
    account: Account, metric: Metric, unit: Unit, at: datetime
) -> list[ActivityPeriod]:
    """The latest periods, oldest first. Events after `at` do not count."""
    edges = recent_bounds(account, unit, at)
    present = to_micros(at) + 1
    instants = [min(to_micros(edge), present) for edge in edges]
    sums = np.zeros((len(edges) - 1, 3))
    for part, share in everyone(account).shares:
        events = part.events(metric.key)
        for row, (begin, end) in enumerate(pairwise(instants)):
            some = events.within(begin, end)
            if share is not None:
                some = some.where(share[some.who])
            sums[row] += (len(some), len(np.unique(some.who)), np.nansum(some.values[some.rows]))
    return [
        ActivityPeriod(begin, int(events), int(people), float(value))
        for begin, (events, people, value) in zip(edges[:-1], sums.tolist(), strict=True)
    ]


def activity_chart(
    account: Account, metric: Metric, unit: Unit, periods: list[ActivityPeriod]
) -> charts.Chart:
    """Bars of events with a line of people; below it the sums of their values, if they have any."""
    zone = account.zone
    panels = [
        charts.Panel(
            [
                charts.Bars(gettext("Events"), [period.events for period in periods], EVENTS),
                charts.ChartLine(gettext("People"), [period.people for period in periods], PEOPLE),
            ],
            180,
        )
    ]
    if any(period.value for period in periods):
        values = [period.value for period in periods]
        whole = max(values) >= len(values)
        panels.append(
            charts.Panel([charts.Bars(pgettext("sum", "Value"), values, VALUE)], 100, whole=whole)
        )
    form = gettext("M Y") if unit is Unit.MONTH else gettext("j M")
    return charts.draw(
        key="activity",
        title=gettext("How often %(metric)s happened") % {"metric": metric.name},
        summary=gettext("%(events)s events in %(n)s periods. The table has all figures.")
        % {"events": localize(sum(period.events for period in periods)), "n": len(periods)},
        panels=panels,
        labels=[date_format(period.start.astimezone(zone), form) for period in periods],
        slots=[_slot(unit, period, account) for period in periods],
    )


def _slot(unit: Unit, period: ActivityPeriod, account: Account) -> str:
    return gettext("%(period)s: %(events)s events by %(people)s people") % {
        "period": name_of_period(unit, period.start, account.zone),
        "events": localize(period.events),
        "people": localize(period.people),
    }


def activity_rows(
    account: Account, unit: Unit, periods: list[ActivityPeriod]
) -> list[dict[str, Any]]:
    """The periods as rows of a table, newest first."""
    return [
        {"name": name_of_period(unit, period.start, account.zone), "period": period}
        for period in reversed(periods)
    ]
