"""Events of one metric: how often, or how much, in windows that contain each other or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, prod
from typing import NamedTuple

import numpy as np

from profiles.columns.column import Bools, Floats
from profiles.columns.events import VALUE
from profiles.columns.instants import LAST
from segments.definition.conditions.metric import MetricFilter, ProfileMetric
from segments.definition.operators import AllTime, DateFilter, StaticDate, StaticRange
from segments.definition.tree import Condition
from segments.definition.windows import Moment, Window
from segments.lint.logic.subject import Signatures, Subject, spots_around, subjects

MOST_ROWS = 4_096
WHOLE = frozenset({"count", "distinct"})
"""Measurements that are whole numbers, and that more events can only raise."""
_MANY = 1e15


@dataclass(frozen=True)
class MetricSubject(Subject):
    """What someone did: all events of a metric."""

    metric: str

    def signatures(self, conditions: Sequence[Condition], moment: Moment) -> Signatures | None:
        metrics = [c for c in conditions if isinstance(c, ProfileMetric)]
        quantities = list(dict.fromkeys(_quantity(c, moment) for c in metrics))
        spots = [_spots(q, metrics, moment) for q in quantities]
        if prod(map(len, spots)) > MOST_ROWS:
            return None
        grid = np.stack([axis.ravel() for axis in np.meshgrid(*spots, indexing="ij")])
        for i, inner in enumerate(quantities):
            for j, outer in enumerate(quantities):
                if i != j and inner.is_part_of(outer):
                    grid = grid[:, _agree(inner, grid[i], outer, grid[j])]
        truths = [_holds(c, grid[quantities.index(_quantity(c, moment))]) for c in metrics]
        rows = np.unique(np.stack(truths, axis=1), axis=0)
        return Signatures(rows, np.ones(len(rows), dtype=np.bool_))


@subjects.register(ProfileMetric.type)
def _of_metric(condition: Condition) -> Subject:
    assert isinstance(condition, ProfileMetric)
    return MetricSubject(condition.metric_id)


class _Quantity(NamedTuple):
    """A measured value: of which events, and what of them."""

    measurement: str
    measured: str
    timeframe: DateFilter
    window: Window | None
    """The instants of the events; None for a timeframe that is no window."""
    reach: int
    """Until when events will still count; LAST if the end moves with the present."""
    filters: frozenset[MetricFilter]

    @property
    def is_empty(self) -> bool:
        """Whether there are never any events, because the range ends before it begins."""
        return self.window is not None and self.window.end <= self.window.start

    def is_part_of(self, other: _Quantity) -> bool:
        """Whether all its events are among those of the other one."""
        inner, outer = self.window, other.window
        if not self.filters >= other.filters:
            return False
        if inner is None:
            return self.timeframe == other.timeframe or isinstance(other.timeframe, AllTime)
        if outer is None or self.reach > other.reach:
            return False
        return outer.start <= inner.start and inner.end <= outer.end


def _quantity(condition: ProfileMetric, moment: Moment) -> _Quantity:
    measured = "" if condition.measurement == "count" else condition.measurement_property or VALUE
    timeframe = condition.timeframe_filter
    filters = frozenset(condition.metric_filters or ())
    window = _past_window(timeframe, moment)
    reach = _reach(timeframe, moment)
    return _Quantity(condition.measurement, measured, timeframe, window, reach, filters)


def _past_window(timeframe: DateFilter, moment: Moment) -> Window | None:
    """The instants of a timeframe up to now, as far as it does not look ahead.

    One that has not begun stays as it is: what is to come in it is not known.
    """
    try:
        window = timeframe.window(moment)
    except NotImplementedError:
        return None
    if timeframe.looks_ahead or window.end <= window.start:
        return window
    end = moment.until_now().end
    return window.before(end) if window.start < end else window


def _reach(timeframe: DateFilter, moment: Moment) -> int:
    """Until when events of a timeframe will still count: ranges that look alike today may end on
    different days."""
    try:
        end = timeframe.window(moment).end
    except NotImplementedError:
        return LAST
    is_fixed = isinstance(timeframe, StaticDate | StaticRange) or timeframe.looks_ahead
    return end if is_fixed or end <= moment.micros else LAST


def _spots(quantity: _Quantity, conditions: list[ProfileMetric], moment: Moment) -> Floats:
    """Values of a quantity between which all conditions answer alike."""
    if quantity.measurement in WHOLE:
        # The same ones for all of these quantities, so that they can be compared.
        bounds = [
            bound
            for c in conditions
            if c.measurement in WHOLE
            for bound in c.measurement_filter.bounds
        ]
        around = {n for b in bounds for n in range(floor(b) - 1, ceil(b) + 2) if 0 <= n < _MANY}
        return np.array([0.0] if quantity.is_empty else sorted({0, 1, *around, _MANY}), float)
    bounds = [
        bound
        for c in conditions
        if _quantity(c, moment) == quantity
        for value in c.measurement_filter.bounds
        for bound in (value, round(value, 4))
    ]
    empty = 0.0 if quantity.measurement == "sum" else np.nan
    return np.array([empty] if quantity.is_empty else [*spots_around(bounds), empty], float)


def _agree(inner: _Quantity, part: Floats, outer: _Quantity, whole: Floats) -> Bools:
    """bool[]: where values of a part of some events and of all of them can occur together."""
    agree = np.ones(len(part), dtype=np.bool_)
    if outer.measurement == "count":
        is_none = part == 0 if inner.measurement in {"sum", *WHOLE} else np.isnan(part)
        agree &= (whole > 0) | is_none
    is_comparable = outer.measurement == "count" or (
        inner.measurement == outer.measurement and inner.measured == outer.measured
    )
    if inner.measurement in WHOLE and outer.measurement in WHOLE and is_comparable:
        agree &= part <= whole
    return agree


def _holds(condition: ProfileMetric, amounts: Floats) -> Bools:
    test = condition.measurement_filter
    return test.holds(amounts) if condition.measurement in WHOLE else test.holds_money(amounts)
