"""Filters of the list of people that the apps above offer, such as conditions of segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segmenter.accounts.access import SeatRequest
from segmenter.kernel.registry import Registry


@dataclass(frozen=True)
class FilteredPeople:
    """What a filter makes of a request."""

    ids: Sequence[int] | None = None
    """The ids of those who pass, ascending; None if nothing was asked."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the address that ask the same again."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """For the templates of the filter, as `filter`."""


@dataclass(frozen=True)
class PeopleFilter:
    """A filter: its inputs within the form of the search, what it says, and how it answers."""

    inputs: str
    """A template."""
    summary: str
    """A template above the table."""
    apply: Callable[[SeatRequest], FilteredPeople]


people_filters: Registry[PeopleFilter] = Registry("filter of people")
"""Filled in the `extensions.py` of rooms."""


def apply_filters(request: SeatRequest) -> list[tuple[PeopleFilter, FilteredPeople]]:
    """What all filters make of a request."""
    return [(each, each.apply(request)) for _name, each in people_filters.items()]
