"""What members and everyone did in periods: counted over columns, each person once in a rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow.compute as pc

from predictions.storage.orders import choices_of, metrics_of
from profiles.columns.ascending import Ints, positions_in
from profiles.columns.column import Bools
from profiles.columns.events import Events
from profiles.columns.gather import everyone
from profiles.columns.instants import NO_INSTANT, to_micros
from profiles.columns.population import Population
from profiles.models import Metric
from segmenter.accounts.models import Account
from segments.engine.past_members import members_at
from segments.engine.small_groups import LEAST_PEOPLE
from segments.models import Segment

METRICS = {"received": "Received Email", "opened": "Opened Email", "clicked": "Clicked Email"}
ORDERS = "orders"
MACHINE = "Apple Privacy Open"


class PerformanceMeasure(StrEnum):
    OPENED = "opened"
    OPENED_WITHOUT_MACHINES = "opened_without_machines"
    CLICKED = "clicked"
    ORDERS = "orders"
    REVENUE = "revenue"


RATES = (
    PerformanceMeasure.OPENED,
    PerformanceMeasure.OPENED_WITHOUT_MACHINES,
    PerformanceMeasure.CLICKED,
)
"""Shares of recipients; the others are averages a person."""


class WhoseMembers(StrEnum):
    """Of which people the segment's line is in a period."""

    THEN = "then"
    """Those who were members when the period began."""
    NOW = "now"
    """The present members, in every period."""


@dataclass
class GroupTally:
    """Sums over some people in one period. Rates are of `reached`: who received mail or reacted."""

    people: int = 0
    count: dict[PerformanceMeasure, float] = field(
        default_factory=lambda: dict.fromkeys(PerformanceMeasure, 0.0)
    )
    reached: dict[PerformanceMeasure, int] = field(default_factory=lambda: dict.fromkeys(RATES, 0))

    def value(self, measure: PerformanceMeasure) -> float | None:
        """A share of 0 to 1, or an average a person; None of too few people."""
        base = self.reached[measure] if measure in RATES else self.people
        return self.count[measure] / base if base >= LEAST_PEOPLE else None


@dataclass(frozen=True)
class PerformancePeriod:
    """[start, end). `here` is None if it began before the segment existed."""

    start: datetime
    end: datetime
    here: GroupTally | None
    everyone: GroupTally


def performance(
    segment: Segment, edges: Sequence[datetime], whose: WhoseMembers
) -> list[PerformancePeriod]:
    """Count what members and everyone did in the periods between some ascending instants.

    People count from when they are known: created, or first active.
    """
    account = segment.account
    people = everyone(account)
    starts = list(edges[:-1])
    if whose is WhoseMembers.THEN:
        known = [start for start in starts if start >= segment.created]
        past = dict(zip(known, members_at(segment, known), strict=True))
    else:
        present = members_at(segment, [edges[-1]])[0]
        past = dict.fromkeys(starts, present)
    periods = [
        PerformancePeriod(start, end, GroupTally() if start in past else None, GroupTally())
        for start, end in pairwise(edges)
    ]
    keys = metric_keys(account)
    for population, counts in people.shares:
        mine = population.everybody() if counts is None else counts
        columns = _Columns(population, keys)
        for period in periods:
            _add(columns, period, mine, past.get(period.start))
    return periods


def metric_keys(account: Account) -> dict[str, str]:
    """Which metrics the account has, by what they are for."""
    keys = dict(Metric.objects.filter(account=account).values_list("name", "key"))
    metrics = {use: keys[name] for use, name in METRICS.items() if name in keys}
    order = metrics_of(account, choices_of(account)).get("order_metric")
    return metrics | ({ORDERS: order} if order else {})


class _Columns:
    """The events of some people, and since when each person is known."""

    def __init__(self, population: Population, keys: Mapping[str, str]) -> None:
        self.population = population
        self.events = {use: population.events(key) for use, key in keys.items()}
        never = np.iinfo(np.int64).max
        times = [
            population.attribute(name).instant_per_row() for name in ("created", "first_active")
        ]
        self.known_since = np.minimum(*(np.where(t == NO_INSTANT, never, t) for t in times))

    def within(self, use: str, period: PerformancePeriod) -> Events:
        events = self.events.get(use) or Events.none(len(self.population))
        return events.within(to_micros(period.start), to_micros(period.end))

    def members(self, ids: Ints) -> Bools:
        """bool[n]: who of these people is among some ids."""
        places, present = positions_in(self.population.ids, ids)
        inside = self.population.nobody()
        inside[places[present]] = True
        return inside


def _add(columns: _Columns, period: PerformancePeriod, mine: Bools, members: Ints | None) -> None:
    n = len(columns.population)
    known = mine & (columns.known_since < to_micros(period.end))
    received = _who(columns.within("received", period), n)
    opens, orders = columns.within("opened", period), columns.within(ORDERS, period)
    did = {
        PerformanceMeasure.OPENED: _who(opens, n),
        PerformanceMeasure.OPENED_WITHOUT_MACHINES: _who(opens.where(~_by_machine(opens)), n),
        PerformanceMeasure.CLICKED: _who(columns.within("clicked", period), n),
    }
    amounts = orders.values[orders.rows]
    amounts = np.where(np.isfinite(amounts), amounts, 0.0)
    totals = {
        PerformanceMeasure.ORDERS: np.bincount(orders.who, minlength=n).astype(np.float64),
        PerformanceMeasure.REVENUE: np.bincount(orders.who, weights=amounts, minlength=n),
    }
    groups: list[tuple[GroupTally, Bools]] = [(period.everyone, known)]
    if period.here is not None and members is not None:
        groups.append((period.here, known & columns.members(members)))
    for tally, group in groups:
        tally.people += int(np.count_nonzero(group))
        for measure, who in did.items():
            tally.count[measure] += int(np.count_nonzero(who & group))
            tally.reached[measure] += int(np.count_nonzero((received | who) & group))
        for measure, sums in totals.items():
            tally.count[measure] += float(sums[group].sum())


def _who(events: Events, n: int) -> Bools:
    """bool[n]: who has any of the events."""
    who = np.zeros(n, dtype=np.bool_)
    who[events.who] = True
    return who


def _by_machine(events: Events) -> Bools:
    """bool[m]: which opens are of a mail program that opens everything."""
    column = events.column(MACHINE)
    says_true: Any = pc.fill_null(pc.equal(pc.utf8_lower(column.values.texts), "true"), False)
    return column.spread(column.values.truths | np.asarray(says_true, dtype=np.bool_))
