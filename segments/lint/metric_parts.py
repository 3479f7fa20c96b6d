"""The parts of conditions that read events of one metric."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol, TypeGuard

from segments.definition.conditions.metric import MetricFilter
from segments.definition.fields import Structure
from segments.definition.operators import DateFilter, Filter
from segments.definition.windows import Moment, Window
from segments.lint.places import ConditionPlace

OPENED = "Opened Email"
MACHINE = "Apple Privacy Open"
"""The property of an opening that a machine made, and not the person."""


class ReadsEvents(Protocol):
    """A structure that names a metric and filters of its events."""

    metric_id: str
    metric_filters: Any


class MetricPart(NamedTuple):
    """A metric that a condition counts, with its filters and its timeframe."""

    place: ConditionPlace
    metric: str
    filters: tuple[MetricFilter, ...]
    timeframe: DateFilter | None


def metric_parts(place: ConditionPlace) -> Iterator[MetricPart]:
    """The metrics of a condition, in the order in which they stand."""
    timeframe = getattr(place.condition, "timeframe_filter", None)
    for metric, filters in filters_of(place.condition):
        yield MetricPart(place, metric, filters, timeframe)


def filters_of(structure: Structure) -> Iterator[tuple[str, tuple[MetricFilter, ...]]]:
    """(metric, its filters) of every part of a structure that reads events."""
    if reads_events(structure):
        yield structure.metric_id, structure.metric_filters or ()
    for field in structure.declared():
        value = getattr(structure, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Structure) and not isinstance(part, Filter | MetricFilter):
                yield from filters_of(part)


def reads_events(structure: object) -> TypeGuard[ReadsEvents]:
    """Whether a structure names a metric and filters of its events."""
    return hasattr(structure, "metric_id") and hasattr(structure, "metric_filters")


def window_of(timeframe: DateFilter | None, moment: Moment) -> Window | None:
    """The instants of a timeframe; None for one that is no window."""
    try:
        return timeframe.window(moment) if timeframe else None
    except NotImplementedError:
        return None
