"""profile-group-membership: who is (not) in a list or a segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.dates import GroupDates
from profiles.columns.instants import to_datetime
from profiles.columns.population import Population
from profiles.columns.row_reader import GroupRows
from profiles.facts import FactKey
from segmenter.kernel.errors import Problem
from segments.definition import words
from segments.definition.evidence import Belongs, Evidence
from segments.definition.fields import FilterOf, Flag, GroupKeys, declare
from segments.definition.needs import MustJoin, MustLeave
from segments.definition.operators import TIMEFRAME, AllTime, DateFilter
from segments.definition.tree import Condition, Crossing, Names, kind
from segments.definition.windows import Moment


@kind
@dataclass(frozen=True)
class ProfileGroupMembership(Condition):
    type: ClassVar[str] = "profile-group-membership"
    title: ClassVar[str] = _("If someone is in a list or segment (or not)")
    icon: ClassVar[str] = "lists"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "is_member": True,
            "group_ids": ["Newsletter"],
            "timeframe_filter": {
                "type": "date",
                "operator": "in-the-last",
                "quantity": 30,
                "unit": "day",
            },
        },
        {"is_member": False, "group_ids": ["Newsletter", "Almost there"]},
    )

    is_member: bool = declare(Flag(), _("Is a member"))
    group_ids: tuple[str, ...] = declare(GroupKeys(), _("Lists or segments"))
    timeframe_filter: DateFilter | Any = declare(
        FilterOf(TIMEFRAME), _("Added"), optional=True, nullable=True
    )

    def mask(self, people: Population, at: datetime) -> Bools:
        moment = Moment(at, people.zone)
        inside = people.nobody()
        for key in self.group_ids:
            group = people.group(key)
            inside[group.profiles[self._counts(group, moment)]] = True
        return inside if self.is_member else ~inside

    def _counts(self, group: GroupRows, moment: Moment) -> Bools:
        """bool[k]: which memberships count."""
        if self.timeframe_filter:
            counts = self.timeframe_filter.holds(group.since, moment)
        else:
            counts = np.ones(len(group.since), dtype=np.bool_)
        if not (self.timeframe_filter and self.timeframe_filter.looks_ahead):
            counts &= moment.until_now().holds(group.since)
        return counts

    def reads(self) -> frozenset[FactKey]:
        return frozenset(facts.group(key) for key in self.group_ids)

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        timeframe = self.timeframe_filter or AllTime(operator="alltime")
        for key in self.group_ids:
            for edge in timeframe.past_edges(since, until):
                yield Crossing(GroupDates(key), edge)

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        moment = Moment(at, one.zone)
        span = self.timeframe_filter.span() if self.timeframe_filter else ""
        items, current = [], []
        for key in self.group_ids:
            group = one.group(key)
            inside = len(group.since) > 0
            counts = inside and bool(self._counts(group, moment)[0])
            since = to_datetime(int(group.since[0]), one.zone) if inside else None
            items.append(Belongs(names.group(key), since, span, counts == self.is_member))
            current += [names.group(key)] if inside else []
        if self.mask(one, at)[0]:
            return Evidence(tuple(items))
        if not self.is_member:
            return Evidence(tuple(items), (MustLeave(tuple(current)),))
        # Who joined at the wrong time would have to leave and join again: nothing to suggest.
        return Evidence(
            tuple(items), () if current else (MustJoin(tuple(map(names.group, self.group_ids))),)
        )

    def sentence(self, names: Names) -> str:
        groups = [words.as_name(names.group(key)) for key in self.group_ids]
        if not self.is_member:
            values = {"groups": words.neither(groups)}
            return gettext("who are not in %(groups)s") % values
        notes = []
        if self.timeframe_filter:
            notes = [gettext("added %(when)s") % {"when": self.timeframe_filter.span()}]
        return words.with_notes(
            gettext("who are in %(groups)s") % {"groups": words.either(groups)}, notes
        )

    def problems(self) -> Iterator[Problem]:
        if self.timeframe_filter and not self.is_member:
            message = gettext("A timeframe can be set only for members.")
            yield Problem("/timeframe_filter", "invalid", message)
